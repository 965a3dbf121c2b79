"""What the data plane is held against: numpy's brute force as the limit, and tantivy, an embedded search library."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.fake_cell.embedding import embed

Document = dict[str, Any]
Ask = Callable[[str], None]
LOW, HIGH, COLOUR = 20, 200, "red"
FILTER = f"color:{COLOUR} AND price:[{LOW} TO {HIGH}]"


class Numpy:
    """One product with all vectors, and the ten best of it."""

    def __init__(self, things: Sequence[Document], dimension: int) -> None:
        self._dimension = dimension
        self._vectors = np.stack([embed(each["title"], dimension) for each in things])
        self._passes: NDArray[np.bool_] = np.array([_passes(each) for each in things])

    def search(self, query: str) -> None:
        scores = np.vecdot(self._vectors, embed(query, self._dimension))  # on this numpy faster than `@`
        _ten_best(scores)

    def search_filtered(self, query: str) -> None:
        scores = np.vecdot(self._vectors, embed(query, self._dimension))
        _ten_best(np.where(self._passes, scores, -np.inf))


def _ten_best(scores: NDArray[Any]) -> None:
    best = np.argpartition(-scores, 10)[:10]
    best[np.argsort(-scores[best])]


def _passes(thing: Document) -> bool:
    return thing.get("color") == COLOUR and LOW <= thing.get("price", -1) <= HIGH


class Tantivy:
    """The same texts in an index in memory; `memory_mib` is what that took."""

    def __init__(self, things: Sequence[Document]) -> None:
        import tantivy  # type: ignore[import-not-found]  # only the environment of the measurements has it

        schema = tantivy.SchemaBuilder().add_text_field("id", stored=True).add_text_field("title")
        schema = schema.add_text_field("description").add_text_field("color", tokenizer_name="raw")
        with _memory() as taken:
            self._index = tantivy.Index(schema.add_float_field("price", indexed=True, fast=True).build())
            writer = self._index.writer(heap_size=100_000_000, num_threads=1)
            for each in things:
                known = {name: each[name] for name in ("title", "description", "color") if name in each}
                writer.add_document(tantivy.Document(id=each["_id"], price=float(each.get("price", -1)), **known))
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()
        self.memory_mib = taken[0]
        self._searcher = self._index.searcher()

    def search(self, query: str) -> None:
        self._ask(query)

    def search_filtered(self, query: str) -> None:
        self._ask(f"+({query}) +color:{COLOUR} +price:[{LOW} TO {HIGH}]")

    def _ask(self, query: str) -> None:
        found = self._searcher.search(self._index.parse_query(query, ["title", "description"]), 10)
        for _, address in found.hits:
            self._searcher.doc(address)


@contextmanager
def _memory() -> Iterator[list[float]]:
    """Afterwards the list has the MiB by which this process has grown meanwhile."""
    taken, before = list[float](), memory_mib("self")
    yield taken
    taken.append(memory_mib("self") - before)


def memory_mib(process: int | str) -> float:
    """Of a process, what is in memory."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
