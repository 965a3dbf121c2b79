"""The data plane with many documents: adding, searching, its memory and its start, beside numpy and tantivy alone."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from bench import workload
from bench.row import Row
from hippodrome.services.fake_cell.embedding import embed
from hippodrome.shop.products import documents
from hippodrome.wait import Deadline, until

FEW, MANY = 10_000, 100_000
BATCH = 128
DIMENSION = 768
ASKED = 200  # searches of each kind
QUERIES = ("warm sweater", "oak chair", "red dress", "leather boot", "table lamp", "soft rug", "blue jeans", "vase")
TENSOR_FIELDS = ["title"]
FILTER = "color:red AND price:[20 TO 200]"
KINDS: dict[str, dict[str, Any]] = {
    "tensor": {"searchMethod": "TENSOR"},
    "tensor, with a filter": {"searchMethod": "TENSOR", "filter": FILTER},
    "lexical": {"searchMethod": "LEXICAL"},
    "lexical, with a filter": {"searchMethod": "LEXICAL", "filter": FILTER},
    "hybrid": {"searchMethod": "HYBRID"},
}
PATIENCE_S = 300.0
LOOK_S = 0.005

Document = dict[str, Any]


class Cell:
    """One running data plane, asked over one connection."""

    def __init__(self, folder: Path) -> None:
        self.port = workload.free_ports(1)[0]
        environment = {**os.environ, "PORT": str(self.port), "DATA_DIR": str(folder), "LOG_LEVEL": "warning"}
        command = [sys.executable, "-m", "hippodrome.services.fake_cell"]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        self._connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        try:
            answer, text = self._asked(method, path, body)
        except (BrokenPipeError, ConnectionResetError, RemoteDisconnected):  # it was idle for too long
            self._connection.close()
            answer, text = self._asked(method, path, body)
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:200]!r}")
        return json.loads(text)

    def _asked(self, method: str, path: str, body: Any) -> tuple[HTTPResponse, bytes]:
        self._connection.request(method, path, None if body is None else json.dumps(body))
        answer = self._connection.getresponse()
        return answer, answer.read()

    def is_there(self) -> bool:
        try:
            self.ask("GET", "/health")
        except OSError:
            self._connection.close()
            return False
        return True

    @property
    def memory_mib(self) -> float:
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))

    def end(self) -> None:
        self._connection.close()
        self.process.terminate()
        self.process.wait(PATIENCE_S)


@contextmanager
def running(folder: Path) -> Iterator[Cell]:
    """A data plane that keeps its data in this folder."""
    cell = Cell(folder)
    try:
        if not until(cell.is_there, Deadline(PATIENCE_S), pause_s=LOOK_S):
            raise RuntimeError("the data plane does not answer")
        yield cell
    finally:
        cell.end()


def cell(_rounds: int, folder: Path) -> list[Row]:
    """All of it, once: filling takes longest."""
    things = [_thing(each) for each in islice(documents(MANY), MANY)]
    with running(folder) as made:
        few = _add(made, "few", things[:FEW])
        many = _add(made, "many", things)
        memory = made.memory_mib
        rows = [
            Row(what=f"add {FEW} documents", samples=[FEW / few], unit="documents/s"),
            Row(
                what=f"add {MANY} documents",
                samples=[MANY / many],
                unit="documents/s",
                against=f"{FEW}",
                limit=[FEW / few],
                aim="no slower",
            ),
            Row(
                what=f"memory with {MANY + FEW} documents",
                samples=[memory],
                unit="MiB",
                against="their vectors alone",
                limit=[(MANY + FEW) * DIMENSION * 4 / 2**20],
            ),
            *_searched(made, things),
        ]
    return [*rows, *_started(folder)]


def _thing(document: Document) -> Document:
    kept = ("_id", "brand", "color", "price", "rating", "description")
    return {"title": document["productTitle"], **{name: document[name] for name in kept if name in document}}


def _add(cell: Cell, index: str, things: list[Document]) -> float:
    """Seconds."""
    cell.ask("POST", f"/indexes/{index}", {"model": "hf/e5-base-v2"})
    began = time.perf_counter()
    for start in range(0, len(things), BATCH):
        body = {"documents": things[start : start + BATCH], "tensorFields": TENSOR_FIELDS}
        if cell.ask("POST", f"/indexes/{index}/documents", body)["errors"]:
            raise RuntimeError("a document was refused")
    return time.perf_counter() - began


def _searched(cell: Cell, things: list[Document]) -> list[Row]:
    peers = {"tensor": _numpy(things), "lexical": _tantivy(things)}
    rows = []
    for kind, how in KINDS.items():
        peer = peers.get(kind.partition(",")[0], peers["tensor"])
        name = "tantivy alone" if kind.startswith("lexical") else "numpy alone"
        ours, theirs = _milliseconds(partial(_search, cell, how), peer)
        aim = "" if kind.startswith("lexical") else "≤ 2"
        for place, label in ((50, "p50"), (99, "p99")):
            limit = [_percentile(theirs, place)]
            rows.append(
                Row(
                    what=f"search {MANY}, {kind}, {label}",
                    samples=[_percentile(ours, place)],
                    unit="ms",
                    against=name,
                    limit=limit,
                    aim=aim,
                )
            )
    return rows


def _search(cell: Cell, how: dict[str, Any], query: str) -> None:
    cell.ask("POST", "/indexes/many/search", {"q": query, "limit": 10, **how})


def _numpy(things: list[Document]) -> Callable[[str], None]:
    """Brute force: one product with all vectors, and the ten best of it."""
    vectors = np.stack([embed(each["title"], DIMENSION) for each in things])

    def search(query: str) -> None:
        scores = np.vecdot(vectors, embed(query, DIMENSION))  # on this numpy faster than `@`
        best = np.argpartition(-scores, 10)[:10]
        best[np.argsort(-scores[best])]

    return search


def _tantivy(things: list[Document]) -> Callable[[str], None]:
    """The same texts in an index in memory."""
    import tantivy  # type: ignore[import-not-found]  # only the environment of the measurements has it

    schema = tantivy.SchemaBuilder().add_text_field("id", stored=True).add_text_field("title")
    schema = schema.add_text_field("description").build()
    index = tantivy.Index(schema)
    writer = index.writer(heap_size=100_000_000, num_threads=1)
    for each in things:
        text = {"id": each["_id"], "title": each["title"], "description": each.get("description", "")}
        writer.add_document(tantivy.Document(**text))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def search(query: str) -> None:
        found = searcher.search(index.parse_query(query, ["title", "description"]), 10)
        for _, address in found.hits:
            searcher.doc(address)

    return search


def _milliseconds(*askers: Callable[[str], None]) -> list[list[float]]:
    """Of each, asked in turn, so that a machine that slows down slows all."""
    took: list[list[float]] = [[] for _ in askers]
    for number in range(ASKED):
        for samples, ask in zip(took, askers, strict=True):
            began = time.perf_counter()
            ask(f"{QUERIES[number % len(QUERIES)]} {number}")
            samples.append((time.perf_counter() - began) * 1000)
    return took


def _percentile(samples: list[float], place: int) -> float:
    return statistics.quantiles(samples, n=100)[place - 1]


def _started(folder: Path) -> list[Row]:
    """From the command until it answers, until a small index is searched, and until the large one is."""
    with running(folder) as made:
        made.ask("POST", "/indexes/small", {"model": "random/small"})
        made.ask("POST", "/indexes/small/documents", {"documents": [{"title": "a lamp"}], "tensorFields": ["title"]})
    began = time.perf_counter()
    with running(folder) as made:
        answers = time.perf_counter() - began
        made.ask("POST", "/indexes/small/search", {"q": "lamp"})
        small = time.perf_counter() - began
        slowest = _slowest_while(made, lambda: made.ask("POST", "/indexes/many/search", {"q": "lamp"}))
        large = time.perf_counter() - began
    return [
        Row(what=f"start with {MANY + FEW} documents: it answers", samples=[answers], aim="≤ 0.5 s"),
        Row(what="… another index is searched", samples=[small], aim="≤ 0.5 s"),
        Row(what="… the largest is searched", samples=[large]),
        Row(what="… the slowest health check meanwhile", samples=[slowest]),
    ]


def _slowest_while(cell: Cell, ask: Callable[[], object]) -> float:
    """Seconds of the slowest health check while something else is asked."""
    asking = threading.Thread(target=ask)
    asking.start()
    other, slowest = HTTPConnection("127.0.0.1", cell.port, timeout=PATIENCE_S), 0.0
    while asking.is_alive():
        began = time.perf_counter()
        other.request("GET", "/health")
        other.getresponse().read()
        slowest = max(slowest, time.perf_counter() - began)
        time.sleep(LOOK_S)
    other.close()
    return slowest
