"""The documents of an index at their places, with all that searching needs of them."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.fake_cell.columns import Columns
from hippodrome.services.fake_cell.documents import Document
from hippodrome.services.fake_cell.lexical import Lexicon
from hippodrome.services.fake_cell.matrix import Matrix

Mask = NDArray[np.bool_]
Places = NDArray[np.int64]
GONE_MAX = 1000  # below that many empty places it is not worth building all again


class Table:
    """A document is added at the end; one that goes leaves its place empty, so that nothing else moves."""

    def __init__(self, dimension: int, longest: int | None, documents: Iterable[Document] = ()) -> None:
        self.documents: list[Document] = []
        self.places: dict[str, int] = {}
        self.words = Lexicon()
        self.matrix = Matrix(dimension)
        self.columns = Columns(self.documents, longest)
        self.masks: dict[str, Mask] = {}  # by filter, as long as the documents are the same
        self._longest = longest
        self._is_alive = bytearray()
        self._ranks: Places | None = None
        self._starts: tuple[Places, Places] | None = None
        for document in documents:
            self.add(document)

    def __len__(self) -> int:
        """How many places there are, the empty ones among them."""
        return len(self.documents)

    def add(self, document: Document) -> None:
        """In place of one with its id."""
        self.remove(document.id)
        kept = self.matrix.add(document.vectors, [chunk.field for chunk in document.chunks])
        self.places[document.id] = len(self.documents)
        self.words.add(len(self.documents), document.fields, document.styles)
        self.documents.append(replace(document, vectors=kept))
        self._is_alive.append(True)
        self._forget()

    def remove(self, name: str) -> bool:
        """Whether it was there."""
        place = self.places.pop(name, None)
        if place is None:
            return False
        self._is_alive[place] = False
        self._forget()
        return True

    @property
    def is_worn(self) -> bool:
        """Whether most of it is empty, so that it should be built again."""
        return len(self) - len(self.places) > max(GONE_MAX, len(self.places))

    def again(self) -> "Table":
        """The same without empty places."""
        return Table(self.matrix.dimension, self._longest, self.alive_documents())

    def alive_documents(self) -> list[Document]:
        return [self.documents[place] for place in self.places.values()]

    @property
    def alive(self) -> Mask:
        """Which places are taken."""
        return np.array(self._is_alive, dtype=np.bool_)

    @property
    def ranks(self) -> Places:
        """The place of each document among all ids in their order."""
        if self._ranks is None:
            self._ranks = np.zeros(len(self), dtype=np.int64)
            ordered = [self.places[name] for name in sorted(self.places)]
            self._ranks[ordered] = np.arange(len(ordered))
        return self._ranks

    @property
    def starts(self) -> tuple[Places, Places]:
        """The first row of each document that has any, and the place of that document."""
        if self._starts is None:
            counts = np.array([len(document.chunks) for document in self.documents], dtype=np.int64)
            first = np.cumsum(counts) - counts
            self._starts = first[counts > 0], np.flatnonzero(counts > 0)
        return self._starts

    def _forget(self) -> None:
        self._ranks = self._starts = None
        self.masks.clear()
