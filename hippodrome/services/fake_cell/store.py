"""All indexes in memory; in DATA_DIR a snapshot of each, and a journal of what came since: a restart begins there."""

import contextlib
import gc
import hashlib
import logging
import zipfile
from pathlib import Path
from threading import Thread
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell import snapshot
from hippodrome.services.fake_cell.index import Index
from hippodrome.services.fake_cell.journal import Journal

UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile)
log = logging.getLogger("fake_cell")


class Store:
    """`folder` is where snapshots are kept; None keeps none.

    Names and settings are here at once; documents are read in the background, the smallest index first.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.indexes: dict[str, Index] = {}
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            waiting = [(path, index) for path in _by_size(folder) if (index := self._head(path))]
            Thread(target=self._load, args=(waiting,), name="loading", daemon=True).start()

    def get(self, name: str) -> Index:
        """Its documents may still be read. Raises ApiError 404."""
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
            if index.is_changed and index.is_loaded:
                self._save(index)

    def _save(self, index: Index) -> None:
        if not self._folder:
            return
        try:
            with index.lock:
                if (journal := index.journal) is None:  # deleted meanwhile
                    return
                table, documents = index.table, index.table.alive_documents()
                index.is_changed = False  # first: what changes while it is written is not in it
                journal.turn()
            snapshot.write(self._path(index.name), index.name, index.settings, documents, table.matrix.dimension)
            journal.forget()
        except OSError as error:
            index.is_changed = True
            log.error("index not saved index=%s error=%s", index.name, error)

    def _head(self, path: Path) -> Index | None:
        """None for a file that is no snapshot: the other indexes must not be lost with it."""
        try:
            name, settings = snapshot.read_head(path)
            index = Index(name, settings, is_changed=False)
        except (*UNREADABLE, ApiError) as error:
            _set_aside(path, error)
            return None
        index.load_later()
        self.indexes[name] = index
        return index

    def _load(self, waiting: list[tuple[Path, Index]]) -> None:
        gc.disable()  # each of its full runs would hold up all requests for half a second
        try:
            self._load_all(waiting)
        finally:
            gc.freeze()  # what was read stays, and need not be looked at again and again
            gc.enable()

    def _load_all(self, waiting: list[tuple[Path, Index]]) -> None:
        for path, index in waiting:
            try:
                index.fill(snapshot.read_documents(path))
                _catch_up(index, Journal(path))
            except UNREADABLE as error:
                _set_aside(path, error)
                self.indexes.pop(index.name, None)
            finally:
                index.loaded()

    def _path(self, name: str) -> Path:
        """Names may be longer than a file's, and differ in case alone."""
        assert self._folder
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.npz"


def _by_size(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.npz"), key=lambda path: (path.stat().st_size, path))


def _set_aside(path: Path, error: Exception) -> None:
    log.error("snapshot set aside, it cannot be read path=%s error=%s", path, error)
    path.replace(path.with_suffix(".broken"))


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
