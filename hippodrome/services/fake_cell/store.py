"""Indexes in memory, with a snapshot of each in DATA_DIR that a restart begins from."""

import hashlib
import json
import logging
import os
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.documents import Chunk, Document
from hippodrome.services.fake_cell.embedding import Vector
from hippodrome.services.fake_cell.settings import dimension_of

log = logging.getLogger("fake_cell")


@dataclass
class Index:
    """Settings and documents; `table` is built again after a change."""

    name: str
    settings: dict[str, Any]
    documents: dict[str, Document] = field(default_factory=dict)
    is_changed: bool = True
    _table: "Table | None" = None

    @property
    def table(self) -> "Table":
        """All vectors in one matrix."""
        if self._table is None:
            self._table = Table.of(list(self.documents.values()), dimension_of(self.settings))
        return self._table

    def put(self, document: Document) -> None:
        """Adds or replaces."""
        self.documents[document.id] = document
        self._touch()

    def remove(self, name: str) -> None:
        """One that is not there is removed already."""
        if self.documents.pop(name, None):
            self._touch()

    def _touch(self) -> None:
        self.is_changed, self._table = True, None


@dataclass(frozen=True)
class Table:
    """Row by row: a chunk's vector, its document's id, and the chunk."""

    vectors: Vector
    ids: tuple[str, ...]
    chunks: tuple[Chunk, ...]

    @classmethod
    def of(cls, documents: list[Document], dimension: int) -> "Table":
        rows = [document.vectors for document in documents if len(document.vectors)]
        return cls(
            vectors=np.concatenate(rows) if rows else np.zeros((0, dimension), dtype=np.float32),
            ids=tuple(document.id for document in documents for _ in document.chunks),
            chunks=tuple(chunk for document in documents for chunk in document.chunks),
        )


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

    def get(self, name: str) -> Index:
        """Raises ApiError 404."""
        if name not in self.indexes:
            raise ApiError(404, "index_not_found", f"Index {name} not found")
        return self.indexes[name]

    def create(self, name: str, settings: dict[str, Any]) -> None:
        """Raises ApiError 409."""
        if name in self.indexes:
            raise ApiError(409, "index_already_exists", f"Index {name} already exists")
        self.indexes[name] = Index(name, settings)
        # at once, so that after a crash the control plane has no index that we have not
        self._save(self.indexes[name])

    def delete(self, name: str) -> None:
        """Raises ApiError 404."""
        self.get(name)
        del self.indexes[name]
        if self._folder:
            self._path(name).unlink(missing_ok=True)

    def save(self) -> None:
        """Writes what has changed since, each index in one step; what cannot be written is tried again."""
        for index in list(self.indexes.values()):
            if index.is_changed:
                self._save(index)

    def _save(self, index: Index) -> None:
        if self._folder:
            try:
                _write(index, self._path(index.name))
                index.is_changed = False
            except OSError as error:
                log.error("index not saved index=%s error=%s", index.name, error)

    def _path(self, name: str) -> Path:
        """Names may be longer than a file's, and differ in case alone."""
        assert self._folder
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.npz"


def _write(index: Index, path: Path) -> None:
    documents = [
        {"id": each.id, "fields": each.fields, "chunks": [asdict(chunk) for chunk in each.chunks]}
        for each in index.documents.values()
    ]
    told = json.dumps({"name": index.name, "settings": index.settings, "documents": documents})
    staging = path.with_suffix(".new")
    with staging.open("wb") as file:
        np.savez(file, told=np.frombuffer(told.encode(), dtype=np.uint8), vectors=index.table.vectors)
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
    index, row = Index(told["name"], told["settings"], is_changed=False), 0
    for each in told["documents"]:
        chunks = tuple(Chunk(**chunk) for chunk in each["chunks"])
        own = vectors[row : row + len(chunks)]
        row += len(chunks)
        index.documents[each["id"]] = Document(each["id"], each["fields"], chunks, own)
    return index
