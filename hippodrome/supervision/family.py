"""The processes of a program: its own, what they started, and what outlives them."""

import contextlib
import errno
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from hippodrome.plan.layout import STACK_ID

PROC = Path("/proc")
HAS_PROC = (PROC / "self" / "stat").exists()
PROGRAM = "SUPERVISOR_PROCESS_NAME"  # which supervisord gives to each program
FRESH_S = 0.02  # programs that end together are looked for together


def members(leader: int) -> Iterator[int]:
    """The process, then those of its group and all that descend from it; where /proc cannot be read, it alone."""
    yield leader
    parents: dict[int, list[int]] = {}
    table: list[tuple[int, str, int, int]] = []
    with contextlib.suppress(OSError):
        table = list(_table()) if HAS_PROC else []
    for pid, _, parent, group in table:
        if group == leader and pid != leader:
            yield pid
        parents.setdefault(parent, []).append(pid)
    queue = [leader]
    for parent in queue:
        queue += parents.get(parent, [])
    yield from queue[1:]


def is_alive(pid: int) -> bool:
    """Whether it runs; one that was not reaped yet does not. Less than zero: whether the group of -`pid` has any."""
    if HAS_PROC and pid > 0:
        with contextlib.suppress(OSError):  # there are too many open files
            return any(state not in "ZX" for state in _fields(pid)[:1])
    with contextlib.suppress(OSError):
        os.kill(pid, 0)
        return True
    return False


def send(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def in_group(leader: int) -> list[int]:
    """Living processes of the group that the process `leader` made."""
    try:
        os.killpg(leader, 0)
    except OSError:
        return []
    if HAS_PROC:
        with contextlib.suppress(OSError):
            return [pid for pid, state, _, group in _table() if group == leader and state not in "ZX"]
    return [-leader]


class Marked:
    """Finds processes by the marks in their environment, those in sessions of their own included."""

    def __init__(self, stack_id: str) -> None:
        self._mark = f"{STACK_ID}={stack_id}".encode()
        self._seen_at = 0.0
        self._pids: dict[str, list[int]] = {}

    def of(self, program: str) -> list[int]:
        """Living processes of `program`; empty where /proc is missing, of an earlier look where it cannot be read."""
        if not HAS_PROC:
            return []
        now = time.monotonic()
        if now - self._seen_at > FRESH_S:
            with contextlib.suppress(OSError):  # what was seen last is all that is known then
                self._pids, self._seen_at = self._look(), now
        return [pid for pid in self._pids.get(program, []) if is_alive(pid)]

    def all(self) -> list[int]:
        """Processes of any program, as they are now."""
        return [pid for pids in self._look().values() for pid in pids] if HAS_PROC else []

    def _look(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        name = f"{PROGRAM}=".encode()
        for pid in _pids():
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123 - for every process there is
                    variables = file.read().split(b"\0")
            except OSError as error:  # it has ended, or is another user's
                if _is_want(error):
                    raise
                continue
            if self._mark in variables:
                program = next((each[len(name) :] for each in variables if each.startswith(name)), b"")
                found.setdefault(program.decode("utf-8", "replace"), []).append(pid)
        return found


def _pids() -> list[int]:
    return [int(name) for name in os.listdir(PROC) if name.isdigit()]  # noqa: PTH208 - as above


def _table() -> Iterator[tuple[int, str, int, int]]:
    """pid, state, parent and group of every process."""
    for pid in _pids():
        if fields := _fields(pid):
            yield pid, fields[0], int(fields[1]), int(fields[2])


def _fields(pid: int) -> list[str]:
    """What follows the name in /proc/PID/stat; empty when it has ended. Raises OSError without a file to be had."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - as above
            return file.read().rpartition(")")[2].split()
    except OSError as error:
        if _is_want(error):
            raise
        return []


def _is_want(error: OSError) -> bool:
    """Whether there are too many open files: then nothing is known of the process."""
    return error.errno in (errno.EMFILE, errno.ENFILE)
