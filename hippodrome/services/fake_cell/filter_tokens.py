"""Brackets, operators and terms of a filter, with the places where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hippodrome.services.common.errors import ApiError

DIVIDER = re.compile(r" (CONTAINS) | (IN) ", re.IGNORECASE)


@dataclass
class Token:
    """A bracket, an operator or a term, from `start` to `end`.

    `said` is what it says without backslashes, `raw` with them. `kind` and what follows it are of a term: how its
    field is asked for, and the values, of which IN alone has more than one.
    """

    start: int
    end: int = 0
    said: str = ""
    raw: str = ""
    kind: str = ""
    name: str = ""
    values: list[str] = field(default_factory=list)

    def take(self, character: str, raw: str = "") -> None:
        self.said += character
        self.raw += raw or character


class Scanner:
    """Brackets, operators and terms, one after the other."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def tokens(self) -> Iterator[Token]:
        while (token := self._next()) is not None:
            yield token

    def error(self, what: str, at: int) -> ApiError:
        """With a caret below the place."""
        said = "Error parsing filter: "
        caret = " " * (at + len(said)) + "^"
        return refused(f"\n{said}{self._text}\n{caret}\nat position {at}: {what}")

    def _next(self) -> Token | None:
        while self._here == " ":
            self._at += 1
        if not self._here:
            return None
        token = Token(self._at)
        if self._here in "()":
            token.take(self._here)
            self._at += 1
        else:
            self._word(token)
        token.end = self._at
        return token

    def _word(self, token: Token) -> None:
        """An operator, or a term with its value."""
        while (here := self._here) and here not in " ):":
            if here == "(":
                raise self.error("Unexpected (", self._at)
            token.take(*self._character())
        divider = DIVIDER.match(self._text, self._at) if here == " " else None
        if here == ":":
            token.kind, token.name = "equal", token.said
            token.take(here)
            self._at += 1
            self._value(token)
        elif divider:
            token.kind, token.name = "contains" if divider[1] else "in", token.said
            self._divided(token, divider.end())

    def _divided(self, token: Token, end: int) -> None:
        """After CONTAINS or IN."""
        if token.kind == "contains":
            token.take(" CONTAINS ")
            self._at = end
            return self._value(token)
        if self._text[end : end + 1] != "(":
            raise self.error("Expected ( after ' IN '", self._at)
        token.take(" IN (")
        self._at = end + 1
        return self._list(token)

    def _value(self, token: Token) -> None:
        value, closing = "", ""
        while (here := self._here) and (closing or here not in " )"):
            if here == closing:
                token.take(here)
                self._at += 1
                self._end_of(token)
                break
            if not value and not closing and here in "([":
                closing = self._opened(token)
            else:
                value += self._taken(token)
        token.values = [value]

    def _list(self, token: Token) -> None:
        """Up to the bracket that ends it."""
        values, closing = [""], ""
        while (here := self._here) and (closing or here != ")"):
            if here == ",":
                token.take(here)
                self._at += 1
                values.append("")
                while self._here == " ":
                    self._at += 1
            elif here == closing:
                token.take(here)
                self._at += 1
                closing = ""
            elif here == " " and not closing:
                raise self.error("Unexpected white space in IN term list", self._at)
            elif not values[-1] and not closing and here in "([":
                closing = self._opened(token)
            else:
                values[-1] += self._taken(token)
        token.values = values
        token.kind = "in" if self._here else "open in"
        if self._here:
            token.take(")")
            self._at += 1
            self._end_of(token)

    def _opened(self, token: Token) -> str:
        """What closes the bracket that opens here."""
        here = self._here
        if here == "[":
            if token.kind != "equal":
                raise self.error("[ and ] are only usable with the RANGE operator.", self._at)
            token.kind = "range"
        token.take(here)
        self._at += 1
        return ")" if here == "(" else "]"

    def _end_of(self, token: Token) -> None:
        if self._here and self._here not in " )":
            raise self.error(f"Expected end of term, but found '{self._here}'", self._at)

    def _taken(self, token: Token) -> str:
        character, raw = self._character()
        token.take(character, raw)
        return character

    def _character(self) -> tuple[str, str]:
        """The next one, what it means and how it is written; with a backslash before it, itself."""
        raw = self._text[self._at : self._at + 2] if self._here == "\\" else self._here
        self._at += len(raw)
        return raw[1:] if raw[0] == "\\" else raw, raw

    @property
    def _here(self) -> str:
        return self._text[self._at : self._at + 1]


def refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)
