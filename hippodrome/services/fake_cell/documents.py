"""Documents as they are stored, and why one is not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.bodies import is_of
from hippodrome.services.fake_cell.embedding import Vector
from hippodrome.services.fake_cell.stems import Style

BATCH_MAX = 128
Verb = Literal["add", "update"]
ASKED: dict[Verb, str] = {"add": "add documents", "update": "update_documents"}
SMALLER: dict[Verb, str] = {
    "add": "`add_documents` request into smaller batches using its `client_batch_size` parameter.",
    "update": "update_documents request into smaller batches using its client_batch_size parameter ",
}


@dataclass(frozen=True)
class Chunk:
    """A piece of a field that has a vector."""

    field: str
    text: str


@dataclass(frozen=True)
class Document:
    """A stored document: its fields without `_id`, and a row of `vectors` for each chunk.

    `weights`: by combination those of its parts. `styles`: by field how its words are stemmed, if mappings said so.
    """

    id: str
    fields: dict[str, Any]
    chunks: tuple[Chunk, ...]
    vectors: Vector
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    styles: Mapping[str, Style] = field(default_factory=dict)

    def told(self, *, is_flat: bool) -> dict[str, Any]:
        """Its fields; flat, as an unstructured index tells them, members of mappings are fields: `stock.berlin`."""
        if not is_flat or not any(isinstance(value, dict) for value in self.fields.values()):
            return self.fields
        return dict(each for name, value in self.fields.items() for each in _flat(name, value))

    def rows_of(self, name: str) -> list[int]:
        """Which of its vectors are of this field."""
        return [row for row, chunk in enumerate(self.chunks) if chunk.field == name]


def kept_styles(document: Document) -> dict[str, list[str | None]]:
    """As they are written to disk."""
    return {name: style.kept for name, style in document.styles.items()}


def styles_of(told: Mapping[str, Any]) -> dict[str, Style]:
    """From what was written; older data have none."""
    return {name: Style(*kept) for name, kept in (told.get("styles") or {}).items()}


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((f"{name}.{key}", each) for key, each in value.items())
    else:
        yield name, value


class DocumentError(Exception):
    """Why one document of a batch was refused; the others go on."""

    def __init__(self, message: str, code: str = "invalid_argument") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def id_mistake(name: Any) -> str | None:
    """None for what a document can be called."""
    if not isinstance(name, str):
        what = f"Received _id {str(name)[:100]} of type `{type(name).__name__}`"
        return f"Document _id must be a string type! {what}"
    return None if name else "Document ID can't be empty"


def check_batch(documents: Sequence[Any], verb: Verb) -> None:
    """Raises ApiError when there are none, or too many."""
    if not documents:
        raise ApiError(400, "bad_request", f"Received empty {ASKED[verb]} request")
    if len(documents) > BATCH_MAX:
        message = f"Number of docs in {ASKED[verb]} request ({len(documents)}) exceeds limit of {BATCH_MAX}."
        raise ApiError(400, "bad_request", f"{message} If using the Python client, break up your {SMALLER[verb]}")


def is_number(value: Any) -> bool:
    """A float, which is finite in JSON, or an int of 64 bits."""
    return is_of(value, float) or (is_of(value, int) and -(2**63) <= value < 2**63)
