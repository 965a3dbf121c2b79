"""Indexes in memory; in DATA_DIR a snapshot of each, and a journal of what came since: a restart begins there."""

import contextlib
import hashlib
import json
import logging
import os
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.documents import Chunk, Document
from hippodrome.services.fake_cell.embedding import Vector
from hippodrome.services.fake_cell.journal import Journal
from hippodrome.services.fake_cell.lexical import Lexicon
from hippodrome.services.fake_cell.settings import dimension_of

Column = NDArray[np.float64]
log = logging.getLogger("fake_cell")


@dataclass
class Index:
    """Settings and documents; `table` is built again after a change."""

    name: str
    settings: dict[str, Any]
    documents: dict[str, Document] = field(default_factory=dict)
    is_changed: bool = True
    words: Lexicon = field(default_factory=Lexicon)
    journal: Journal | None = None
    lock: Lock = field(default_factory=Lock)  # of documents and journal together
    _table: "Table | None" = None

    def __post_init__(self) -> None:
        for name, document in self.documents.items():
            self.words.add(name, document.fields)

    @property
    def table(self) -> "Table":
        """All vectors in one matrix."""
        if self._table is None:
            self._table = Table.of(self.documents.values(), dimension_of(self.settings))
        return self._table

    def put(self, document: Document) -> None:
        """Adds or replaces."""
        with self.lock:
            self._drop(document.id)
            self.documents[document.id] = document
            self.words.add(document.id, document.fields)
            self._touch()
            if self.journal:
                self.journal.put(document)

    def remove(self, name: str) -> None:
        """One that is not there is removed already."""
        with self.lock:
            if self._drop(name) and self.journal:
                self.journal.remove(name)

    def clear(self) -> None:
        """Removes all documents."""
        with self.lock:
            self.documents, self.words = {}, Lexicon()
            self._touch()
            if self.journal:
                self.journal.remove("")

    def _drop(self, name: str) -> bool:
        """Whether it was there."""
        if gone := self.documents.pop(name, None):
            self.words.remove(name, gone.fields)
            self._touch()
        return gone is not None

    def _touch(self) -> None:
        self.is_changed, self._table = True, None


@dataclass(frozen=True)
class Table:
    """Documents as columns, in the order of their ids; row by row the vectors of their chunks.

    `starts`: the first row of each document that has any; `with_rows`: which documents those are.
    """

    documents: tuple[Document, ...]
    places: Mapping[str, int]
    vectors: Vector
    chunks: tuple[Chunk, ...]
    starts: NDArray[np.int64]
    with_rows: NDArray[np.int64]
    masks: dict[str, NDArray[np.bool_]] = field(default_factory=dict)  # by filter
    _columns: dict[str, Column] = field(default_factory=dict)

    @classmethod
    def of(cls, documents: Iterable[Document], dimension: int) -> "Table":
        ordered = tuple(sorted(documents, key=lambda each: each.id))
        rows = [document.vectors for document in ordered if len(document.vectors)]
        counts = np.array([len(document.vectors) for document in ordered], dtype=np.int64)
        starts = np.concatenate(([0], np.cumsum(counts)[:-1])) if ordered else counts
        return cls(
            documents=ordered,
            places={document.id: place for place, document in enumerate(ordered)},
            vectors=np.concatenate(rows) if rows else np.zeros((0, dimension), dtype=np.float32),
            chunks=tuple(chunk for document in ordered for chunk in document.chunks),
            starts=starts[counts > 0],
            with_rows=np.nonzero(counts > 0)[0],
        )

    def numbers(self, name: str) -> Column:
        """A field's numbers, NaN where a document has none; `stock.berlin` is the member of a mapping."""
        if name not in self._columns:
            found = [number_of(document.fields, name) for document in self.documents]
            self._columns[name] = np.array(found, dtype=np.float64)
        return self._columns[name]


def number_of(fields: Mapping[str, Any], name: str) -> float:
    """NaN where there is none."""
    value = fields.get(name)
    if value is None and "." in name:
        held = fields.get(name.partition(".")[0])
        value = held.get(name.partition(".")[2]) if isinstance(held, dict) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")


class Store:
    """All indexes. `folder` is where snapshots are kept; None keeps none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.indexes: dict[str, Index] = {}
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(folder.glob("*.npz")):
                if index := _read_or_set_aside(path):
                    self.indexes[index.name] = index
                    _catch_up(index, Journal(path))

    def get(self, name: str) -> Index:
        """Raises ApiError 404."""
        if name not in self.indexes:
            raise ApiError(404, "index_not_found", f"Index {name} not found")
        return self.indexes[name]

    def create(self, name: str, settings: dict[str, Any]) -> None:
        """Raises ApiError 409."""
        if name in self.indexes:
            raise ApiError(409, "index_already_exists", f"Index {name} already exists")
        self.indexes[name] = Index(name, settings, journal=Journal(self._path(name)) if self._folder else None)
        # at once, so that after a crash the control plane has no index that we have not
        self._save(self.indexes[name])

    def delete(self, name: str) -> None:
        """Raises ApiError 404."""
        gone = self.get(name)
        del self.indexes[name]
        with gone.lock:
            if self._folder and gone.journal:
                self._path(name).unlink(missing_ok=True)
                gone.journal.delete()
                gone.journal = None

    def save(self) -> None:
        """Writes what has changed since, each index in one step; what cannot be written is tried again."""
        for index in list(self.indexes.values()):
            if index.is_changed:
                self._save(index)

    def _save(self, index: Index) -> None:
        if not self._folder:
            return
        try:
            with index.lock:
                if (journal := index.journal) is None:  # deleted meanwhile
                    return
                table, index.is_changed = index.table, False  # first: what changes while it is written is not in it
                journal.turn()
            _write(index, table, self._path(index.name))
            journal.forget()
        except OSError as error:
            index.is_changed = True
            log.error("index not saved index=%s error=%s", index.name, error)

    def _path(self, name: str) -> Path:
        """Names may be longer than a file's, and differ in case alone."""
        assert self._folder
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.npz"


def _catch_up(index: Index, journal: Journal) -> None:
    """With what was answered after its snapshot; from now on the journal goes on."""
    for name, document in journal.changes():
        if document:
            index.put(document)
        elif name:
            index.remove(name)
        else:
            index.clear()
    with contextlib.suppress(OSError):  # a folder that cannot be written is said when that is tried
        journal.turn()  # its last line may have been cut short
    index.journal = journal


def _write(index: Index, table: Table, path: Path) -> None:
    documents = [
        {"id": each.id, "fields": each.fields, "chunks": [asdict(chunk) for chunk in each.chunks]}
        for each in table.documents
    ]
    told = json.dumps({"name": index.name, "settings": index.settings, "documents": documents})
    staging = path.with_suffix(".new")
    with staging.open("wb") as file:
        np.savez(file, told=np.frombuffer(told.encode(), dtype=np.uint8), vectors=table.vectors)
        file.flush()
        os.fsync(file.fileno())
    staging.replace(path)


def _read_or_set_aside(path: Path) -> Index | None:
    """None for a file that is no snapshot: the other indexes must not be lost with it."""
    try:
        return _read(path)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        log.error("snapshot set aside, it cannot be read path=%s error=%s", path, error)
        path.replace(path.with_suffix(".broken"))
        return None


def _read(path: Path) -> Index:
    with np.load(path) as kept:
        told, vectors = json.loads(kept["told"].tobytes()), kept["vectors"]
    documents, row = dict[str, Document](), 0
    for each in told["documents"]:
        chunks = tuple(Chunk(**chunk) for chunk in each["chunks"])
        own = vectors[row : row + len(chunks)]
        row += len(chunks)
        documents[each["id"]] = Document(each["id"], each["fields"], chunks, own)
    return Index(told["name"], told["settings"], documents, is_changed=False)
