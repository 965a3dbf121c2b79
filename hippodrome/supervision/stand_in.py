"""What supervisord runs for a program that somebody runs by hand. A script of its own: standard library only.

Who runs the program holds a lock on a file, which names the process. The kernel lets go of it however that ends, so
that nothing needs to be told for the program to be given back.
"""

import contextlib
import fcntl
import os
import signal
import sys
from pathlib import Path
from types import FrameType


def _end(path: Path, number: signal.Signals) -> None:
    with contextlib.suppress(OSError, ValueError):  # it has ended, or not begun
        os.kill(int(path.read_text(encoding="ascii")), number)


def main(lock: str, kill_after_s: float) -> None:
    """Returns when nobody holds the lock any more. SIGTERM ends who holds it."""
    path = Path(lock)

    def ask(_number: int, _frame: FrameType | None) -> None:
        _end(path, signal.SIGTERM)
        signal.setitimer(signal.ITIMER_REAL, kill_after_s)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ask)
    signal.signal(signal.SIGALRM, lambda *_: _end(path, signal.SIGKILL))
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
