"""An index on disk: a numpy archive of `head` (name and settings), `documents` (a line of JSON each), `vectors`.

The first version had `told` in place of `head` and `documents`: one JSON document with all. It is still read.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.fake_cell.documents import Chunk, Document, kept_styles, styles_of
from hippodrome.services.fake_cell.embedding import Vector

VERSION = 2
Bytes = NDArray[np.uint8]


def write(path: Path, name: str, settings: dict[str, Any], documents: Sequence[Document], dimension: int) -> None:
    """In one step: whoever is killed in the middle leaves the one before. Raises OSError."""
    head = json.dumps({"version": VERSION, "name": name, "settings": settings})
    lines = b"\n".join(json.dumps(_told(each)).encode() for each in documents)
    rows = [document.vectors for document in documents if len(document.vectors)]
    vectors = np.concatenate(rows) if rows else np.zeros((0, dimension), dtype=np.float32)
    staging = path.with_suffix(".new")
    with staging.open("wb") as file:
        np.savez(file, head=_bytes(head.encode()), documents=_bytes(lines), vectors=vectors)
        file.flush()
        os.fsync(file.fileno())
    staging.replace(path)


def read_head(path: Path) -> tuple[str, dict[str, Any]]:
    """Name and settings, at once however large it is. Raises what `numpy.load` raises, KeyError and ValueError."""
    with np.load(path) as kept:
        head = json.loads(kept["head" if "head" in kept else "told"].tobytes())
    return head["name"], head["settings"]


def read_documents(path: Path) -> Iterator[Document]:
    """One after the other, so that others get their turn. Raises as `read_head`."""
    with np.load(path) as kept:
        vectors = kept["vectors"]
        lines = kept["documents"].tobytes().splitlines() if "documents" in kept else None
        told = (json.loads(line) for line in lines) if lines is not None else _of_first_version(kept["told"])
        row = 0
        for each in told:
            document = _document(each, vectors[row : row + len(each["chunks"])])
            row += len(document.chunks)
            yield document


def _of_first_version(told: Bytes) -> Iterator[dict[str, Any]]:
    yield from json.loads(told.tobytes())["documents"]


def _told(document: Document) -> dict[str, Any]:
    told: dict[str, Any] = {"id": document.id, "fields": document.fields}
    told["chunks"] = [asdict(chunk) for chunk in document.chunks]
    told |= {"weights": document.weights} if document.weights else {}
    return told | ({"styles": kept_styles(document)} if document.styles else {})


def _document(told: dict[str, Any], vectors: Vector) -> Document:
    chunks = tuple(Chunk(**chunk) for chunk in told["chunks"])
    return Document(told["id"], told["fields"], chunks, vectors, told.get("weights") or {}, styles_of(told))


def _bytes(text: bytes) -> Bytes:
    return np.frombuffer(text, dtype=np.uint8)
