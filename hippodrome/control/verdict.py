"""Whether a plan became healthy, read from the event file: supervisord's process writes it, whoever looks on."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from hippodrome.logs.captured import Captured
from hippodrome.plan.conditions import READY
from hippodrome.plan.layout import Layout

Word = Literal[
    "pending",  # nobody can say yet
    "healthy",  # all that it requires was ready at one moment
    "failed",  # something that it requires failed, and never became ready
    "replaced",  # it ended before it was either
]
TROUBLE = frozenset({"failed", "backoff", "unhealthy"})
GIVEN_UP = frozenset({"failed", "exited", "unhealthy"})


@dataclass(frozen=True)
class Move:
    """A program has entered a state."""

    at: float
    program: str
    state: str
    cause: str

    @property
    def is_ready(self) -> bool:
        """A task that ended well has no cause."""
        return self.state in READY or (self.state == "exited" and not self.cause)

    @property
    def is_trouble(self) -> bool:
        return self.state in TROUBLE or (self.state == "exited" and bool(self.cause))


@dataclass(frozen=True)
class Verdict:
    """`after_s`: how long it took to become healthy. `failed`: the programs at fault."""

    word: Word
    after_s: float | None = None
    failed: tuple[str, ...] = ()


def moves(layout: Layout, since: float, until: float | None = None) -> list[Move]:
    """Oldest first: those from `since` to before `until`, as far as they are kept."""
    found: list[Move] = []
    with Captured(layout.events) as log:
        for raw in log.lines_before(log.size):
            for move in _parse(raw.text):
                if move.at < since:
                    return found[::-1]
                if until is None or move.at < until:
                    found.append(move)
    return found[::-1]


def judge(required: Sequence[str], ready: Iterable[str], told: Iterable[Move], *, since: float) -> Verdict:
    """Of a plan that was applied at `since`, when of `required` those in `ready` were ready already."""
    awaited, troubled = set(required) - set(ready), dict[str, str]()
    if not awaited:
        return Verdict("healthy", 0.0)
    for move in told:
        if move.program not in required:
            continue
        if move.is_ready:
            awaited.discard(move.program)
            troubled.pop(move.program, None)
        else:
            awaited.add(move.program)
        if move.is_trouble:
            troubled[move.program] = move.state
        if not awaited:
            return Verdict("healthy", max(0.0, move.at - since))
    given_up = tuple(name for name in required if troubled.get(name) in GIVEN_UP)
    return Verdict("failed", None, given_up) if given_up else Verdict("pending", None, tuple(troubled))


def at_its_end(verdict: Verdict) -> Verdict:
    """The last word on a plan that runs no more."""
    if verdict.word != "pending":
        return verdict
    return Verdict("failed" if verdict.failed else "replaced", None, verdict.failed)


def _parse(line: bytes) -> Iterator[Move]:
    try:
        told = json.loads(line)
        yield Move(float(told["at"]), str(told["program"]), str(told["state"]), str(told.get("cause") or ""))
    except (ValueError, KeyError, TypeError):
        return
