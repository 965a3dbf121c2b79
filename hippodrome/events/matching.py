"""Holding events against event patterns, by moto's matcher.

Where it knowingly differs from EventBridge: an array of objects is not looked into, and a key with a dot in its name
is taken for two.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

OR = "$or"
MISSING = "(missing)"


@dataclass(frozen=True)
class Clause:
    """One condition of a pattern, and what the event has there. `wanted` as the pattern has it."""

    path: str
    wanted: Any
    found: Any
    is_met: bool


def matches(pattern: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether an event matches all of a pattern."""
    from moto.events.models import EventPattern  # half a second and 16 MiB, which only a stack with events should pay

    # it copies and flattens all that it is given: of an event of a megabyte, only what the pattern asks about
    asked = {name: body[name] for name in _names(pattern) if name in body}
    return EventPattern(None, dict(pattern)).matches_event(asked)  # type: ignore[arg-type]


def clauses(pattern: Mapping[str, Any], body: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[Clause]:
    """Each condition by itself, in the pattern's order; the alternatives of an `$or` as one."""
    for key, value in pattern.items():
        here = (*above, key)
        if key == OR:
            yield Clause(".".join(here), value, None, matches(_nested(above, {OR: value}), body))
        elif isinstance(value, Mapping):
            yield from clauses(value, body, here)
        else:
            yield Clause(".".join(here), value, _at(body, here), matches(_nested(here, value), body))


def _names(pattern: Mapping[str, Any]) -> Iterator[str]:
    """Top-level names that a pattern speaks of."""
    for name, value in pattern.items():
        if name == OR:
            for each in value:
                yield from _names(each)
        else:
            yield name


def _nested(path: tuple[str, ...], value: Any) -> Any:
    for key in reversed(path):
        value = {key: value}
    return value


def _at(body: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(body, Mapping) or key not in body:
            return MISSING
        body = body[key]
    return body
