"""supervisord's log files where there is no room for them: what cannot be written is lost, and nothing else.

supervisord tells of a write that failed on its standard error, which may lie on the same disk. That failing too ends
the capture of the program's output, and in the end supervisord.
"""

import contextlib
import sys
from typing import Any

from supervisor import loggers


def tolerate() -> None:
    """From now on, for every log of this process."""
    tell, roll = loggers.Handler.handleError, loggers.RotatingFileHandler.doRollover
    if getattr(roll, "is_tolerant", False):  # supervisord was told to read everything anew
        return

    def lose(handler: Any) -> None:
        if isinstance(sys.exc_info()[1], OSError | ValueError):  # ValueError: it is closed
            _reopen(handler)
        else:
            with contextlib.suppress(OSError):
                tell(handler)

    def roll_over(handler: Any) -> None:
        try:
            roll(handler)
        except (OSError, ValueError):
            _reopen(handler)

    roll_over.is_tolerant = True  # type: ignore[attr-defined]
    loggers.Handler.handleError = lose
    loggers.RotatingFileHandler.doRollover = roll_over


def _reopen(handler: Any) -> None:
    """The next write may find room again; a rollover that failed half-way has left it closed."""
    if handler.stream.closed and hasattr(handler, "baseFilename"):
        with contextlib.suppress(OSError):
            handler.stream = open(handler.baseFilename, "ab")  # noqa: SIM115, PTH123 - as supervisord does
            handler.closed = False
