"""CPU and memory of each program's process tree."""

import os
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

FRESH_S = 1.8  # a sample serves all readers for this long
PROC = Path("/proc")


@dataclass(frozen=True)
class Use:
    """`cpu` is in cores since the last sample (None on the first); `memory_bytes` is resident."""

    cpu: float | None
    memory_bytes: int


@dataclass(frozen=True)
class Process:
    """One process: CPU time since its start, resident memory."""

    pid: int
    parent: int
    cpu_s: float
    memory_bytes: int


class Meter:
    """Samples when asked, and not more often than readers can see."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sampled_at = 0.0
        self._cpu_s: dict[int, float] = {}
        self._uses: dict[str, Use] = {}

    def read(self, pids: Mapping[str, int]) -> Mapping[str, Use]:
        """By program; one whose process is gone is left out."""
        with self._lock:
            now = time.monotonic()
            if now - self._sampled_at >= FRESH_S:
                self._sample(pids, now)
            return {name: use for name, use in self._uses.items() if name in pids}

    def _sample(self, pids: Mapping[str, int], now: float) -> None:
        trees = process_trees(pids, processes())
        seconds = now - self._sampled_at if self._sampled_at else 0.0
        self._uses = {name: self._use(tree, seconds) for name, tree in trees.items()}
        self._cpu_s = {process.pid: process.cpu_s for tree in trees.values() for process in tree}
        self._sampled_at = now

    def _use(self, tree: list[Process], seconds: float) -> Use:
        """A process that was not there at the last sample has spent all its time since."""
        spent = sum(max(0.0, process.cpu_s - self._cpu_s.get(process.pid, 0.0)) for process in tree)
        memory = sum(process.memory_bytes for process in tree)
        return Use(spent / seconds if seconds else None, memory)


def process_trees(pids: Mapping[str, int], found: Iterable[Process]) -> dict[str, list[Process]]:
    """Each program's process and its descendants."""
    children: dict[int, list[Process]] = defaultdict(list)
    by_pid: dict[int, Process] = {}
    for process in found:
        children[process.parent].append(process)
        by_pid[process.pid] = process
    return {name: _descend(by_pid[pid], children) for name, pid in pids.items() if pid in by_pid}


def _descend(root: Process, children: Mapping[int, list[Process]]) -> list[Process]:
    tree = [root]
    for process in tree:
        tree += children.get(process.pid, [])
    return tree


def processes() -> Iterable[Process]:
    """All on this machine that can be seen."""
    return _from_proc() if (PROC / "self" / "stat").exists() else from_ps()


def _from_proc() -> Iterable[Process]:
    tick_s, page_bytes = 1 / os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    for name in os.listdir(PROC):  # noqa: PTH208 - names alone, several hundred every two seconds
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as stream:  # noqa: PTH123
                    told = stream.read().rpartition(b")")[2].split()  # the command before it may hold blanks
            except OSError:
                continue
            cpu_s = (int(told[11]) + int(told[12])) * tick_s
            yield Process(int(name), int(told[1]), cpu_s, int(told[21]) * page_bytes)


def from_ps() -> Iterable[Process]:
    """Where there is no /proc."""
    command = ["ps", "-axo", "pid=,ppid=,rss=,time="]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return
    for line in told.splitlines():
        pid, parent, kilobytes, spent = line.split()
        yield Process(int(pid), int(parent), _seconds(spent), int(kilobytes) * 1024)


def _seconds(clock: str) -> float:
    """Of `[DAYS-][HOURS:]MINUTES:SECONDS`."""
    days, _, rest = clock.rpartition("-")
    total = 0.0
    for part in rest.split(":"):
        total = total * 60 + float(part)
    return total + int(days or 0) * 86400
