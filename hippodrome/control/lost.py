"""Wardens whose run directory was deleted under them: known by what they hold open, and ended."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from hippodrome.control import orphans
from hippodrome.control.processes import PROC, Process, look_up
from hippodrome.plan.layout import STACK_ID, Layout
from hippodrome.wait import Deadline, until

GRACE_S = 60.0  # services end each within its own grace, which nobody knows any more


def find(layout: Layout) -> list[Process]:
    """Those that hold this instance's pid file, which has no name any more. None where there is no /proc."""
    held = f"{layout.warden_pid} (deleted)"
    return [process for pid in _own_pids() if held in _open_files(pid) and (process := look_up(pid))]


def end(layout: Layout) -> tuple[int, ...]:
    """Asks each to stop all that it keeps, and kills what is left. Returns the pids of the wardens there were."""
    found = find(layout)
    for warden in found:
        stack_id = _stack_id(warden.pid)
        warden.send(signal.SIGTERM)
        if not until(lambda warden=warden: not warden.is_alive, Deadline(GRACE_S)):  # type: ignore[misc]
            warden.send(signal.SIGUSR1)
        if stack_id:
            orphans.sweep(stack_id)
    return tuple(warden.pid for warden in found)


def _own_pids() -> Iterator[int]:
    """Of wardens of this user, by what they run."""
    uid = os.getuid()
    for entry in os.scandir(PROC) if PROC.is_dir() else ():
        try:
            is_ours = entry.name.isdigit() and entry.stat().st_uid == uid
            if is_ours and b"/control/warden.py\0" in (PROC / entry.name / "cmdline").read_bytes():
                yield int(entry.name)
        except OSError:  # it has ended
            continue


def _open_files(pid: int) -> set[str]:
    folder = PROC / str(pid) / "fd"
    try:
        return {os.readlink(entry) for entry in folder.iterdir()}  # noqa: PTH115 - "(deleted)" is no part of a path
    except OSError:
        return set()


def _stack_id(pid: int) -> str:
    try:
        variables = Path(PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    mark = f"{STACK_ID}=".encode()
    return next((each.removeprefix(mark).decode() for each in variables if each.startswith(mark)), "")
