"""The fields that an unstructured index has come to have. They stay when the documents that brought them go."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.documents import Document
from hippodrome.services.fake_cell.stems import PLAIN, Style

Kind = Literal["lexical", "string array", "tensor"]
FIELDS_MAX = 100  # of each kind; marqo 2.16, tensor_search/configs.py


@dataclass
class Grown:
    """By kind the names of its fields, and of those of texts how their words are stemmed, for good.

    `collapse` is in its schema from the start, and counts as none of them.
    """

    collapse: str | None = None
    names: dict[Kind, set[str]] = field(
        default_factory=lambda: {"lexical": set(), "string array": set(), "tensor": set()}
    )

    styles: dict[str, Style] = field(default_factory=dict)

    def learn(self, document: Document) -> None:
        for kind, name in self._fields(document):
            self.names[kind].add(name)
            if kind == "lexical":
                self.styles.setdefault(name, document.styles.get(name, PLAIN))

    def check(self, documents: Iterable[Document], index: str) -> None:
        """Raises ApiError 400 when these would bring more fields than an index can have."""
        seen = {kind: set(names) for kind, names in self.names.items()}
        for kind, name in (each for document in documents for each in self._fields(document)):
            if name not in seen[kind] and len(seen[kind]) >= FIELDS_MAX:
                what = f"Your request to add {name} as a {kind} field is rejected since it exceeds the limit"
                message = f"Index {index} has {len(seen[kind])} {kind} fields. {what} of {FIELDS_MAX}."
                raise ApiError(400, "bad_request", message)
            seen[kind].add(name)

    def _fields(self, document: Document) -> Iterator[tuple[Kind, str]]:
        for name, value in document.fields.items():
            if isinstance(value, str) and name != self.collapse:
                yield "lexical", name
            elif isinstance(value, list):
                yield "string array", name
        for chunk in document.chunks:
            yield "tensor", chunk.field
