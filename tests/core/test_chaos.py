"""The core profile while its processes are killed at random, and after it was restarted very often."""

import contextlib
import os
import random
import signal
from collections.abc import Container, Iterator
from pathlib import Path

import pytest

from hippodrome.control.rpc import NotRunning, Supervisor
from hippodrome.plan.conditions import Status
from hippodrome.rundir import locate, read_record
from hippodrome.wait import Deadline, until
from tests.core.conftest import PATIENCE_S, SERVICES, Core, made_in

pytestmark = [pytest.mark.slow, pytest.mark.faults, pytest.mark.timeout(900)]
ROUNDS = 40
RESTARTS = 150
MIB = 1 << 20


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Core]:
    core = made_in(tmp_path)
    try:
        started = core.hd("up", "-d")
        assert started.returncode == 0, started.stdout + started.stderr
        yield core
    finally:
        core.hd("down", "--now")
        assert not _marked(core)


def _supervisor(core: Core) -> Supervisor:
    return Supervisor(locate(core.folder, core.environ).layout)


def _marked(core: Core) -> dict[int, str]:
    """Every living process of the stack, and the program that it belongs to."""
    record = read_record(locate(core.folder, core.environ).layout)
    assert record is not None
    mark, found = f"HD_STACK_ID={record.stack_id}".encode(), {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                variables = (entry / "environ").read_bytes().split(b"\0")
                names = [
                    each.partition(b"=")[2] for each in variables if each.startswith(b"SUPERVISOR_PROCESS_NAME=")
                ]
                if mark in variables:
                    found[int(entry.name)] = (names or [b""])[0].decode()
    return found


def _states(core: Core) -> dict[str, Status]:
    """Empty while supervisord is being started again."""
    try:
        return {status.name: status for status in _supervisor(core).status().statuses}
    except NotRunning:
        return {}


def _is_whole(core: Core, killed: Container[int | None] = ()) -> bool:
    """All are healthy, and none is `killed`, whose end supervisord may not have seen yet."""
    states = _states(core)
    return bool(states) and all(
        states[name].state == "healthy" and states[name].pid not in killed for name in SERVICES
    )


def test_whatever_is_killed_comes_back_once_and_with_its_data(own: Core) -> None:
    chance = random.Random(42)
    assert own.ask("controller", "/api/v2/indexes/kept", "POST", json={}).ok
    killed = set[int | None]()
    daemons = 3  # kills of supervisord: one that dies again and again is given up, on purpose
    for _ in range(ROUNDS):
        states = _states(own)
        if states and daemons and chance.random() < 0.1:
            daemons -= 1
            victim: int | None = _supervisor(own).status().pid
        else:
            victim = states[chance.choice(SERVICES)].pid if states else None
        killed.add(victim)
        if victim:
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        if chance.random() < 0.6:  # else the next blow comes before it stands again
            assert until(lambda: _is_whole(own, killed), Deadline(PATIENCE_S)), own.hd("ps").stdout
    assert until(lambda: _is_whole(own, killed), Deadline(PATIENCE_S)), own.hd("ps").stdout
    assert "kept" in own.ask("controller", "/api/v2/indexes").text
    programs = [name for name in _marked(own).values() if name in ("fake_cell", "controller", "dashboard")]
    assert sorted(programs) == ["controller", "dashboard", "fake_cell"]


def test_many_restarts_leave_no_descriptor_no_process_and_no_memory_behind(own: Core) -> None:
    supervisor = _supervisor(own)
    supervisor.restart(["fake_cell"], "warming up")
    assert until(lambda: _is_whole(own), Deadline(PATIENCE_S))
    pid = supervisor.status().pid
    before = _used(pid)
    for count in range(RESTARTS):
        supervisor.restart(["dashboard"], f"number {count}")
        supervisor.wait(["dashboard"], "healthy", PATIENCE_S)
    assert until(lambda: _is_whole(own), Deadline(PATIENCE_S))
    after = _used(pid)
    assert supervisor.status().pid == pid
    assert after[0] <= before[0] + 2, "descriptors of supervisord"
    assert after[1] <= before[1] + 8 * MIB, "memory of supervisord"
    assert list(_marked(own).values()).count("dashboard") == 1


def _used(pid: int) -> tuple[int, int]:
    """Open descriptors, and resident bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return len(list(Path(f"/proc/{pid}/fd").iterdir())), pages * os.sysconf("SC_PAGE_SIZE")
