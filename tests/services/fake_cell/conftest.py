"""An index of one's own in the shared cell."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.services.conftest import Service

NUMBERS = itertools.count()


@dataclass(frozen=True)
class Index:
    """An index and the requests that concern it."""

    cell: Service
    name: str

    def ask(self, method: str, path: str = "", **more: Any) -> requests.Response:
        return self.cell.ask(method, f"/indexes/{self.name}{path}", **more)

    def add(self, *documents: Any, tensor_fields: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
        body = {"documents": documents, "tensorFields": tensor_fields, **more}
        answer = self.ask("POST", "/documents", json=body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def search(self, q: Any, **more: Any) -> list[dict[str, Any]]:
        answer = self.ask("POST", "/search", json={"q": q, **more})
        assert answer.status_code == 200, answer.text
        hits: list[dict[str, Any]] = answer.json()["hits"]
        return hits

    def found(self, q: Any, **more: Any) -> list[str]:
        """The ids of the hits, best first."""
        return [hit["_id"] for hit in self.search(q, **more)]

    def document(self, name: str) -> requests.Response:
        return self.ask("GET", f"/documents/{name}")

    @property
    def stats(self) -> tuple[int, int]:
        """How many documents and vectors it holds."""
        told = self.ask("GET", "/stats").json()
        return told["numberOfDocuments"], told["numberOfVectors"]


def index_in(cell: Service, **settings: Any) -> Index:
    """A new one."""
    index = Index(cell, f"index-{next(NUMBERS)}")
    answer = index.ask("POST", json=settings)
    assert answer.status_code == 200, answer.text
    return index


@pytest.fixture
def index(cell: Service) -> Iterator[Index]:
    made = index_in(cell)
    yield made
    made.ask("DELETE")


def assert_refused(answer: requests.Response, status: int, code: str, *words: str) -> None:
    """The form that the published client reads, and words that help."""
    told = answer.json()
    assert (answer.status_code, told.get("code")) == (status, code), answer.text
    assert told["type"] == "invalid_request"
    assert told["link"] is None
    for word in words:
        assert word in told["message"], told["message"]
