"""A controller before a real cell, and what its database holds."""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.services.conftest import Pair, Service

KEY = {"x-api-key": "local-admin-key"}
DATABASE = "controller.sqlite3"
NUMBERS = itertools.count()


@dataclass(frozen=True)
class Control:
    """A controller and its cell."""

    controller: Service
    cell: Service

    def ask(self, method: str, name: str = "", **more: Any) -> requests.Response:
        """`name` may have a path behind it: `books/status`."""
        headers = {**KEY, **more.pop("headers", {})}
        return self.controller.ask(method, f"/api/v2/indexes{name and '/'}{name}", headers=headers, **more)

    def create(self, name: str, **settings: Any) -> None:
        answer = self.ask("POST", name, json=settings)
        assert answer.status_code == 200, answer.text

    @property
    def listed(self) -> list[str]:
        return [each["indexName"] for each in self.ask("GET").json()["results"]]

    @property
    def in_cell(self) -> list[str]:
        return [each["indexName"] for each in self.cell.ask("GET", "/indexes").json()["results"]]

    @property
    def rows(self) -> list[str]:
        """Names of all indexes in the database, of deleted ones as well."""
        return [name for (name,) in self.database("SELECT name FROM indexes_index ORDER BY name")]

    def database(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.controller.data_dir / DATABASE)) as connection, connection:
            return connection.execute(statement).fetchall()

    def fault(self, **said: Any) -> None:
        """Of the cell."""
        assert self.cell.ask("POST", "/__fake/faults", json=said).ok


@pytest.fixture(scope="session")
def shared_control(shared_pair: Pair, cell: Service) -> Control:
    return Control(shared_pair.controller.start(), cell)


@pytest.fixture
def control(shared_control: Control) -> Iterator[Control]:
    """Shared by all; afterwards the cell plays no faults."""
    yield shared_control
    shared_control.cell.ask("DELETE", "/__fake/faults")


@pytest.fixture
def migrated_pair(pair: Pair, shared_control: Control) -> Pair:
    """One's own, not started; its database has been made, which takes a first start half of its time."""
    pair.controller.data_dir.mkdir(parents=True)
    source, target = (each.controller.data_dir / DATABASE for each in (shared_control, pair))
    with closing(sqlite3.connect(source)) as made, closing(sqlite3.connect(target)) as copy:
        made.backup(copy)
        copy.execute("DELETE FROM indexes_index")
        copy.commit()
    return pair


@pytest.fixture
def own_control(migrated_pair: Pair) -> Control:
    """One's own, to be stopped and started."""
    return Control(migrated_pair.controller.start(), migrated_pair.cell.start())


@pytest.fixture
def name() -> str:
    """Of an index that nobody else has."""
    return f"books-{next(NUMBERS)}"


def assert_error(answer: requests.Response, status: int, code: str, *words: str) -> None:
    """In the form that the published client reads, with words that help."""
    assert answer.headers["Content-Type"] == "application/json", answer.text
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), answer.text
    assert {"message", "code", "type", "link"} <= told.keys()
    for word in words:
        assert word in told["message"]
