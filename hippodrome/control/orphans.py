"""Processes that outlived their stack, found by the marker in their environment, and ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

from hippodrome.control.processes import PROC, Process, look_up
from hippodrome.wait import Deadline, until

MARKER = "HD_STACK_ID"
GRACE_S = 5.0


def find(stack_id: str) -> list[int]:
    """Pids of this user's living processes that carry the marker of this stack, this process left out."""
    marker = f"{MARKER}={stack_id}"
    pids = _marked_in_proc(marker.encode()) if PROC.is_dir() else _marked_by_ps(marker)
    return sorted(pid for pid in pids if pid != os.getpid())


def sweep(stack_id: str) -> tuple[int, ...]:
    """Ends them: TERM, grace, KILL. Returns the pids that there were."""
    found = [process for pid in find(stack_id) if (process := look_up(pid))]
    _end(found)
    return tuple(process.pid for process in found)


def _end(processes: list[Process]) -> None:
    for number, grace_s in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, GRACE_S)):
        for process in processes:
            process.send(number)
        if until(lambda: not any(process.is_alive for process in processes), Deadline(grace_s)):
            return


def _marked_in_proc(marker: bytes) -> Iterator[int]:
    uid = os.getuid()
    for entry in os.scandir(PROC):
        if not entry.name.isdigit():
            continue
        try:
            if entry.stat().st_uid == uid and marker in (PROC / entry.name / "environ").read_bytes().split(b"\0"):
                yield int(entry.name)
        except OSError:  # it has ended, or may not be looked at
            continue


def _marked_by_ps(marker: str) -> Iterator[int]:
    """macOS: `ps -E` shows the environment of one's own processes."""
    flags = ["-Eww"] if sys.platform == "darwin" else ["eww"]
    told = subprocess.run(
        ["ps", *flags, "-o", "pid=,command=", "-U", str(os.getuid())], capture_output=True, text=True
    )
    for line in told.stdout.splitlines():
        if marker in line.split():
            yield int(line.split(None, 1)[0])
