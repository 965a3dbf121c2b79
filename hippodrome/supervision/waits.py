"""Answers that wait: calls that are answered when something has become true, or time is over."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from supervisor.http import NOT_DONE_YET

from hippodrome.plan.conditions import Status, Verdict, joined, verdict
from hippodrome.plan.model import Condition

DELAY_S = 0.0001  # the loop looks again at each turn; supervisor's own 0.05 makes it miss the turn that mattered
CONDITIONS: dict[str, Condition] = {"started": "started", "healthy": "healthy", "completed": "completed"}


class Waits:
    """All that are waited for, so that the loop can be woken when the next is over."""

    def __init__(self) -> None:
        self._open: set[float] = set()

    def next_moment(self) -> float | None:
        """Monotonic seconds."""
        return min(self._open, default=None)

    def deferred(self, question: Callable[[], str | None], answer: Callable[[], str], seconds: float) -> Any:
        """What supervisor asks at each turn: `question`'s text once it has one, `answer`'s when time is over."""
        end = time.monotonic() + max(0.0, seconds)
        self._open.add(end)

        def look() -> Any:
            found = question()
            if found is None and time.monotonic() < end:
                return NOT_DONE_YET
            self._open.discard(end)
            return answer() if found is None else found

        look.delay = DELAY_S  # type: ignore[attr-defined]  # how supervisor is told
        return look


def is_settled(statuses: Iterable[Status], condition: str) -> bool:
    """Whether waiting longer is of no use: all meet it, or one never will."""
    if condition == "stopped":
        return all(status.pid is None and status.state != "starting" for status in statuses)
    verdicts: list[Verdict] = [verdict(CONDITIONS[condition], status) for status in statuses]
    return joined(verdicts) != "not yet"
