"""Documents: what may be one, and what becomes of it in an index."""

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.bodies import is_of
from hippodrome.services.fake_cell.chunks import chunks
from hippodrome.services.fake_cell.embedding import Vector, embed
from hippodrome.services.fake_cell.settings import dimension_of

BATCH_MAX = 128
BYTES_MAX = 100_000
FIELD = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
RESERVED = {"_id", "_tensor_facets", "_highlights", "_score", "_found"}
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True)
class Chunk:
    """A piece of a field that has a vector."""

    field: str
    text: str


@dataclass(frozen=True)
class Document:
    """A stored document: its fields without `_id`, and a row of `vectors` for each chunk."""

    id: str
    fields: dict[str, Any]
    chunks: tuple[Chunk, ...]
    vectors: Vector


class DocumentError(Exception):
    """Why one document of a batch was refused; the others go on."""

    def __init__(self, message: str, code: str = "invalid_argument") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def check_batch(documents: Sequence[Any], verb: str) -> None:
    """Raises ApiError when there are none, or too many."""
    if not documents:
        raise ApiError(400, "bad_request", f"Received empty {verb} documents request")
    if len(documents) > BATCH_MAX:
        message = f"Number of docs in {verb} documents request ({len(documents)}) exceeds limit of {BATCH_MAX}."
        hint = "If using the Python client, break up your request with the client_batch_size parameter."
        raise ApiError(400, "bad_request", f"{message} {hint}")


def id_of(raw: Any) -> str:
    """Its `_id`, or a new one. Raises DocumentError."""
    if not isinstance(raw, dict):
        raise DocumentError("Docs must be dicts")
    if not raw:
        raise DocumentError("Can't index an empty dict.")
    name = raw.get("_id", "") if "_id" in raw else str(uuid.uuid4())
    if not isinstance(name, str) or not name:
        raise DocumentError("Document _id must be a string that is not empty.", "invalid_document_id")
    return name


def read(raw: dict[str, Any], name: str, tensor_fields: Sequence[str], settings: dict[str, Any]) -> Document:
    """The document with its vectors. Raises DocumentError."""
    if len(json.dumps(raw, ensure_ascii=False, default=str).encode("utf-8", "replace")) > BYTES_MAX:
        raise DocumentError(f"Document exceeds maximum size of {BYTES_MAX} bytes.", "doc_too_large")
    fields = {field: _checked(field, value) for field, value in raw.items() if field != "_id"}
    found = _chunks(fields, tensor_fields, settings)
    dimension, prefix = dimension_of(settings), settings.get("textChunkPrefix") or ""
    rows = [embed(prefix + chunk.text, dimension) for chunk in found]
    vectors = np.stack(rows) if rows else np.zeros((0, dimension), dtype=np.float32)
    return Document(name, fields, found, vectors)


def _chunks(fields: dict[str, Any], tensor_fields: Sequence[str], settings: dict[str, Any]) -> tuple[Chunk, ...]:
    texts = ((field, fields[field]) for field in tensor_fields if isinstance(fields.get(field), str))
    how = settings["textPreprocessing"]
    return tuple(Chunk(field, piece) for field, text in texts for piece in chunks(text, how))


def _checked(field: str, value: Any) -> Any:
    if not FIELD.match(field) or field.startswith("marqo__") or field in RESERVED:
        message = f"{field}: Field name must match {FIELD.pattern[:-2]}, not begin with marqo__ and not be reserved."
        raise DocumentError(message, "invalid_field_name")
    if isinstance(value, str | list):
        _check_texts(field, value if isinstance(value, list) else [value])
    elif isinstance(value, dict):
        if not value or not all(is_number(each) for each in value.values()):
            message = "a mapping may hold numbers alone; other objects are not supported."
            raise DocumentError(f"Field '{field}': {message}")
    elif not isinstance(value, bool) and not is_number(value):
        raise DocumentError(f"Field '{field}' has a value of type {type(value).__name__}, which is not supported.")
    return value


def _check_texts(field: str, texts: list[Any]) -> None:
    for text in texts:
        if not isinstance(text, str):
            raise DocumentError(f"Field '{field}': a list may hold strings alone.")
        if UNPRINTABLE.search(text):
            raise DocumentError(f"could not parse field {field}: it has characters that no text has")


def is_number(value: Any) -> bool:
    """A float, which is finite in JSON, or an int of 64 bits."""
    return is_of(value, float) or (is_of(value, int) and -(2**63) <= value < 2**63)
