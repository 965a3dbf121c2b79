"""How fast products go in, and how fast they are found, beside asking the data plane directly."""

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench import workload
from bench.contenders import hd
from bench.row import Row
from hippodrome.shop.client import Shop
from hippodrome.shop.filling import make_index
from hippodrome.shop.products import documents
from hippodrome.wait import Deadline, until

KEY = "local-admin-key"
INGESTED = (1_000, 20_000)
SEARCHED = 10_000
CLIENTS = (1, 8, 32)
SEARCH_S = 5.0
CHANGES = 5  # of each kind, a round
PATIENCE_S = 30.0
QUERIES = ("warm sweater", "oak chair", "red dress", "leather boot", "table lamp", "soft rug", "blue jeans", "vase")

Write = tuple[str, str, dict[str, Any]]


@contextmanager
def shop(folder: Path) -> Iterator[tuple[Shop, str]]:
    """A running e-commerce profile: its shop, and the address of its data plane."""
    ports = workload.write_profile("ecom", folder)
    hd(folder, "up", "-d")
    try:
        url = "http://127.0.0.1:{}".format
        yield Shop(url(ports["admin_server"]), url(ports["search_proxy"]), KEY), url(ports["fake_cell"])
    finally:
        hd(folder, "down")


def ingest(_rounds: int, folder: Path) -> list[Row]:
    """From the first request until the last document can be searched."""
    rows = []
    with shop(folder) as (made, _):
        for count in INGESTED:
            index = f"in{count}"
            make_index(made, index, {})
            batch = list(islice(documents(count), count))
            began = time.perf_counter()
            made.add(index, batch)
            rate = count / (time.perf_counter() - began)
            rows.append(Row(what=f"ingest of {count} products", samples=[rate], unit="products/s"))
    return rows


def chain(rounds: int, folder: Path) -> list[Row]:
    """From a write to the back office until the gateway's answer shows it."""
    rows: dict[str, list[float]] = {"a product": [], "a change of settings": [], "a rule": []}
    with shop(folder) as (made, _):
        make_index(made, "chain", {})
        for turn in range(CHANGES * rounds):
            for took, (write, is_seen) in zip(rows.values(), _changes(made, turn), strict=True):
                took.append(_until_seen(made, write, is_seen))
    return [Row(what=f"{name} until a search shows it", samples=took, aim="≤ 2 s") for name, took in rows.items()]


def _changes(made: Shop, turn: int) -> tuple[tuple[Write, Callable[[], bool]], ...]:
    """A product, a change of settings and a rule, each with the question whether it is seen."""
    thing, place = f"thing{turn}", f"/place{turn}"
    product = {"documents": [{"_id": thing, "productTitle": thing}]}
    redirects = {"redirects": [{"query": "elsewhere", "url": place}]}
    hide = {"name": thing, "type": "hide", "scope": {"kind": "global"}, "documentIds": [thing]}
    return (
        (("POST", "documents", product), lambda: thing in made.found("chain", thing)),
        (("PATCH", "settings", redirects), lambda: made.search("chain", "elsewhere").get("redirect") == place),
        (("POST", "rules", hide), lambda: thing not in made.found("chain", thing)),
    )


def _until_seen(made: Shop, write: Write, is_seen: Callable[[], bool]) -> float:
    began = time.perf_counter()
    method, what, body = write
    made.admin(method, f"/indexes/chain/{what}", json=body)
    if not until(is_seen, Deadline(PATIENCE_S), pause_s=0.01):
        raise RuntimeError(f"{method} {what} is not seen after {PATIENCE_S:g} s")
    return time.perf_counter() - began


def searching(_rounds: int, folder: Path) -> list[Row]:
    """Half-way and ninety-ninth of all answers, through the gateway and of the data plane alone."""
    with shop(folder) as (made, cell):
        make_index(made, "big", {"collapse": False})
        made.add("big", islice(documents(SEARCHED), SEARCHED))
        index = made.admin("GET", "/indexes/big")["indexId"]
        gateway = partial(_ask, made.search_url, "/api/v1/indexes/big/search", {})
        direct = partial(_ask, cell, f"/indexes/{index}/search", {"searchMethod": "HYBRID"})
        rows = []
        for clients in CLIENTS:
            ours, limit = _milliseconds(gateway, clients), _milliseconds(direct, clients)
            for name, place in (("p50", 50), ("p99", 99)):
                beside = {"against": "the cell alone", "limit": [_percentile(limit, place)]}
                what = f"search, {clients} at once, {name}"
                rows.append(Row(what=what, samples=[_percentile(ours, place)], unit="ms", **beside))  # type: ignore[arg-type]
        return rows


def _ask(url: str, path: str, more: dict[str, str]) -> Callable[[int], None]:
    """A client with a connection of its own; each number is another question, so that no cache can answer."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
    headers = {"Content-Type": "application/json", "x-api-key": KEY}

    def ask(number: int) -> None:
        body = {"q": f"{QUERIES[number % len(QUERIES)]} {number}", "limit": 10, **more}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {text[:200]!r}")

    return ask


def _milliseconds(client: Callable[[], Callable[[int], None]], clients: int) -> list[float]:
    """Of every answer that this many clients got in a few seconds."""
    took: list[list[float]] = [[] for _ in range(clients)]
    end = time.monotonic() + SEARCH_S

    def run(which: int) -> None:
        ask, number = client(), which
        while time.monotonic() < end:
            began = time.perf_counter()
            ask(number)
            took[which].append((time.perf_counter() - began) * 1000)
            number += clients

    threads = [threading.Thread(target=run, args=(which,)) for which in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [each for one in took for each in one]


def _percentile(samples: list[float], place: int) -> float:
    return statistics.quantiles(samples, n=100)[place - 1]
