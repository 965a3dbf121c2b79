"""Commands that are at a stack, as its keeper knows them, and how it stopped when there was none."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from hippodrome.control.processes import warden_of
from hippodrome.plan.layout import STACK_ID, Layout
from hippodrome.plan.use import Use

_attended: dict[Path, int] = {}  # descriptors, held until this process ends


def attend(layout: Layout) -> None:
    """Says that this process is at the stack, until it ends. One of the stack's own processes never is."""
    if STACK_ID in os.environ or layout.clients in _attended or not layout.run_dir.is_dir():
        return
    with suppress(OSError):
        descriptor = os.open(layout.clients, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.utime(descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_SH)  # nobody holds it for longer than it takes to ask
        _attended[layout.clients] = descriptor


def attend_beyond_exec() -> None:
    """So that the command which this process becomes is at the stack as well."""
    for descriptor in _attended.values():
        os.set_inheritable(descriptor, True)


def stopped_for_want_of_use(layout: Layout) -> Use | None:
    """How the stack came to its end, if it was that."""
    found = Use.read(layout.use)
    return found if found and found.stopped_at is not None and not warden_of(layout.warden_pid) else None
