"""What becomes of a program that ended unasked: exit, lifetime and policy give state, delay and cause.

docs/restarts.md has this as a table, which a test compares with it.
"""

import signal
from dataclasses import dataclass
from typing import Any, Literal

from hippodrome.plan.conditions import Exit
from hippodrome.plan.model import Restart

STABLE_S = 10.0  # a life that was ready and as long as this clears the count of failures
AT_ONCE_S = 1.0
DELAYS_S = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)  # before each restart in a row; the last holds for all that follow
TRIES = 6  # restarts in a row where the policy does not say how many


@dataclass(frozen=True)
class Ending:
    """A life that ended unasked. `failures`: how many before it, in a row, ended badly."""

    exit: Exit
    was_ready: bool
    is_service: bool  # it has a health check or a port: it is meant to go on
    restart: Restart
    failures: int = 0
    has_left: bool = False  # something that it started lives on

    @property
    def is_good(self) -> bool:
        return self.exit.code == 0

    @property
    def is_done(self) -> bool:
        """Whether it ended as it may: well, and not meant to go on for ever."""
        return self.is_good and self.restart.mode != "always" and (self.was_ready or not self.is_service)

    @property
    def is_hiding(self) -> bool:
        """Whether it goes on in the background; it may even have been ready before the one in front ended."""
        should_stay = self.is_service or self.restart.mode == "always"
        return self.has_left and self.is_good and should_stay and not self.was_stable

    @property
    def was_stable(self) -> bool:
        return self.was_ready and self.exit.lived_s >= STABLE_S


@dataclass(frozen=True)
class Judgement:
    """`delay_s` is for `backoff`; `failures` is the new count."""

    state: Literal["backoff", "exited", "failed"]
    cause: str
    detail: dict[str, Any]
    delay_s: float = 0.0
    failures: int = 0


def judge(ending: Ending) -> Judgement:
    """The state to go to, and why."""
    cause, detail = cause_of(ending)
    if ending.is_hiding:
        return Judgement("failed", "daemonised", {})
    if ending.restart.mode == "always" or (ending.restart.mode == "on-failure" and not ending.is_good):
        return _again(ending, cause, detail)
    if not ending.is_good:
        return Judgement("exited", cause, detail)
    if ending.is_done:
        return Judgement("exited", "", {})
    return Judgement("failed", "exited-at-once", detail)


def cause_of(ending: Ending) -> tuple[str, dict[str, Any]]:
    """The cause's code, and its facts."""
    end = ending.exit
    lived_s = round(end.lived_s, 3)
    if end.signal is not None:
        return ("killed" if end.signal == signal.SIGKILL else "crashed"), {"signal": end.signal, "lived_s": lived_s}
    is_early = not ending.was_ready and (end.code == 0 or end.lived_s < AT_ONCE_S)
    return ("exited-at-once" if is_early else "crashed"), {"code": end.code, "lived_s": lived_s}


def _again(ending: Ending, cause: str, detail: dict[str, Any]) -> Judgement:
    if ending.was_stable:
        return Judgement("backoff", cause, detail)
    failures = ending.failures + 1
    limit = TRIES if ending.restart.retries is None else ending.restart.retries
    if failures > limit:
        if ending.is_good:
            return Judgement("failed", "exited-at-once", detail, failures=failures)
        return Judgement("failed", "gave-up", {"tries": failures}, failures=failures)
    return Judgement("backoff", cause, detail, _delay_s(ending, failures), failures)


def _delay_s(ending: Ending, failures: int) -> float:
    if ending.was_ready and failures == 1:
        return 0.0
    return DELAYS_S[min(failures, len(DELAYS_S)) - 1]
