"""One index: its settings and documents, changed one at a time, each change on disk before it is answered."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.documents import Document
from hippodrome.services.fake_cell.grown import Grown
from hippodrome.services.fake_cell.journal import Journal
from hippodrome.services.fake_cell.models import dimension_of
from hippodrome.services.fake_cell.schema import collapse_of
from hippodrome.services.fake_cell.table import Table


@dataclass
class Index:
    """`lock` is of table and journal together; who reads the table while others may write holds it."""

    name: str
    settings: dict[str, Any]
    journal: Journal | None = None
    is_changed: bool = True
    lock: Lock = field(default_factory=Lock)
    table: Table = field(init=False)
    grown: Grown = field(init=False)
    _loaded: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.table = self._empty()
        self.grown = Grown(collapse_of(self.settings))
        self._loaded.set()

    @property
    def is_structured(self) -> bool:
        return bool(self.settings["type"] == "structured")

    @property
    def count(self) -> int:
        """How many documents it has."""
        return len(self.table.places)

    @property
    def vectors(self) -> int:
        """How many chunks they have together."""
        return sum(len(document.chunks) for document in self.table.alive_documents())

    @property
    def is_loaded(self) -> bool:
        """Whether its documents have been read from disk."""
        return self._loaded.is_set()

    def load_later(self) -> None:
        """Its documents are still on disk; `wait` waits for them."""
        self._loaded.clear()

    def loaded(self) -> None:
        """All of them are here, or will never be."""
        self._loaded.set()

    def wait(self, timeout_s: float) -> None:
        """Until its documents are here. Raises ApiError 503."""
        if not self._loaded.wait(timeout_s):
            raise ApiError(503, "index_loading", f"Index {self.name} is still being read.", kind="internal")

    def get(self, name: str) -> Document | None:
        place = self.table.places.get(name)
        return None if place is None else self.table.documents[place]

    def fill(self, documents: Iterable[Document]) -> None:
        """What a snapshot held."""
        for document in documents:
            self.table.add(document)
            self.grown.learn(document)

    def put(self, document: Document) -> None:
        """Adds or replaces."""
        with self.lock:
            self.table.add(document)
            self.grown.learn(document)
            self._changed()
            if self.journal:
                self.journal.put(document)

    def remove(self, name: str) -> None:
        """One that is not there is removed already."""
        with self.lock:
            if self.table.remove(name):
                self._changed()
                if self.journal:
                    self.journal.remove(name)

    def clear(self) -> None:
        """Removes all documents."""
        with self.lock:
            self.table = self._empty()
            self._changed()
            if self.journal:
                self.journal.remove("")

    def _changed(self) -> None:
        self.is_changed = True
        if self.table.is_worn:
            self.table = self.table.again()

    def _empty(self) -> Table:
        return Table(dimension_of(self.settings), self.settings.get("filterStringMaxLength"))
