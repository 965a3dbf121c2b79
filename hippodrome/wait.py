"""Deadlines: the one way in which anything here waits."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Deadline:
    """A moment, `seconds` from its making, on the monotonic clock."""

    seconds: float
    started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.started + self.seconds - time.monotonic())

    @property
    def is_over(self) -> bool:
        return self.left == 0.0


def until(question: Callable[[], T | None], deadline: Deadline, *, pause_s: float = 0.01) -> T | None:
    """The first truthy answer, or None when the deadline passes; asks at least once."""
    while True:
        if answer := question():
            return answer
        if deadline.is_over:
            return None
        time.sleep(min(pause_s, deadline.left))
