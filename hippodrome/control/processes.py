"""Processes by identity: a pid with its start time, so that a number that was given away is never signalled."""

import fcntl
import os
import signal
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """`started` is in clock ticks after boot, 0 where the system does not tell."""

    pid: int
    started: int

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; one that has ended and was not yet reaped does not."""
        return look_up(self.pid) == self

    def send(self, number: signal.Signals) -> None:
        """Does nothing when it has ended meanwhile."""
        try:
            descriptor = os.pidfd_open(self.pid)  # Linux 5.3; holds the process, whoever gets its number next
        except (AttributeError, OSError):
            descriptor = None
        try:
            if self.is_alive:
                if descriptor is None:
                    os.kill(self.pid, number)
                else:
                    signal.pidfd_send_signal(descriptor, number)
        except ProcessLookupError:
            pass
        finally:
            if descriptor is not None:
                os.close(descriptor)


def look_up(pid: int) -> Process | None:
    """The living process with this pid."""
    try:
        fields = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except FileNotFoundError:
        return _without_proc(pid) if not PROC.is_dir() else None
    except OSError:
        return None
    state, started = fields[0], int(fields[19])
    return None if state in "ZX" else Process(pid, started)


def _without_proc(pid: int) -> Process | None:
    try:
        os.kill(pid, 0)
    except OSError:
        return None
    return Process(pid, 0)


def warden_of(pid_file: Path) -> Process | None:
    """The warden that keeps a run directory. It holds a lock on the file: no stale number is ever believed."""
    try:
        with pid_file.open(encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                pid, started = map(int, file.read().split())
            else:
                return None
    except (OSError, ValueError):
        return None
    process = look_up(pid)
    return process if process == Process(pid, started) else None
