"""What has happened to programs: the event file, read from its end."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hippodrome.logs.captured import Captured
from hippodrome.plan.layout import Layout

MOST = 500


@dataclass(frozen=True)
class Event:
    """A change of state. `at` is Unix seconds; `cause` and `reason` are empty when there is none."""

    at: float
    program: str
    state: str
    cause: str
    reason: str


def events(
    layout: Layout, programs: Sequence[str], since: float = 0.0, until: float | None = None, *, most: int = MOST
) -> list[Event]:
    """Oldest first: those from `since` to before `until`, and no more than the newest `most`."""
    wanted, found = frozenset(programs), list[Event]()
    with Captured(layout.events) as log:
        for raw in log.lines_before(log.size):
            for event in parse(raw.text.decode("utf-8", "replace")):
                if event.at < since or len(found) >= most:
                    return found[::-1]
                if event.program in wanted and (until is None or event.at < until):
                    found.append(event)
    return found[::-1]


def parse(line: str) -> Iterator[Event]:
    """The event of one line; none for a line that tells no change of state."""
    try:
        told = json.loads(line)
        yield Event(
            float(told["at"]),
            str(told["program"]),
            str(told["state"]),
            str(told.get("cause") or ""),
            str(told.get("reason") or ""),
        )
    except (ValueError, KeyError, TypeError):
        return
