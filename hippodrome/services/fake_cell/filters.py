"""The filter language: `color:red AND (price:[10 TO *] OR NOT brand IN (a, b))`, read into a predicate."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hippodrome.services.common.errors import ApiError

Fields = Mapping[str, Any]
Predicate = Callable[[Fields], bool]

FIELD = re.compile(r"(?:\\.|[^\s\\:()\[\]])+")
VALUE = re.compile(r"(?:\\.|[^\s\\()\[\]])+")
BRACKETED = re.compile(r"\(((?:\\.|[^)\\])*)\)")
RANGE = re.compile(r"\[\s*(\S+)\s+[tT][oO]\s+([^\s\]]+)\s*\]")
IN = re.compile(r"\s+[iI][nN]\s*(?=\()")
WORD = re.compile(r"(AND|OR|NOT)(?=[\s(]|\Z)")
INFINITY = float("inf")
ELEMENT = re.compile(r"(?:\\.|[^\s\\(),\[\]])+")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass
class Reader:
    """The text, and how far it was read."""

    text: str
    at: int = 0

    def error(self, what: str) -> ApiError:
        """With a caret below the place."""
        caret = " " * self.at + "^"
        message = f"Error parsing filter: {what} at position {self.at}\n{self.text}\n{caret}"
        return ApiError(400, "invalid_argument", message)

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What matches here; it has been read then."""
        if found := pattern.match(self.text, self.at):
            self.at = found.end()
        return found

    def word(self) -> str:
        """The operator that stands here, not yet read."""
        found = WORD.match(self.text, self.at)
        return found[1] if found else ""

    def is_over(self) -> bool:
        return self.at >= len(self.text)

    @property
    def next(self) -> str:
        return self.text[self.at : self.at + 1]


@lru_cache(maxsize=256)
def parse(text: str) -> Predicate:
    """A predicate over fields, `_id` among them. Raises ApiError naming the position."""
    reader = Reader(text)
    reader.skip()
    if reader.is_over():
        raise reader.error("the filter is empty")
    found = _either(reader)
    reader.skip()
    if not reader.is_over():
        raise reader.error("Unexpected )" if reader.next == ")" else "expected AND or OR")
    return found


def _either(reader: Reader) -> Predicate:
    parts = [_both(reader)]
    while _took(reader, "OR"):
        parts.append(_both(reader))
    return parts[0] if len(parts) == 1 else lambda fields: any(part(fields) for part in parts)


def _both(reader: Reader) -> Predicate:
    parts = [_one(reader)]
    while _took(reader, "AND"):
        parts.append(_one(reader))
    return parts[0] if len(parts) == 1 else lambda fields: all(part(fields) for part in parts)


def _took(reader: Reader, word: str) -> bool:
    reader.skip()
    if reader.word() != word:
        return False
    reader.at += len(word)
    return True


def _one(reader: Reader) -> Predicate:
    if _took(reader, "NOT"):
        reader.skip()
        if reader.word():
            raise reader.error(f"{reader.word()} cannot follow NOT")
        negated = _one(reader)
        return lambda fields: not negated(fields)
    if reader.is_over():
        raise reader.error("expected a term")
    if reader.word():
        raise reader.error(f"{reader.word()} needs a term before it")
    if reader.next == "(":
        return _grouped(reader)
    return _term(reader)


def _grouped(reader: Reader) -> Predicate:
    reader.at += 1
    reader.skip()
    if reader.next == ")":
        raise reader.error("the brackets are empty")
    found = _either(reader)
    reader.skip()
    if reader.next != ")":
        raise reader.error("a bracket is not closed" if reader.is_over() else "expected AND or OR")
    reader.at += 1
    return found


def _term(reader: Reader) -> Predicate:
    named = reader.take(FIELD)
    if not named:
        raise reader.error(f"Unexpected {reader.next}")
    field = _plain(named[0])
    if reader.take(IN):
        return _in(reader, field)
    if reader.next != ":":
        raise reader.error(f"expected a colon after `{field}`")
    reader.at += 1
    if reader.next == "[":
        return _range(reader, field)
    if bracketed := reader.take(BRACKETED):
        return _equal(field, _plain(bracketed[1]))
    value = reader.take(VALUE)
    if not value:
        raise reader.error(f"`{field}` has no value")
    return _equal(field, _plain(value[0]))


def _range(reader: Reader, field: str) -> Predicate:
    found = RANGE.match(reader.text, reader.at)
    low, high = (_bound(found[1], -INFINITY), _bound(found[2], INFINITY)) if found else (None, None)
    if found is None or low is None or high is None or (low, high) == (-INFINITY, INFINITY):
        raise reader.error("a range is `[low TO high]` with numbers, of which one may be `*`")
    reader.at = found.end()
    least, most = low, high  # for the checker: they are numbers from here on

    def is_within(value: Any) -> bool:
        return _is_number(value) and least <= value <= most

    return lambda fields: any(map(is_within, _values(fields, field)))


def _bound(text: str, open_end: float) -> float | None:
    return open_end if text == "*" else _number(text)


def _in(reader: Reader, field: str) -> Predicate:
    began = reader.at
    reader.at += 1
    wanted: list[Predicate] = []
    while True:
        reader.skip()
        value = reader.take(BRACKETED) or reader.take(ELEMENT)
        if not value:
            raise reader.error("IN needs values, set off by commas")
        wanted.append(_equal(field, _plain(value[1] if value.lastindex else value[0])))
        reader.skip()
        if reader.next == ")":
            reader.at += 1
            return lambda fields: any(each(fields) for each in wanted)
        if reader.next != ",":
            reader.at = began if reader.is_over() else reader.at
            raise reader.error(
                "a bracket is not closed" if reader.is_over() else "values of IN are set off by commas"
            )
        reader.at += 1


def _equal(field: str, wanted: str) -> Predicate:
    """Exact, and with the case of letters; numbers as numbers, true and false in any case; of a list any element."""
    number = _number(wanted)
    truth = {"true": True, "false": False}.get(wanted.lower())

    def is_equal(value: Any) -> bool:
        if isinstance(value, bool):
            return value is truth
        if _is_number(value):
            return number is not None and value == number
        return bool(value == wanted)

    return lambda fields: any(map(is_equal, _values(fields, field)))


def _values(fields: Fields, field: str) -> list[Any]:
    """Of a field, a list's elements, or a member of a mapping: `stock.berlin`."""
    value = fields.get(field)
    if value is None and "." in field:
        name, _, member = field.partition(".")
        held = fields.get(name)
        value = held.get(member) if isinstance(held, dict) else None
    return value if isinstance(value, list) else [] if value is None else [value]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(text: str) -> str:
    return ESCAPED.sub(r"\1", text)
