"""Processes that outlived their stack, found by the marker in their environment, and ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

from hippodrome.control.processes import PROC, Process, look_up
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.layout import STACK_ID
from hippodrome.wait import Deadline

GRACE_S = 5.0


def find(stack_id: str) -> tuple[int, ...]:
    """Pids of this user's living processes that carry the marker of this stack, this process left out."""
    return tuple(process.pid for process in _find(stack_id))


def sweep(stack_id: str, *, is_now: bool = False) -> tuple[int, ...]:
    """Ends them: TERM, grace, KILL; only the last with `is_now`. Returns the pids that there were.

    Raises UserError when one cannot be ended.
    """
    signals = (signal.SIGKILL,) if is_now else (signal.SIGTERM, signal.SIGKILL)
    ended: dict[int, None] = {}
    for number in signals:
        deadline = Deadline(GRACE_S)
        while found := _find(stack_id):  # again and again, for what ends may have started others
            for process in found:
                if number == signal.SIGKILL or process.pid not in ended:
                    process.send(number)
                ended[process.pid] = None
            if deadline.is_over:
                break
            time.sleep(0.005)
        if not found:
            return tuple(ended)
    problem = Problem(
        "cannot-sweep",
        f"left-over processes cannot be ended: {', '.join(str(process.pid) for process in found)}",
        "They wait for a device or a network drive; end them by hand.",
    )
    raise UserError(problem, exit_code=ExitCode.CONFLICT)


def _find(stack_id: str) -> list[Process]:
    marker = f"{STACK_ID}={stack_id}"
    pids = _marked_in_proc(marker.encode()) if PROC.is_dir() else _marked_by_ps(marker)
    return [process for pid in sorted(pids) if pid != os.getpid() and (process := look_up(pid))]


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
