"""What follows the end of a process: one table, exit × lifetime × policy → state, delay, cause."""

from dataclasses import dataclass
from typing import Literal

from hippodrome.plan.conditions import Exit, State
from hippodrome.plan.model import Restart

AT_ONCE_S = 1.0  # a process that lives shorter ended at once
STEADY_S = 10.0  # ready for this long: earlier failures are forgotten
TRIES = 5  # starts in a row that failed, after which it is given up
FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 10.0

Cause = Literal["", "crashed", "killed", "exited-at-once", "gave-up"]


@dataclass(frozen=True)
class Life:
    """A process's life: how it ended, whether it ever was ready, and how many before it failed in a row."""

    exit: Exit
    was_ready: bool
    ready_for_s: float
    failures: int


@dataclass(frozen=True)
class Sequel:
    """`delay_s` is for `backoff`; `failures` counts this life in, when it failed."""

    state: State
    cause: Cause
    delay_s: float = 0.0
    failures: int = 0


def sequel(policy: Restart, life: Life) -> Sequel:
    """What follows. A life that was ready ends an unlucky row only after `STEADY_S` of readiness."""
    ended_well = life.exit.code == 0
    before = 0 if life.was_ready and life.ready_for_s >= STEADY_S else life.failures
    if policy.mode == "no" or (policy.mode == "on-failure" and ended_well):
        return Sequel("exited", "" if ended_well else _cause(life))
    failures = before + 1
    if policy.mode == "on-failure" and policy.retries is not None and failures > policy.retries:
        return Sequel("failed", "gave-up", failures=failures)
    if failures >= TRIES:
        return Sequel("failed", "exited-at-once" if _was_brief(life) else "gave-up", failures=failures)
    return Sequel("backoff", _cause(life), _delay_s(failures, life), failures)


def _delay_s(failures: int, life: Life) -> float:
    """At once after the first crash of a service that was ready, then ever later."""
    if failures == 1 and life.was_ready:
        return 0.0
    return float(min(FIRST_DELAY_S * 2 ** (failures - 1), LONGEST_DELAY_S))


def _cause(life: Life) -> Cause:
    if life.exit.signal == 9:  # not one of ours: those end in `stopped`
        return "killed"
    return "exited-at-once" if _was_brief(life) else "crashed"


def _was_brief(life: Life) -> bool:
    return life.exit.lived_s < AT_ONCE_S and not life.was_ready
