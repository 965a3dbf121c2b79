"""The gateway between a back office and a worker that say what a test wants."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.services.conftest import Service, services_in
from tests.services.search_proxy.upstream import Said, Upstream, running_upstream

KEY = "a-key"
FOUND = {"hits": [{"_id": "1", "productTitle": "a lamp"}], "query": "lamp", "limit": 10, "offset": 0}


@dataclass(frozen=True)
class Gateway:
    service: Service
    admin: Upstream
    worker: Upstream

    def ask(self, what: str, index: str = "shop", headers: Any = None, /, **body: Any) -> requests.Response:
        """With a key, unless other headers are said."""
        headers = {"x-api-key": KEY} if headers is None else headers
        return self.service.ask("POST", f"/api/v1/indexes/{index}/{what}", json=body, headers=headers)

    def leads_to(self, *targets: tuple[str, float], account: str = "local") -> None:
        """What the back office says of every name, from now on."""
        listed = [{"index": name, "indexId": f"{account}-{name}", "weight": weight} for name, weight in targets]
        self.admin.answers["/internal/resolve"] = Said({"account": account, "scopes": ["read"], "targets": listed})
        for name, _ in targets:
            for what in ("search", "collections", "recommendations/similar"):
                answer = Said(FOUND, headers={"x-cache": "MISS", "x-hippodrome-rules": f"of-{name}"})
                self.worker.answers[f"/indexes/{account}-{name}/{what}"] = answer

    @property
    def resolved(self) -> list[Any]:
        """What the back office was asked."""
        return [asked.body for asked in self.admin.asked if asked.path == "/internal/resolve"]


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Not started."""
    with services_in(tmp_path_factory.mktemp("gateway"), "search_proxy") as found:
        yield found["search_proxy"]


@pytest.fixture(scope="module")
def shared(service: Service) -> Iterator[Gateway]:
    with running_upstream() as admin, running_upstream() as worker:
        service.start(ADMIN_SERVER_URL=admin.url, GLOBAL_WORKER_URL=worker.url)
        yield Gateway(service, admin, worker)
        service.end(signal.SIGKILL)


@pytest.fixture
def gateway(shared: Gateway) -> Gateway:
    """The name `shop` leads to the index `local-shop`."""
    for each in (shared.admin, shared.worker):
        each.answers.clear()
        each.asked.clear()
    shared.leads_to(("shop", 1.0))
    return shared
