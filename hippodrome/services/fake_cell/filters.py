r"""The filter language, read into a tree.

    either  = both { " OR " both }
    both    = one { " AND " one } [ " AND " "NOT " term { ( " AND " | " OR " ) one } ]
    one     = [ "NOT " ] ( "(" either ")" | term )
    term    = field ":" value | field ":[" bound " TO " bound "]"
            | field " IN (" [ list ] ")" | field " CONTAINS " value
    value   = word | "(" text ")"
    list    = value { "," value }
    bound   = number | "*"              at least one of the two is a number

A backslash takes away what the next character means. AND, OR and NOT are written in capitals, the others need not be.
As in the server, a NOT before a term that comes after AND takes all that follows to its side: `a AND NOT b OR c` is
`a AND (NOT b OR c)`; a comma parts two values of a list within brackets too; a bracket around a value may stay open.
"""

from dataclasses import dataclass
from functools import lru_cache

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.filter_tokens import Scanner, Token, refused

OPERATORS = ("AND", "OR", "NOT")
INFINITY = float("inf")
DEPTH_MAX = 100  # a tree that is deeper could not be walked


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
class Contains:
    """The words of the value, one after the other, in any form of theirs: lamps in `a lamp`."""

    field: str
    value: str
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


Term = Equal | Within | OneOf | Contains
Node = Term | Not | AllOf | AnyOf


@lru_cache(maxsize=256)
def parse(text: str) -> Node:
    """The tree. Raises ApiError naming the position."""
    if not text:
        raise refused("Cannot parse empty filter string")
    return _Parser(text).parsed()


class _Parser:
    """`last` is the token before the next one; None at the beginning."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._scanner = Scanner(text)
        self._tokens = self._scanner.tokens()
        self._ahead = list[Token]()
        self._last: Token | None = None
        self._open = 0  # brackets

    def parsed(self) -> Node:
        if self._peek() is None:
            raise _unplaced("Empty filter string")
        found = self._either()
        token = self._peek()
        if token is None:
            return found
        raise self._error("Unexpected )", token.start)

    def _either(self) -> Node:
        waiting = list[tuple[list[Node], list[Node]]]()  # ANDs, within ORs, that take all that follows as their last
        parts, together = list[Node](), [self._one()]
        while True:
            if self._took("OR"):
                parts, together = [*parts, _all_of(together)], [self._one()]
            elif not self._took("AND"):
                break
            elif self._is_at_negated_term():
                waiting.append((parts, together))
                parts, together = [], [self._one()]
            else:
                together.append(self._one())
        self._check_end()
        found = _any_of([*parts, _all_of(together)])
        for parts, together in reversed(waiting):
            found = _any_of([*parts, _all_of([*together, found])])
        return found

    def _is_at_negated_term(self) -> bool:
        token = self._peek()
        after = self._peek(1) if token is not None and token.said == "NOT" else None
        return after is not None and after.raw != "("

    def _one(self) -> Node:
        if self._took("NOT"):
            token = self._peek()
            if token is not None and token.said == "NOT":
                raise self._error("Unexpected modifier 'NOT'", token.end - len(token.raw))
            return Not(self._plain_one())
        return self._plain_one()

    def _plain_one(self) -> Node:
        token, last = self._peek(), self._last
        if token is None:
            raise self._ended()
        if token.raw == ")":
            raise self._closed_early(token)
        if token.said in OPERATORS:
            is_first = last is None or last.raw == "("
            what = "Unexpected" if is_first else "Expected term or expression, but found"
            raise self._error(f"{what} {token.said}", token.end - len(token.raw))
        if token.raw == "(":
            return self._grouped()
        self._check_term(token)
        self._advance()
        if token.kind == "open in":
            raise _unplaced("Unbalanced parentheses")
        return self._term(token)

    def _grouped(self) -> Node:
        self._advance()
        self._open += 1
        if self._open > DEPTH_MAX:
            raise _unplaced(f"More than {DEPTH_MAX} parentheses within each other")
        found = self._either()
        if self._peek() is None:
            raise _unplaced("Unbalanced parentheses")
        self._advance()
        self._open -= 1
        return found

    def _check_end(self) -> None:
        """After an expression the filter ends, or its brackets: all else lacks an operator."""
        token = self._peek()
        if token is None or token.raw == ")":
            return
        if token.raw == "(":
            self._grouped()
            assert self._last
            raise self._error(f"Unexpected expression ending at position {self._last.start}", self._last.start)
        if token.said == "NOT":
            raise self._error("Unexpected modifier 'NOT'", token.end - len(token.raw))
        self._check_term(token)
        raise self._error(f"Unexpected term '{token.said}'. Expected an operator", token.end - len(token.raw))

    def _ended(self) -> ApiError:
        """Where the filter ends too early."""
        if self._open or self._last is None:
            return _unplaced("Unbalanced parentheses")
        raw = self._last.raw
        return self._error(f"Expected term or expression, but found {raw}", len(self._text) - len(raw))

    def _closed_early(self, token: Token) -> ApiError:
        if self._last is None:
            return self._error("Unexpected )", token.start)
        if self._last.raw == "(":
            return self._error("Empty expression", token.start - 1)
        raw = self._last.raw
        return self._error(f"Expected term or expression, but found {raw}", token.start - len(raw))

    def _check_term(self, token: Token) -> None:
        if not token.name or (not token.values[0] and not token.kind.endswith("in")):
            raise self._error(f"Cannot parse token '{token.said}'", token.end)

    def _term(self, token: Token) -> Term:
        name, values, raw = token.name, token.values, self._text[token.start : token.end]
        if token.kind == "in":
            return OneOf(name, tuple(values), raw)
        if token.kind == "contains":
            return Contains(name, values[0], raw)
        if token.kind == "equal":
            return Equal(name, values[0], raw)
        try:
            return Within(name, *_bounds(values[0]), raw)
        except ValueError as error:
            raise self._error(f"Cannot parse range term '{token.said}': {error}", token.end) from error

    def _error(self, what: str, at: int) -> ApiError:
        return self._scanner.error(what, at)

    def _took(self, word: str) -> bool:
        """Whether this operator stands here; it has been read then."""
        token = self._peek()
        if token is None or token.said != word:
            return False
        self._advance()
        return True

    def _peek(self, further: int = 0) -> Token | None:
        while len(self._ahead) <= further:
            token = next(self._tokens, None)
            if token is None:
                return None
            self._ahead.append(token)
        return self._ahead[further]

    def _advance(self) -> None:
        self._last = self._ahead.pop(0)


def _any_of(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _all_of(parts: list[Node]) -> Node:
    """An AND at its end is a part of it, so that many of them are no deep tree."""
    last = parts[-1]
    parts = [*parts[:-1], *last.parts] if isinstance(last, AllOf) and len(parts) > 1 else parts
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _bounds(text: str) -> tuple[float, float]:
    """Raises ValueError with the server's words."""
    said = text.lower().split(" to ")
    if len(said) != 2:
        few = f"not enough values to unpack (expected 2, got {len(said)})"
        raise ValueError(few if len(said) < 2 else "too many values to unpack (expected 2)")
    low, high = _bound(said[0], -INFINITY), _bound(said[1], INFINITY)
    if (low, high) == (-INFINITY, INFINITY):
        raise ValueError("At least one of lower or upper must be specified")
    return low, high


def _bound(text: str, open_end: float) -> float:
    number = open_end if text == "*" else number_of(text.strip())
    if number is None or number != number:
        raise ValueError(f"Invalid range limit '{text}'")
    return number


def number_of(text: str) -> float | None:
    """None for what is no number; underscores and blanks make none."""
    try:
        return None if "_" in text or text != text.strip() else float(text)
    except ValueError:
        return None


def _unplaced(what: str) -> ApiError:
    return refused(f"Error parsing filter string None: {what}")
