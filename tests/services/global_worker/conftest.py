"""The worker before a data plane, and shops in it: an index with settings and rules of its own."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.services.conftest import Service, services_in

Json = dict[str, Any]
NUMBERS = itertools.count()
VERSIONS = itertools.count(1)
GROUP = "parentProductId"


@dataclass(frozen=True)
class Worker:
    """The worker and the data plane that it asks, both running."""

    service: Service
    cell: Service

    def keep(self, key: str, value: Any) -> None:
        """Puts JSON into KV."""
        answer = self.service.ask("PUT", f"/__local/kv/{key}", data=json.dumps(value))
        assert answer.status_code == 200, answer.text


@dataclass(frozen=True)
class Shop:
    """An index with the products of a test."""

    worker: Worker
    id: str
    products: list[Json] = field(default_factory=list)

    def add(self, *products: Json) -> "Shop":
        body = {"documents": products, "tensorFields": ["productTitle"]}
        answer = self.worker.cell.ask("POST", f"/indexes/{self.id}/documents", json=body)
        assert answer.status_code == 200, answer.text
        assert not answer.json()["errors"], answer.text
        self.products.extend(products)
        return self

    def settings(self, **settings: Any) -> "Shop":
        self.worker.keep(f"settings:{self.id}", {"version": next(VERSIONS), **settings})
        return self

    def rules(self, *rules: Json) -> "Shop":
        """Each is global and has an id when it does not say otherwise."""
        complete = [{"id": f"rule-{n}", "scope": {"kind": "global"}, **rule} for n, rule in enumerate(rules, 1)]
        self.worker.keep(f"merch:{self.id}", {"version": str(next(VERSIONS)), "rules": complete})
        return self

    def ask(self, what: str, **body: Any) -> requests.Response:
        return self.worker.service.ask("POST", f"/indexes/{self.id}/{what}", json=body)

    def told(self, what: str, **body: Any) -> Json:
        answer = self.ask(what, **body)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    def search(self, q: str = "", **more: Any) -> Json:
        return self.told("search", q=q, **more)

    def found(self, q: str = "", **more: Any) -> list[str]:
        """Ids of the hits, in order."""
        return [hit["_id"] for hit in self.search(q, **{"limit": 100, **more})["hits"]]

    def applied(self, q: str = "") -> list[str]:
        """Ids of the rules that had a part in the answer."""
        return list(filter(None, self.ask("search", q=q).headers["x-hippodrome-rules"].split(",")))


@pytest.fixture(scope="session")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with services_in(tmp_path_factory.mktemp("worker"), "global_worker") as found:
        yield Worker(cell=found["fake_cell"].start(), service=found["global_worker"].start())


def shop_in(worker: Worker) -> Shop:
    """An empty one."""
    made = Shop(worker, f"local-shop{next(NUMBERS)}")
    body = {"collapseFields": [{"name": GROUP}], "model": "random/small"}
    answer = worker.cell.ask("POST", f"/indexes/{made.id}", json=body)
    assert answer.status_code == 200, answer.text
    return made


@pytest.fixture
def shop(worker: Worker) -> Shop:
    """Without settings, rules and products."""
    return shop_in(worker)


@pytest.fixture
def lamps(shop: Shop) -> Shop:
    """Six lamps, a to f, no two alike."""
    rows = [("a", "red", 10), ("b", "red", 20), ("c", "blue", 30), ("d", "blue", 40), ("e", "green", 50)]
    products = [
        product(name, "oak lamp" * (n + 1), color=color, price=price) for n, (name, color, price) in enumerate(rows)
    ]
    return shop.add(*products, product("f", "a bare bulb", color="green", price=5))


def product(name: str, title: str, **more: Any) -> Json:
    return {"_id": name, "productTitle": title, GROUP: name, **more}
