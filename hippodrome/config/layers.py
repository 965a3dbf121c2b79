"""Laying one layer over another: values merge, and for every path the chain of layers that set it is kept."""

import collections.abc
from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin

from hippodrome.config.model import Link, Source
from hippodrome.config.reader import Document, Tagged
from hippodrome.config.schema import hints
from hippodrome.errors import Place

Origins = dict[str, tuple[Link, ...]]


@dataclass(frozen=True)
class Layer:
    """One source of values: its name for people, what it says in one form, and the document with the places."""

    name: str
    value: Mapping[str, Any]
    document: Document

    def place(self, path: str) -> Place:
        """Of the value at this path of the document, or of the nearest thing above it."""
        while path:
            keys, values = self.document.keys.get(path), self.document.values.get(path)
            if found := keys or values:
                return values if values and keys and values.line == keys.line else found
            path = path.rpartition(".")[0]
        return Place(self.document.file)


@dataclass
class Merger:
    """The layers merged so far."""

    origins: Origins = field(default_factory=dict)

    def lay(self, kind: Any, below: Any, above: Any, *, layer: Layer, at: str, doc_at: str) -> Any:
        """`above` over `below`, both of the form of `kind`. `at`: the path; `doc_at`: where the document has it."""
        step = _Step(self.origins, layer)
        return step.merge(_plain(kind), below, above, at, doc_at)


@dataclass(frozen=True)
class _Step:
    origins: Origins
    layer: Layer

    def merge(self, kind: Any, below: Any, above: Any, at: str, doc_at: str) -> Any:
        if isinstance(above, Tagged):
            return self._tagged(kind, above, at, doc_at)
        if is_dataclass(kind) or _is_mapping(kind):
            return self._mapping(kind, below, above, at, doc_at)
        if get_origin(kind) is tuple and isinstance(above, list):
            return self._list(kind, below or [], above, at, doc_at)
        self._note(at, doc_at, above)
        return above

    def _tagged(self, kind: Any, above: Tagged, at: str, doc_at: str) -> Any:
        """`!reset` and a null drop what lies below, `!override` puts its own in its place."""
        self._forget(at)
        if above.how == "reset":
            self._note(at, doc_at, None)
            return _EMPTY
        return self.merge(kind, None, above.value, at, doc_at)

    def _mapping(self, kind: Any, below: Any, above: Any, at: str, doc_at: str) -> Any:
        merged = dict(below) if isinstance(below, dict) else {}
        if at:
            self._note(at, doc_at, above)
        for name, value in above.items():
            inner = _plain(_member_kind(kind, name))
            here = f"{at}.{name}" if at else name
            found = self.merge(inner, merged.get(name), value, here, f"{doc_at}.{name}" if doc_at else name)
            if found is _EMPTY:
                merged.pop(name, None)
            else:
                merged[name] = found
        return merged

    def _list(self, kind: Any, below: list[Any], above: list[Any], at: str, doc_at: str) -> list[Any]:
        """Added to what lies below; sources come before it, for the first that is there is run."""
        inner = _plain(get_args(kind)[0])
        added = [(index, value) for index, value in enumerate(above) if value not in below]
        comes_first = inner is Source
        start = 0 if comes_first else len(below)
        if comes_first:
            self._shift(at, len(added))
        self._note(at, doc_at, above)
        new = [
            self.merge(inner, None, value, f"{at}.{start + place}", f"{doc_at}.{index}")
            for place, (index, value) in enumerate(added)
        ]
        return [*new, *below] if comes_first else [*below, *new]

    def _note(self, at: str, doc_at: str, value: Any) -> None:
        link = Link(self.layer.name, self.layer.place(doc_at), value)
        self.origins[at] = (*self.origins.get(at, ()), link)

    def _forget(self, at: str) -> None:
        for path in [path for path in self.origins if path.startswith(f"{at}.")]:
            del self.origins[path]

    def _shift(self, at: str, by: int) -> None:
        inside = [path for path in self.origins if path.startswith(f"{at}.")] if by else []
        moved = {_moved(path, at, by): self.origins.pop(path) for path in inside}
        self.origins.update(moved)


_EMPTY: Any = object()  # nothing is said any more


def _moved(path: str, at: str, by: int) -> str:
    index, dot, rest = path[len(at) + 1 :].partition(".")
    return f"{at}.{int(index) + by}{dot}{rest}"


def _plain(kind: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        return next(each for each in get_args(kind) if each is not type(None))
    return kind


def _is_mapping(kind: Any) -> bool:
    return get_origin(kind) is collections.abc.Mapping


def _member_kind(kind: Any, name: str) -> Any:
    return hints(kind)[name] if is_dataclass(kind) else get_args(kind)[1]  # type: ignore[arg-type]
