"""Weeks in minutes: faults at a high rate on the e-commerce profile, and what has grown when they are over."""

import contextlib
import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import requests

from bench.contenders import HD, hd
from bench.row import Row
from bench.shop import shop
from hippodrome.control import orphans
from hippodrome.control.rpc import NotRunning, Supervisor
from hippodrome.errors import UserError
from hippodrome.plan.layout import Layout
from hippodrome.rundir import locate, read_record
from hippodrome.shop.client import AnswerError, Shop
from hippodrome.shop.filling import make_index
from hippodrome.shop.products import documents
from hippodrome.wait import Deadline, until

PAUSE_S = (0.2, 3.0)  # between two faults
DAEMON_S = 20.0  # between two kills of supervisord: one that dies five times within 10 s each is given up, on purpose
STOPPED_S = (0.5, 4.0)
WHOLE_S = 180.0
CALM_S = 20.0
SEED = 42
PRODUCTS = 50  # written again and again, so that nothing has a reason to grow
MIB = 1 << 20
EXPECTED = (AnswerError, requests.RequestException, UserError)


@dataclass(frozen=True)
class Used:
    """By the whole stack, and by warden and supervisord alone. `state_mib` is of the run directory without data."""

    processes: int
    descriptors: int
    memory_mib: float
    daemon_descriptors: int
    daemon_memory_mib: float
    state_mib: float
    data_mib: float


LIMITS: dict[str, tuple[str, Callable[[float], float]]] = {  # field: its bound in words, and as a figure of before
    "processes": ("≤ before + 2", lambda before: before + 2),  # a browser or a worker of one's own comes and goes
    "descriptors": ("≤ before + 10 %", lambda before: before * 1.10 + 8),
    "memory_mib": ("≤ before + 25 %", lambda before: before * 1.25),
    "daemon_descriptors": ("≤ before + 4", lambda before: before + 4),
    "daemon_memory_mib": ("≤ before + 8 MiB", lambda before: before + 8),
    "state_mib": ("≤ before + 64 MiB", lambda before: before + 64),
    "data_mib": ("≤ before + 64 MiB", lambda before: before + 64),
}


class Soak:
    """One running stack, the faults that come over it, and a client that goes on asking all the while."""

    def __init__(self, folder: Path, made: Shop) -> None:
        self._folder, self._shop = folder, made
        self._chance = random.Random(SEED)
        self._next_daemon = 0.0
        self.faults: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()

    @property
    def layout(self) -> Layout:
        return locate(self._folder, {"XDG_STATE_HOME": str(self._folder / "state")}).layout

    @property
    def supervisor(self) -> Supervisor:
        return Supervisor(self.layout)

    def run(self, minutes: float) -> None:
        """Faults, until time is over; then all is healthy again. Raises RuntimeError when it is not."""
        is_over = threading.Event()
        client = threading.Thread(target=self._ask_on, args=(is_over,))
        client.start()
        try:
            deadline = Deadline(minutes * 60)
            while not deadline.is_over:
                fault = self._chance.choices((self._kill, self._freeze, self._restart, self._up, self._kill_daemon),
                                             (10, 4, 3, 2, 1))[0]  # fmt: skip
                with contextlib.suppress(*EXPECTED, OSError):  # the one before may not be over yet
                    fault()
                time.sleep(self._chance.uniform(*PAUSE_S))
        finally:
            is_over.set()
            client.join()
        self.wait_until_whole()

    def wait_until_whole(self) -> None:
        if not until(self._is_whole, Deadline(WHOLE_S), pause_s=0.2):
            raise RuntimeError(f"not healthy after {WHOLE_S:g} s:\n{hd(self._folder, 'ps').stdout}")

    def _is_whole(self) -> bool:
        try:
            return all(status.is_ready for status in self.supervisor.status().statuses)
        except NotRunning:
            return False

    def _victim(self) -> tuple[str, int]:
        living = [(each.name, each.pid) for each in self.supervisor.status().statuses if each.pid]
        return self._chance.choice(living)

    def _kill(self) -> None:
        os.kill(self._victim()[1], signal.SIGKILL)
        self.faults["a service killed"] += 1

    def _freeze(self) -> None:
        pid = self._victim()[1]
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(self._chance.uniform(*STOPPED_S))
        finally:
            os.kill(pid, signal.SIGCONT)
        self.faults["a service frozen"] += 1

    def _restart(self) -> None:
        self.supervisor.restart([self._victim()[0]], "soak")
        self.faults["a service restarted"] += 1

    def _up(self) -> None:
        """Killed half the time, at any moment."""
        child = os.posix_spawn(
            sys.executable, [*HD, "up", "-d", "--timeout", "5", "--project-root", str(self._folder)],
            {**os.environ, "XDG_STATE_HOME": str(self._folder / "state")},
            file_actions=[(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)],
        )  # fmt: skip
        if self._chance.random() < 0.5:
            time.sleep(self._chance.uniform(0.0, 1.0))
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self.faults["hd up, killed or not"] += 1

    def _kill_daemon(self) -> None:
        if time.monotonic() < self._next_daemon:
            return
        self._next_daemon = time.monotonic() + DAEMON_S
        os.kill(self.supervisor.status().pid, signal.SIGKILL)
        self.faults["supervisord killed"] += 1

    def _ask_on(self, is_over: threading.Event) -> None:
        """Some of it is refused or lost, as it must be; no answer is a fault of a service's own."""
        batch = list(islice(documents(PRODUCTS), PRODUCTS))
        while not is_over.wait(0.1):
            with self._counted():
                self._shop.search("soak", "sweater")
            with self._counted():
                self._shop.admin("POST", "/indexes/soak/documents", json={"documents": batch[:5]})

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
            self.answers["good"] += 1
        except EXPECTED:
            self.answers["refused or lost"] += 1

    def used(self) -> Used:
        """After a while in which nobody asks anything."""
        time.sleep(CALM_S)
        record = read_record(self.layout)
        assert record
        daemon = self.supervisor.status().pid
        pids = orphans.find(record.stack_id)
        keepers = [daemon, _parent(daemon)]
        data = _size_mib(self.layout.data)
        return Used(
            processes=len(pids),
            descriptors=sum(map(_descriptors, pids)),
            memory_mib=sum(map(_memory_mib, pids)),
            daemon_descriptors=sum(map(_descriptors, keepers)),
            daemon_memory_mib=sum(map(_memory_mib, keepers)),
            state_mib=_size_mib(self.layout.run_dir) - data,
            data_mib=data,
        )


def soak(minutes: float, folder: Path) -> list[Row]:
    """What the stack uses after the faults, beside what it used before them."""
    with shop(folder) as (made, _):
        run = Soak(folder, made)
        make_index(made, "soak", {})
        made.add("soak", islice(documents(PRODUCTS), PRODUCTS))
        for name in json.loads(hd(folder, "ps", "--json").stdout)["services"]:  # each has been through it once
            run.supervisor.restart([name["name"]], "warming up")
        run.wait_until_whole()
        before = run.used()
        run.run(minutes)
        after = run.used()
        _assert_it_sells(made)
    counts = [*sorted(run.faults.items()), *((f"requests {name}", count) for name, count in run.answers.items())]
    return [*(Row(what=what, samples=[count], unit="") for what, count in counts), *_rows(before, after)]


def _rows(before: Used, after: Used) -> Sequence[Row]:
    rows = []
    for name, (aim, limit) in LIMITS.items():
        was, now = float(getattr(before, name)), float(getattr(after, name))
        what, is_missed = name.replace("_mib", ", MiB").replace("_", " "), now > limit(was)
        told = f"{aim}, missed" if is_missed else aim
        rows.append(Row(what=f"{what}, after", samples=[now], against="before", limit=[was], aim=told, unit=""))
    return rows


def _assert_it_sells(made: Shop) -> None:
    """Raises TimeoutError or AnswerError when the shop does not do its work any more."""
    make_index(made, "after", {})
    made.add("after", islice(documents(PRODUCTS), PRODUCTS))


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _descriptors(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208
    except OSError:  # it has just ended
        return 0


def _memory_mib(pid: int) -> float:
    """Resident, shared pages counted in part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


def _size_mib(folder: Path) -> float:
    """Of all files below it, as they lie on the disk; one may go meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.lstat().st_blocks * 512
    return total / MIB
