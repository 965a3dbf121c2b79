"""The vectors of an index: rows in blocks that never move, so that each document holds a view of its own."""

from array import array
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.fake_cell.embedding import Vector

BLOCK = 4096


class Matrix:
    """Rows in the order in which they were added. What is no longer wanted stays until all is built again."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._blocks: list[Vector] = []
        self._used: list[int] = []
        self._names: dict[str, int] = {}
        self._fields = array("i")

    def __len__(self) -> int:
        return len(self._fields)

    def add(self, vectors: Vector, fields: Sequence[str]) -> Vector:
        """A view of them as they are kept. `fields`: of which field each row is."""
        count = len(vectors)
        if not self._blocks or self._used[-1] + count > len(self._blocks[-1]):
            self._blocks.append(np.empty((max(BLOCK, count), self.dimension), dtype=np.float32))
            self._used.append(0)
        start = self._used[-1]
        kept = self._blocks[-1][start : start + count]
        kept[:] = vectors
        kept.flags.writeable = False
        self._used[-1] += count
        self._fields.extend(self._names.setdefault(name, len(self._names)) for name in fields)
        return kept

    def products(self, wanted: Vector) -> Vector:
        """The product of each row with a vector; the same for equal rows wherever they stand."""
        found = np.empty(len(self), dtype=np.float32)
        for place, block, used in self._parts():
            np.vecdot(block[:used], wanted, out=found[place : place + used])
        return found

    def measured(self, measure: Callable[[Vector], NDArray[np.float64]]) -> NDArray[np.float64]:
        """What `measure` says of each row; it is asked for many rows at once."""
        found = np.empty(len(self), dtype=np.float64)
        for place, block, used in self._parts():
            found[place : place + used] = measure(block[:used])
        return found

    def distances(self, wanted: Vector) -> NDArray[np.float64]:
        """How far each row is from a vector, as the crow flies."""
        return self.measured(lambda rows: np.linalg.norm(rows - wanted, axis=1))

    def norms(self) -> NDArray[np.float64]:
        """The length of each row."""
        return self.distances(np.zeros(self.dimension, dtype=np.float32))

    def differing(self, wanted: Vector) -> NDArray[np.float64]:
        """In how many numbers each row differs from a vector."""
        parts = [np.count_nonzero(block[:used] != wanted, axis=1) for _, block, used in self._parts()]
        return np.concatenate([*parts, np.zeros(0)]).astype(np.float64)

    def is_of(self, fields: Sequence[str]) -> NDArray[np.bool_]:
        """Which rows are of one of these fields."""
        wanted = [self._names[name] for name in fields if name in self._names]
        return np.isin(np.array(self._fields, dtype=np.int32), wanted)

    def _parts(self) -> list[tuple[int, Vector, int]]:
        """Where each block's rows begin among all, the block, and how many it has."""
        starts = [sum(self._used[:number]) for number in range(len(self._used))]
        return list(zip(starts, self._blocks, self._used, strict=True))
