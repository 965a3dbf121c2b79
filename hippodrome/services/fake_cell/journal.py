"""What has changed in an index since its last snapshot, on disk before it is answered: a kill loses nothing."""

import base64
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from hippodrome.services.fake_cell.documents import Chunk, Document, kept_styles, styles_of

log = logging.getLogger("fake_cell")
Change = tuple[str, Document | None]  # id and what it is now; an empty id: all are gone


class Journal:
    """Beside a snapshot: what came after it, and, while the next is being written, also what that will hold."""

    def __init__(self, snapshot: Path) -> None:
        self._now, self._before = snapshot.with_suffix(".log"), snapshot.with_suffix(".before.log")
        self._file: BinaryIO | None = None
        self._is_broken = False

    def put(self, document: Document) -> None:
        vectors = np.ascontiguousarray(document.vectors, dtype=np.float32)
        told = {"fields": document.fields, "chunks": [asdict(chunk) for chunk in document.chunks]}
        told |= {"weights": document.weights} if document.weights else {}
        told |= {"styles": kept_styles(document)} if document.styles else {}
        told |= {"vectors": base64.b64encode(vectors.tobytes()).decode(), "shape": vectors.shape}
        self._write({"id": document.id, "is": told})

    def remove(self, name: str) -> None:
        """All, when the name is empty."""
        self._write({"id": name, "is": None})

    def turn(self) -> None:
        """What was written until now will be in the snapshot that is begun. Raises OSError."""
        self.close()
        self._is_broken = False
        if self._now.exists() and self._before.exists():  # the snapshot before this one failed
            with self._before.open("ab") as before:
                before.write(b"\n" + self._now.read_bytes())  # a last line may have been cut short
            self._now.unlink()
        elif self._now.exists():
            self._now.rename(self._before)

    def forget(self) -> None:
        """The snapshot is written."""
        self._before.unlink(missing_ok=True)

    def changes(self) -> Iterator[Change]:
        """In their order, without what was cut short, which was never answered."""
        for path in (self._before, self._now):
            for line in path.read_bytes().splitlines() if path.exists() else ():
                try:
                    told = json.loads(line)
                except ValueError:
                    continue
                yield told["id"], _document(told["id"], told["is"]) if told["is"] else None

    def delete(self) -> None:
        self.close()
        self._now.unlink(missing_ok=True)
        self._before.unlink(missing_ok=True)

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _write(self, told: dict[str, Any]) -> None:
        """What cannot be written waits for the next snapshot, and so does what comes after it."""
        if self._is_broken:
            return
        try:
            if self._file is None:
                self._file = self._now.open("ab", buffering=0)
            self._file.write(json.dumps(told).encode() + b"\n")
        except OSError as error:
            self._is_broken = True
            log.error("journal not written path=%s error=%s", self._now, error)


def _document(name: str, told: dict[str, Any]) -> Document:
    vectors = np.frombuffer(base64.b64decode(told["vectors"]), dtype=np.float32).reshape(told["shape"])
    chunks = tuple(Chunk(**chunk) for chunk in told["chunks"])
    return Document(name, told["fields"], chunks, vectors, told.get("weights") or {}, styles_of(told))
