"""Fields of all documents by place: read when first asked for, and later only what was added since."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Key = tuple[str, str | bool | float]  # "text", "truth" or "number", and the value


class HasFields(Protocol):
    """What is known of a document here."""

    @property
    def fields(self) -> dict[str, Any]: ...


@dataclass
class _Column:
    """One field; `upto`: how many places it was read of."""

    upto: int = 0
    numbers: "array[float]" = field(default_factory=lambda: array("d"))
    holders: "dict[Key, array[int]]" = field(default_factory=dict)
    groups: "array[int]" = field(default_factory=lambda: array("q"))
    lists: bytearray = field(default_factory=bytearray)
    codes: dict[Any, int] = field(default_factory=dict)


class Columns:
    """`longest`: a text with more characters cannot be asked for."""

    def __init__(self, documents: Sequence[HasFields], longest: int | None) -> None:
        self._documents = documents
        self._longest = longest
        self._columns: dict[str, _Column] = {}

    def numbers(self, name: str) -> Numbers:
        """NaN where there is none; `stock.berlin` is the member of a mapping."""
        return np.array(self._read(name).numbers, dtype=np.float64)

    def holders(self, name: str) -> "Mapping[Key, array[int]]":
        """By value: where it stands, alone or in a list. Numbers that stand alone are in `numbers`."""
        return self._read(name).holders

    def lists(self, name: str) -> NDArray[np.bool_]:
        """Where it is a list."""
        return np.array(self._read(name).lists, dtype=np.bool_)

    def groups(self, name: str) -> Places:
        """A number for each value that documents share; one of its own for each that has none."""
        return np.array(self._read(name).groups, dtype=np.int64)

    def _read(self, name: str) -> _Column:
        column = self._columns.setdefault(name, _Column())
        for place in range(column.upto, len(self._documents)):
            value = value_of(self._documents[place].fields, name)
            column.numbers.append(_number(value))
            column.lists.append(isinstance(value, list))
            for key in self._keys(value):
                column.holders.setdefault(key, array("q")).append(place)
            is_value = isinstance(value, str | int | float)
            column.groups.append(column.codes.setdefault(value, len(column.codes)) if is_value else -1 - place)
        column.upto = len(self._documents)
        return column

    def _keys(self, value: Any) -> list[Key]:
        if isinstance(value, list):
            return list(dict.fromkeys(key for each in value for key in _keys_of(each)))
        if isinstance(value, str) and self._longest is not None and len(value) > self._longest:
            return []
        return _keys_of(value) if isinstance(value, str | bool) else []


def _keys_of(value: Any) -> list[Key]:
    if isinstance(value, str):
        return [("text", value)]
    if isinstance(value, bool):
        return [("truth", value)]
    return [("number", float(value))] if isinstance(value, int | float) else []


def value_of(fields: Mapping[str, Any], name: str) -> Any:
    """Of a field, or of a mapping's member: `stock.berlin`."""
    value = fields.get(name)
    if value is None and "." in name:
        first, _, member = name.partition(".")
        held = fields.get(first)
        return held.get(member) if isinstance(held, dict) else None
    return value


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")
