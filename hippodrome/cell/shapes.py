"""Where two answers differ in shape: status, kind of content, keys, types, lengths, codes; not in their values."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hippodrome.cell.exchange import Answered, Body

MISSING = "missing"
SCORES = frozenset({"_score", "_tensor_score", "_lexical_score", "_pre_rerank_score"})
SAID = frozenset({"code", "status", "errors", "_found", "acknowledged"})  # values that programs act on
HEADERS = ("x-count-success", "x-count-failure", "x-count-error", "retry-after")  # whether they are there
# Lists that tell what else a cell has, not how it answers.
INVENTORIES = re.compile(r"/(?:indexes|models|device/\w+)/?(?:\?|\Z)")
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class Difference:
    """`path` into the answer, such as `hits[0]._score`; the two sides in words."""

    path: str
    recorded: str
    answered: str

    def __str__(self) -> str:
        return f"{self.path}: {self.recorded} → {self.answered}"


@dataclass(frozen=True)
class Manner:
    """How to compare. `tolerance` of scores, as a part of them; None compares none.

    `ignored` are paths, `[]` for any index in them; what lies below one is ignored too.
    """

    tolerance: float | None = None
    ignored: tuple[str, ...] = ()

    def is_ignored(self, path: str) -> bool:
        plain = _INDEX.sub("[]", path)
        return any(each in (path, plain) or plain.startswith((f"{each}.", f"{each}[")) for each in self.ignored)


def differences(path: str, recorded: Answered, answered: Answered, manner: Manner) -> list[Difference]:
    """`path` is that of the request. Both answers are cleaned."""
    found = [*_status(recorded, answered), *_headers(recorded, answered)]
    bodies = _bodies(recorded.body, answered.body, _Comparing(manner, is_inventory=bool(INVENTORIES.match(path))))
    are_alike = (recorded.status < 400) == (answered.status < 400)
    found += bodies if are_alike else [each for each in bodies if each.path == "code"]  # the rest follows from that
    return [each for each in found if not manner.is_ignored(each.path)]


def _status(recorded: Answered, answered: Answered) -> Iterator[Difference]:
    if recorded.status != answered.status:
        yield Difference("status", str(recorded.status), str(answered.status))


def _headers(recorded: Answered, answered: Answered) -> Iterator[Difference]:
    kinds = [
        side.headers.get("content-type", MISSING).partition(";")[0].strip().lower() for side in (recorded, answered)
    ]
    if kinds[0] != kinds[1]:
        yield Difference("content-type", *kinds)
    for name in HEADERS:
        there = ["there" if name in side.headers else MISSING for side in (recorded, answered)]
        if there[0] != there[1]:
            yield Difference(name, *there)


def _bodies(recorded: Body | None, answered: Body | None, comparing: "_Comparing") -> Iterator[Difference]:
    if recorded and answered and recorded.kind == answered.kind == "json":
        yield from comparing.values("", recorded.value, answered.value)
    elif _kind(recorded) != _kind(answered):
        yield Difference("body", _kind(recorded), _kind(answered))


def _kind(body: Body | None) -> str:
    return {"json": "JSON", "text": "text", "left_out": "bytes"}[body.kind] if body else "empty"


class _Comparing:
    def __init__(self, manner: Manner, *, is_inventory: bool) -> None:
        self._manner, self._is_inventory = manner, is_inventory

    def values(self, path: str, ours: Any, theirs: Any) -> Iterator[Difference]:
        """Of two JSON values at this path."""
        kinds = type_of(ours), type_of(theirs)
        if kinds[0] != kinds[1]:
            yield Difference(path or "body", *kinds)
        elif isinstance(ours, dict):
            yield from self._objects(path, ours, theirs)
        elif isinstance(ours, list):
            yield from self._lists(path, ours, theirs)
        elif self._differ(path.rpartition(".")[2], ours, theirs):
            yield Difference(path, repr(ours), repr(theirs))

    def _objects(self, path: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Difference]:
        for name in (*ours, *(each for each in theirs if each not in ours)):
            below = f"{path}.{name}".lstrip(".")
            if name in ours and name in theirs:
                yield from self.values(below, ours[name], theirs[name])
            else:
                yield Difference(below, _told(ours, name), _told(theirs, name))

    def _lists(self, path: str, ours: Sequence[Any], theirs: Sequence[Any]) -> Iterator[Difference]:
        if len(ours) != len(theirs) and not self._is_inventory:
            yield Difference(path or "body", _length(ours), _length(theirs))
        for index, other in _pairs(ours, theirs):
            yield from self.values(f"{path}[{index}]", ours[index], theirs[other])

    def _differ(self, name: str, ours: Any, theirs: Any) -> bool:
        if name in SAID:
            return bool(ours != theirs)
        if name not in SCORES or self._manner.tolerance is None or not isinstance(ours, int | float):
            return False
        return bool(abs(ours - theirs) > self._manner.tolerance * max(abs(ours), abs(theirs)))


def _told(side: dict[str, Any], name: str) -> str:
    """The type of a member; of what programs act on, the value."""
    if name not in side:
        return MISSING
    return repr(side[name]) if name in SAID else type_of(side[name])


def type_of(value: Any) -> str:
    """As JSON calls it."""
    if isinstance(value, bool):
        return "boolean"
    names: dict[type, str] = {dict: "object", list: "list", str: "text", int: "number", float: "number"}
    return names.get(type(value), "null")


def _length(items: Sequence[Any]) -> str:
    return "1 item" if len(items) == 1 else f"{len(items)} items"


def _pairs(ours: Sequence[Any], theirs: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """What is held against what: documents by their ids, whatever their order; the rest as it comes."""
    places = {_id(each): place for place, each in enumerate(theirs)}
    by_id = {place: places[_id(each)] for place, each in enumerate(ours) if _id(each) and _id(each) in places}
    taken = set(by_id.values())
    others = (place for place in range(len(theirs)) if place not in taken)
    for place in range(len(ours)):
        other = by_id.get(place)
        if other is None and (other := next(others, None)) is None:
            continue
        yield place, other


def _id(value: Any) -> str:
    found = value.get("_id") if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
