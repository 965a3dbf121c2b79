r"""The filter language, read into a tree.

    either  = both { " OR " both }
    both    = one { " AND " one }
    one     = [ "NOT " ] ( "(" either ")" | term )
    term    = field ":" value | field ":(" text ")" | field ":[" bound " TO " bound "]" | field " IN (" [ list ] ")"
    list    = item { "," item }         item = word | "(" text ")"
    bound   = number | "*"              at least one of the two is a number

A backslash takes away what the next character means. AND, OR and NOT are written in capitals, TO and IN need not be.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from hippodrome.services.common.errors import ApiError

FIELD = re.compile(r"(?:\\.|[^ \\:()])+", re.DOTALL)
VALUE = re.compile(r"(?:\\.|[^ \\)])+", re.DOTALL)
BRACKETED = re.compile(r"\(((?:\\.|[^)\\])*)\)", re.DOTALL)
RANGE = re.compile(r"\[([^\]]*)\]")
BOUNDS = re.compile(r"\s*(\S+)\s+to\s+(\S+)\s*\Z", re.IGNORECASE)
IN = re.compile(r" IN(?= )", re.IGNORECASE)
WORD = re.compile(r"(AND|OR|NOT)(?=[ ()]|\Z)")
ELEMENT = re.compile(r"(?:\\.|[^ \\(),\[\]])+", re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
INFINITY = float("inf")


@dataclass(frozen=True)
class Equal:
    """Exactly this value, with the case of letters; of a list any element. `raw` is how it was written."""

    field: str
    value: str
    raw: str = ""


@dataclass(frozen=True)
class Within:
    """A number from `low` to `high`, both included."""

    field: str
    low: float
    high: float
    raw: str = ""


@dataclass(frozen=True)
class OneOf:
    """Any of the values."""

    field: str
    values: tuple[str, ...]
    raw: str = ""


@dataclass(frozen=True)
class Not:
    """What is inside must not hold."""

    inside: "Node"


@dataclass(frozen=True)
class AllOf:
    """Each must hold."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class AnyOf:
    """One must hold."""

    parts: tuple["Node", ...]


Term = Equal | Within | OneOf
Node = Term | Not | AllOf | AnyOf


@dataclass
class Reader:
    """The text, and how far it was read."""

    text: str
    at: int = 0

    def error(self, what: str, at: int | None = None) -> ApiError:
        """With a caret below the place."""
        place = self.at if at is None else at
        said = "Error parsing filter: "
        caret = " " * (place + len(said)) + "^"
        message = f"{said}{self.text}\n{caret}\nat position {place}: {what}"
        return ApiError(400, "invalid_argument", message)

    def skip(self) -> None:
        while self.next == " ":
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
def parse(text: str) -> Node:
    """The tree. Raises ApiError naming the position."""
    reader = Reader(text)
    reader.skip()
    if reader.is_over():
        raise reader.error("Cannot parse an empty filter")
    found = _either(reader)
    reader.skip()
    if not reader.is_over():
        raise reader.error("Unexpected )" if reader.next == ")" else "Unexpected term, expected an operator")
    return found


def _either(reader: Reader) -> Node:
    parts = _parts(reader, "OR", _both)
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _both(reader: Reader) -> Node:
    parts = _parts(reader, "AND", _one)
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _parts(reader: Reader, operator: str, read: Callable[[Reader], Node]) -> list[Node]:
    parts = [read(reader)]
    while _took(reader, operator):
        parts.append(read(reader))
    return parts


def _took(reader: Reader, word: str) -> bool:
    """Whether this operator stands here; it has been read then."""
    reader.skip()
    if reader.word() != word:
        return False
    reader.at += len(word)
    if reader.next == "(":
        raise reader.error("Unexpected (, a space must come before it")
    return True


def _one(reader: Reader) -> Node:
    if _took(reader, "NOT"):
        reader.skip()
        if reader.word() == "NOT":
            raise reader.error("Unexpected modifier 'NOT'")
        return Not(_plain_one(reader))
    return _plain_one(reader)


def _plain_one(reader: Reader) -> Node:
    if reader.is_over():
        raise reader.error("Expected term or expression, but the filter ends")
    if reader.word():
        raise reader.error(f"Expected term or expression, but found {reader.word()}")
    return _grouped(reader) if reader.next == "(" else _term(reader)


def _grouped(reader: Reader) -> Node:
    opened = reader.at
    reader.at += 1
    reader.skip()
    if reader.next == ")":
        raise reader.error("Empty expression", opened)
    found = _either(reader)
    reader.skip()
    if reader.is_over():
        raise reader.error("Unbalanced parentheses")
    if reader.next != ")":
        raise reader.error("Unexpected term, expected an operator")
    reader.at += 1
    return found


def _term(reader: Reader) -> Node:
    began = reader.at
    named = reader.take(FIELD)
    if not named:
        raise reader.error(f"Unexpected {reader.next}")
    field = _unescaped(named[0])
    if reader.take(IN):
        return OneOf(field, _items(reader), reader.text[began : reader.at])
    if reader.next == "(":
        raise reader.error("Unexpected (")
    if reader.next != ":":
        raise reader.error(f"Cannot parse token '{field}', expected a colon")
    reader.at += 1
    found = _valued(reader, field, began)
    if not reader.is_over() and reader.next not in " )":
        raise reader.error(f"Expected end of term, but found '{reader.next}'")
    return found


def _valued(reader: Reader, field: str, began: int) -> Term:
    if reader.next == "[":
        low, high = _bounds(reader)
        return Within(field, low, high, reader.text[began : reader.at])
    if reader.next == "(":
        bracketed = reader.take(BRACKETED)
        if not bracketed:
            raise reader.error("Unbalanced parentheses")
        return Equal(field, _unescaped(bracketed[1]), reader.text[began : reader.at])
    value = reader.take(VALUE)
    if not value:
        raise reader.error(f"Cannot parse token '{field}:', it has no value")
    return Equal(field, _unescaped(value[0]), reader.text[began : reader.at])


def _bounds(reader: Reader) -> tuple[float, float]:
    at = reader.at
    found = reader.take(RANGE)
    said = BOUNDS.match(found[1]) if found else None
    if not said:
        raise reader.error("Cannot parse range term, it is [low TO high]", at)
    low, high = _bound(said[1], -INFINITY), _bound(said[2], INFINITY)
    if low is None or high is None:
        raise reader.error(f"Cannot parse range term: Invalid range limit '{said[1 if low is None else 2]}'", at)
    if (low, high) == (-INFINITY, INFINITY):
        raise reader.error("Cannot parse range term: At least one of lower or upper must be specified", at)
    return low, high


def _bound(text: str, open_end: float) -> float | None:
    """None for what is no finite number."""
    number = open_end if text == "*" else number_of(text)
    return None if number is None or number != number else number


def _items(reader: Reader) -> tuple[str, ...]:
    reader.at += 1
    if reader.next != "(":
        raise reader.error("Expected ( after ' IN '")
    reader.at += 1
    found = list[str]()
    if reader.next == ")":
        reader.at += 1
        return ()
    while True:
        if reader.next == "[":
            raise reader.error("Unexpected [ after IN operator.")
        value = reader.take(BRACKETED) or reader.take(ELEMENT)
        if not value:
            raise reader.error("Unbalanced parentheses" if reader.is_over() else "IN needs values")
        found.append(_unescaped(value[1] if value.lastindex else value[0]))
        if reader.next == ")":
            reader.at += 1
            return tuple(found)
        if reader.next == " ":
            raise reader.error("Unexpected white space in IN term list")
        if reader.next != ",":
            raise reader.error("Unbalanced parentheses" if reader.is_over() else f"Unexpected {reader.next}")
        reader.at += 1
        reader.skip()


def number_of(text: str) -> float | None:
    """None for what is no number; underscores and blanks make none."""
    try:
        return None if "_" in text or text != text.strip() else float(text)
    except ValueError:
        return None


def _unescaped(text: str) -> str:
    return ESCAPED.sub(r"\1", text)
