"""SIGTERM and Ctrl+C, as an exception in the main thread: whatever waits there ends at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class EndedError(BaseException):
    """The program was told to end. No `except Exception` of a library may keep it."""


class Ending:
    """Raises EndedError once, and not while something is held."""

    def __init__(self) -> None:
        self._is_told = self._is_raised = False
        self._holds = 0

    def listen(self) -> None:
        """From now on. Main thread only."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)

    @contextmanager
    def held(self) -> Iterator[None]:
        """What is inside is done to its end; the signal is heard afterwards."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
        self._raise()

    def over(self) -> None:
        """The rest is cleaning up, which no further signal ends."""
        self._is_raised = True

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._is_told = True
        self._raise()

    def _raise(self) -> None:
        if self._is_told and not self._holds and not self._is_raised:
            self._is_raised = True
            raise EndedError
