"""The time as all of this counts it."""

import time


class Clock:
    """Unix seconds that never go back, and that waits can be measured with."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """A machine that slept, or was set ahead, takes the clock along; one that was set back does not."""
        ahead = time.time() - time.monotonic()
        if ahead > self._offset:
            self._offset = ahead
        return time.monotonic() + self._offset
