"""A shop of a hundred lines that keeps every property, or breaks the one that it is told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, jsonify, request
from werkzeug.serving import make_server

Json = dict[str, Any]
FAULTS = (
    "loses the last",
    "ignores filters",
    "repeats on pages",
    "shows the hidden",
    "pins too low",
    "forgets to delete",
)


@dataclass
class ToyShop:
    """`fault` is one of FAULTS, or empty. Documents and rules are kept by index."""

    fault: str = ""
    documents: dict[str, dict[str, Json]] = field(default_factory=dict)
    rules: dict[str, list[Json]] = field(default_factory=dict)

    def search(self, index: str, asked: Json) -> list[Json]:
        words = set(asked["q"].split())
        found = [each for each in self.documents[index].values() if self._passes(each, asked.get("filter", ""))]
        found.sort(key=lambda each: (-len(words & set(each["productTitle"].split())), each["_id"]))
        for rule in self.rules[index]:
            found = self._ruled(found, rule)
        offset = asked.get("offset", 0) - (self.fault == "repeats on pages" and asked.get("offset", 0) > 0)
        return found[offset:][: asked.get("limit", 10)]

    def _passes(self, document: Json, asked: str) -> bool:
        if not asked or self.fault == "ignores filters":
            return True
        colour, _, price = asked.removeprefix("color:").partition(" AND price:[")
        return bool(document["color"] == colour and document["price"] >= int(price.split()[0]))

    def _ruled(self, found: list[Json], rule: Json) -> list[Json]:
        if rule["type"] == "hide":
            return found if self.fault == "shows the hidden" else self._without(found, rule["documentIds"])
        (pin,) = rule["pins"]
        pinned = [each for each in found if each["_id"] == pin["id"]]
        rest, place = self._without(found, [pin["id"]]), pin["position"] - (self.fault != "pins too low")
        return [*rest[:place], *pinned, *rest[place:]]

    @staticmethod
    def _without(found: list[Json], ids: list[str]) -> list[Json]:
        return [each for each in found if each["_id"] not in ids]

    def add(self, index: str, added: list[Json]) -> None:
        kept = added[:-1] if self.fault == "loses the last" and len(added) > 3 else added
        self.documents[index].update({each["_id"]: each for each in kept})

    def delete(self, index: str, ids: list[str]) -> None:
        for name in () if self.fault == "forgets to delete" else ids:
            self.documents[index].pop(name)


def app_of(shop: ToyShop) -> Flask:
    app = Flask("toy_shop")

    @app.post("/api/v1/indexes")
    def make_index() -> Any:
        name = request.get_json()["name"]
        shop.documents[name], shop.rules[name] = {}, []
        return jsonify(name=name)

    @app.delete("/api/v1/indexes/<name>")
    def drop_index(name: str) -> Any:
        return jsonify(dropped=len(shop.documents.pop(name)))

    @app.post("/api/v1/indexes/<name>/documents")
    def add(name: str) -> Any:
        shop.add(name, request.get_json()["documents"])
        return jsonify(jobId="1", errors=[]), 202

    @app.delete("/api/v1/indexes/<name>/documents")
    def delete(name: str) -> Any:
        shop.delete(name, request.get_json()["ids"])
        return jsonify(jobId="1", errors=[]), 202

    @app.get("/api/v1/jobs/<name>")
    def job(name: str) -> Any:
        return jsonify(jobId=name, status="succeeded")

    @app.post("/api/v1/indexes/<name>/rules")
    def rule(name: str) -> Any:
        shop.rules[name].append(request.get_json())
        return jsonify(id="1"), 201

    @app.post("/api/v1/indexes/<name>/search")
    def search(name: str) -> Any:
        return jsonify(hits=shop.search(name, request.get_json()))

    return app


@contextmanager
def serving(shop: ToyShop) -> Iterator[str]:
    """Its URL."""
    server = make_server("127.0.0.1", 0, app_of(shop), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
