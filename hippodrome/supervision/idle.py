"""Stopping a stack that nobody uses (`--idle-stop`): a thread that looks now and then, and says why it stopped.

Idle time is counted on the monotonic clock, which stands while a machine sleeps, and by looks that were made: neither
a clock that jumps nor a process that was held makes a stack older.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable

from hippodrome.files import try_lock, write_atomically
from hippodrome.listeners import HAS_PROC
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan
from hippodrome.plan.use import Use

LOOK_S = 15.0  # the kernel remembers a closed connection for 60 s
SHARE = 10  # looks in the time that is allowed, where that is short
NOTE_S = 60.0  # between two notes of a use
LATE = 3  # looks that a single pause may count for
UNKNOWN = -1.0

Look = Callable[[Plan, float], str | None]


class Keeper(threading.Thread):
    """`stop` is called once, from the thread, with what to write into the log; `plan` gives the present plan.

    `look` says what shows that the stack is used, at a moment of the monotonic clock; None when it failed. The thread
    holds the instance's lock from then on until the process ends, so that a command which comes meanwhile waits.
    """

    def __init__(self, layout: Layout, look: Look, plan: Callable[[], Plan], stop: Callable[[str], object]) -> None:
        super().__init__(name="hippodrome-idle", daemon=True)
        self._layout = layout
        self._look = look
        self._plan = plan
        self._end_all = stop
        self._changed = threading.Event()  # only this thread waits, and a fork of supervisord's execs
        self._is_closing = False
        self._idle_s = 0.0
        self._looked_at = time.monotonic()
        self._use = Use(limit_s=UNKNOWN, used_at=time.time(), by="its start")

    def replan(self) -> None:
        """The plan is another."""
        self._changed.set()

    def close(self) -> None:
        """Returns when the thread has ended."""
        self._is_closing = True
        self._changed.set()
        if self.is_alive():
            self.join(5.0)

    def run(self) -> None:
        while not self._is_closing:
            plan = self._plan()
            limit_s = plan.idle_stop_s if HAS_PROC else 0.0
            self._take_limit(limit_s)
            pause_s = min(LOOK_S, limit_s / SHARE) if limit_s else None
            if self._changed.wait(pause_s):
                self._changed.clear()
            elif self._is_over(plan, LATE * (pause_s or 0.0)):
                self._end(plan)

    def _take_limit(self, limit_s: float) -> None:
        if limit_s == self._use.limit_s:
            return
        self._idle_s = 0.0
        self._note(Use(limit_s=limit_s, used_at=self._use.used_at, by=self._use.by))

    def _is_over(self, plan: Plan, most_s: float) -> bool:
        """Looks, and counts: at most `most_s` for the time since the last look."""
        now = time.monotonic()
        elapsed, self._looked_at = min(now - self._looked_at, most_s), now
        by = self._look(plan, now)
        if by or by is None:
            self._saw(by or "nobody knows", plan.idle_stop_s)
            return False
        self._idle_s += elapsed
        return self._idle_s >= plan.idle_stop_s

    def _saw(self, by: str, limit_s: float) -> None:
        self._idle_s = 0.0
        if abs(time.time() - self._use.used_at) >= min(NOTE_S, limit_s / SHARE):
            self._note(Use(limit_s=limit_s, used_at=time.time(), by=by))

    def _end(self, plan: Plan) -> None:
        """Unless somebody is just changing the stack."""
        self._idle_s = 0.0
        if not _take(self._layout):
            return
        used = self._use
        self._note(Use(limit_s=plan.idle_stop_s, used_at=used.used_at, by=used.by, stopped_at=time.time()))
        self._is_closing = True
        self._end_all(f"{self._use.sentence}; last used by {used.by}")

    def _note(self, use: Use) -> None:
        """A disk that is full loses the reason, and not the stop."""
        self._use = use
        with contextlib.suppress(OSError):
            if use.limit_s:
                write_atomically(self._layout.use, use.to_json())
            else:
                self._layout.use.unlink(missing_ok=True)


def _take(layout: Layout) -> bool:
    """Locks the instance for good; False where somebody else has. The lock's time stays that of a command."""
    try:
        descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return False
    if not try_lock(descriptor):
        os.close(descriptor)
        return False
    about = os.fstat(descriptor)
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        os.utime(descriptor, ns=(about.st_atime_ns, about.st_mtime_ns))
    return True
