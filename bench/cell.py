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

from bench import workload
from bench.cell_peers import FILTER, Document, Numpy, Tantivy, memory_mib
from bench.row import Row
from hippodrome.shop.products import documents
from hippodrome.wait import Deadline, until

FEW, MANY = 10_000, 100_000
BATCH = 128
DIMENSION = 768
ASKED = 200  # searches of each kind
QUERIES = ("warm sweater", "oak chair", "red dress", "leather boot", "table lamp", "soft rug", "blue jeans", "vase")
TENSOR_FIELDS = ["title"]
KINDS: dict[str, dict[str, Any]] = {
    "tensor": {"searchMethod": "TENSOR"},
    "tensor, with a filter": {"searchMethod": "TENSOR", "filter": FILTER},
    "lexical": {"searchMethod": "LEXICAL"},
    "lexical, with a filter": {"searchMethod": "LEXICAL", "filter": FILTER},
    "hybrid": {"searchMethod": "HYBRID"},
    "hybrid, with a filter": {"searchMethod": "HYBRID", "filter": FILTER},
}
PATIENCE_S = 300.0
LOOK_S = 0.005


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
        return memory_mib(self.process.pid)

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


def cell(rounds: int, folder: Path) -> list[Row]:
    """All of it, once, but for the starts: filling takes longest."""
    things = [_thing(each) for each in islice(documents(MANY), MANY)]
    with running(folder) as made:
        empty = made.memory_mib
        few = _add(made, "few", things[:FEW])
        small = _settled_mib(made, folder)
        many = _add(made, "many", things)
        large = _settled_mib(made, folder)
        tenth = len(many) // 10
        rows = [
            Row(what=f"add {FEW} documents", samples=[FEW / sum(few)], unit="documents/s"),
            Row(
                what=f"add {MANY} documents",
                samples=[MANY / sum(many)],
                unit="documents/s",
                against=f"{FEW}",
                limit=[FEW / sum(few)],
                aim="no slower",
            ),
            Row(
                what="… the last tenth of them, of a batch",
                samples=[statistics.median(many[-tenth:]) * 1000],
                unit="ms",
                against="the first tenth",
                limit=[statistics.median(many[:tenth]) * 1000],
                aim="≤ 1",
            ),
            Row(
                what=f"memory with {MANY + FEW} documents",
                samples=[large],
                unit="MiB",
                against="their vectors alone",
                limit=[(MANY + FEW) * DIMENSION * 4 / 2**20],
            ),
            Row(
                what=f"… of a document, the next {MANY}",
                samples=[(large - small) / MANY * 1024],
                unit="KiB",
                against=f"the first {FEW}",
                limit=[(small - empty) / FEW * 1024],
                aim="≤ 1",
            ),
            *_searched(made, things),
            *_grown(made),
        ]
    return [*rows, *_started(folder, rounds)]


def _thing(document: Document) -> Document:
    kept = ("_id", "brand", "color", "price", "rating", "description")
    return {"title": document["productTitle"], **{name: document[name] for name in kept if name in document}}


def _add(cell: Cell, index: str, things: list[Document]) -> list[float]:
    """Seconds of each batch."""
    cell.ask("POST", f"/indexes/{index}", {"model": "hf/e5-base-v2"})
    took = []
    for start in range(0, len(things), BATCH):
        body = {"documents": things[start : start + BATCH], "tensorFields": TENSOR_FIELDS}
        began = time.perf_counter()
        if cell.ask("POST", f"/indexes/{index}/documents", body)["errors"]:
            raise RuntimeError("a document was refused")
        took.append(time.perf_counter() - began)
    return took


def _settled_mib(cell: Cell, folder: Path) -> float:
    """Its memory once all is in the snapshot: while that is written, there is a copy of the vectors."""
    if not until(lambda: not any(folder.rglob("*.log")), Deadline(PATIENCE_S), pause_s=0.1):
        raise RuntimeError("the snapshot is never written")
    return cell.memory_mib


def _searched(cell: Cell, things: list[Document]) -> list[Row]:
    """Each kind in turn with its peer."""
    by_words, by_meaning = Tantivy(things), Numpy(things, DIMENSION)
    rows = [Row(what="memory of tantivy's index of the words", samples=[by_words.memory_mib], unit="MiB")]
    for kind, how in KINDS.items():
        peer: Tantivy | Numpy = by_words if kind.startswith("lexical") else by_meaning
        name, aim = ("tantivy alone", "") if peer is by_words else ("numpy alone", "≤ 2")
        ours, theirs = _milliseconds(
            partial(_search, cell, "many", how), peer.search_filtered if "filter" in how else peer.search
        )
        for place, label in ((50, "p50"), (99, "p99")):
            rows.append(
                Row(
                    what=f"search {MANY}, {kind}, {label}",
                    samples=[_percentile(ours, place)],
                    unit="ms",
                    against=name,
                    limit=[_percentile(theirs, place)],
                    aim=aim,
                )
            )
    return rows


def _grown(cell: Cell) -> list[Row]:
    """How much longer a search takes among ten times as many."""
    rows = []
    for kind in ("tensor", "lexical", "hybrid"):
        many, few = _milliseconds(*(partial(_search, cell, index, KINDS[kind]) for index in ("many", "few")))
        rows.append(
            Row(
                what=f"search {MANY}, {kind}, p50",
                samples=[statistics.median(many)],
                unit="ms",
                against=f"among {FEW}",
                limit=[statistics.median(few)],
                aim=f"≤ {MANY // FEW}",
            )
        )
    return rows


def _search(cell: Cell, index: str, how: dict[str, Any], query: str) -> None:
    cell.ask("POST", f"/indexes/{index}/search", {"q": query, "limit": 10, **how})


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


def _started(folder: Path, rounds: int) -> list[Row]:
    """From the command until it answers, until a small index is searched, and until the large one is."""
    with running(folder) as made:
        made.ask("POST", "/indexes/small", {"model": "random/small"})
        made.ask("POST", "/indexes/small/documents", {"documents": [{"title": "a lamp"}], "tensorFields": ["title"]})
    answers, small, large, slowest = (
        list(each) for each in zip(*[_start(folder) for _ in range(rounds)], strict=True)
    )
    return [
        Row(what=f"start with {MANY + FEW} documents: it answers", samples=answers, aim="≤ 0.5 s"),
        Row(what="… another index is searched", samples=small, aim="≤ 0.5 s"),
        Row(what="… the largest is searched", samples=large),
        Row(what="… the slowest health check meanwhile", samples=slowest),
    ]


def _start(folder: Path) -> tuple[float, float, float, float]:
    began = time.perf_counter()
    with running(folder) as made:
        answers = time.perf_counter() - began
        made.ask("POST", "/indexes/small/search", {"q": "lamp"})
        small = time.perf_counter() - began
        slowest = _slowest_while(made, lambda: made.ask("POST", "/indexes/many/search", {"q": "lamp"}))
        large = time.perf_counter() - began
    return answers, small, large, slowest


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
