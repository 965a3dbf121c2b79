"""A back office with all that it asks, and accounts of one's own in it."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.services.conftest import Service, services_in

NUMBERS = itertools.count()
ORDER = ("moto", "fake_cell", "controller", "ecom_ingest", "ecom_indexer_service", "admin_server")


@dataclass(frozen=True)
class Office:
    """The running services by name, and the key of an account."""

    services: dict[str, Service]
    key: str
    account: str

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        headers = {"x-api-key": self.key, **more.pop("headers", {})}
        return self.services["admin_server"].ask(method, f"/api/v1{path}", json=body, headers=headers, **more)

    def well(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = self.ask(method, path, body, **more)
        assert answer.ok, answer.text
        return answer.json()

    def refused(self, method: str, path: str, body: Any, status: int, *words: str) -> None:
        answer = self.ask(method, path, body)
        told = answer.json()
        assert answer.status_code == status, answer.text
        assert {"message", "code", "type", "link"} <= told.keys()
        for word in words:
            assert word in told["message"], told


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Service]]:
    with services_in(tmp_path_factory.mktemp("office"), "admin_server", "ecom_indexer_service") as found:
        for name in ORDER:
            found[name].start()
        yield found


@pytest.fixture
def office(running: dict[str, Service]) -> Office:
    """A new account."""
    operator = Office(running, "local-admin-key", "local")
    name = f"o{next(NUMBERS)}"
    return Office(running, operator.well("POST", "/accounts/init", {"accountId": name})["apiKey"], name)


@pytest.fixture
def shop(office: Office) -> Office:
    """With an index `store`."""
    office.well("POST", "/indexes", {"name": "store"})
    return office
