"""Ends, swaps and what people do past us, under a real supervisord."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hippodrome.control import stop
from hippodrome.plan.model import Probe, Program, Restart
from tests.stack import (
    SERVICE,
    Stack,
    free_port,
    http,
    is_alive,
    kill,
    needs,
    program,
    running,
    service,
    sleeper,
    wait_until,
)

SHORT_S = 0.5


def _pids(path: Path) -> list[int]:
    return [int(pid) for pid in path.read_text().split()]


def _wrapper(name: str, pids: Path) -> Program:
    """Runs the service as its child, as `npm run` does, and keeps every signal to itself."""
    port = free_port()
    child = [sys.executable, str(SERVICE), str(port), "children", f"pids={pids}"]
    code = f"import signal, subprocess; signal.signal(15, signal.SIG_IGN); subprocess.run({child!r})"
    return program(name, sys.executable, "-c", code, ports={"http": port}, probe=http(port), stop_grace_s=SHORT_S)


def _stubborn(folder: Path) -> list[Program]:
    """One ignores SIGTERM, two have a child that does, in the group and out of it, and one hands on no signal."""
    modes = ("deaf", "children", "stranger")
    programs = [service(mode, mode, f"pids={folder / mode}", stop_grace_s=SHORT_S) for mode in modes]
    return [*programs, _wrapper("wrapper", folder / "wrapper")]


@pytest.mark.parametrize("way", ["stop", "restart", "crash"])
def test_nothing_of_a_program_outlives_it(stack: Stack, tmp_path: Path, way: str) -> None:
    stack.start(*_stubborn(tmp_path))
    names = stack.plan.names
    before = [status.pid for status in stack.wait_until_ready().statuses if status.pid]
    all_before = {*before, *(pid for name in names for pid in _pids(tmp_path / name))}
    assert len(all_before) > len(before) == 4
    match way:
        case "stop":
            stack.supervisor.stop(names)
        case "restart":
            stack.supervisor.restart(names, "")
        case "crash":
            for pid in before:
                kill(pid)
    for name in names:
        if way == "stop":
            stack.wait_for(name, "stopped")
        else:
            stack.wait_for(name, "healthy", and_that=lambda status: status.restarts == 1)
    assert not any(map(is_alive, all_before))


def test_what_obeys_is_not_kept_waiting_by_what_does_not(stack: Stack) -> None:
    stack.start(service("deaf", "deaf", stop_grace_s=SHORT_S), service("good"))
    stack.wait_until_ready()
    stack.supervisor.stop(["deaf", "good"])
    stack.wait_for("good", "stopped")
    assert stack.status("deaf").state == "stopping"
    stack.wait_for("deaf", "stopped")


def test_dependents_end_before_what_they_depend_on(stack: Stack, tmp_path: Path) -> None:
    told = tmp_path / "told"
    stack.start(
        _slow_to_end("cell", 0.0, told),
        _slow_to_end("api", 0.3, told, depends_on=needs("cell")),
        _slow_to_end("page", 0.1, told, depends_on=needs("api")),
    )
    stack.wait_until_ready()
    stop.stop(stack.instance)
    assert told.read_text().split() == ["page", "api", "cell"]


def _slow_to_end(name: str, seconds: float, told: Path, **facts: Any) -> Program:
    code = f"""
import signal, sys, time
def end(*_):
    time.sleep({seconds})
    open({str(told)!r}, "a").write("{name} ")
    sys.exit()
signal.signal(signal.SIGTERM, end)
"""
    return sleeper(name, code, **facts)


def test_a_stop_signal_of_its_own_is_sent(stack: Stack) -> None:
    code = "import signal, sys\nsignal.signal(2, lambda *_: (print('interrupted', flush=True), sys.exit()))"
    stack.start(sleeper("p", code, stop_signal="SIGINT"))
    stack.wait_until_ready()
    stack.supervisor.stop(["p"])
    stack.wait_for("p", "stopped")
    assert "interrupted" in stack.log("p")


def _ctl(stack: Stack, *words: str) -> str:
    """supervisor's own command line tool."""
    ctl = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(stack.instance.layout.supervisord_conf)]
    return subprocess.run([*ctl, *words], capture_output=True, text=True, timeout=60, check=False).stdout


def test_supervisor_s_own_tool_may_stop_and_start(stack: Stack) -> None:
    stack.start(service("cell"), service("api", depends_on=needs("cell")))
    stack.wait_until_ready()
    _ctl(stack, "stop", "cell")
    cell = stack.wait_for("cell", "stopped")
    assert cell.cause == "stopped-by-hand"
    assert stack.wait_for("api", "blocked").detail == {"program": "cell"}
    _ctl(stack, "start", "cell")
    cell = stack.wait_for("cell", "healthy")
    assert (cell.restarts, cell.restart_reason) == (1, "by hand")
    stack.wait_for("api", "healthy")


def test_supervisor_s_own_tool_may_restart_and_signal(stack: Stack) -> None:
    stack.start(service("cell"))
    first = stack.wait_until_ready().status("cell").pid
    _ctl(stack, "restart", "cell")
    second = stack.wait_for("cell", "healthy", and_that=lambda cell: cell.pid not in (first, None)).pid
    _ctl(stack, "signal", "KILL", "cell")
    cell = stack.wait_for("cell", "healthy", and_that=lambda cell: cell.pid not in (first, second, None))
    assert cell.last_exit and cell.last_exit.signal == 9
    assert "cell" in _ctl(stack, "status") and "RUNNING" in _ctl(stack, "status")


def test_supervisor_s_own_tool_may_reload_everything(stack: Stack) -> None:
    stack.start(service("cell"), service("api", depends_on=needs("cell")))
    before = stack.wait_until_ready()
    _ctl(stack, "reload")
    wait_until(lambda: _is_anew(stack, before.status("api").pid))
    after = stack.wait_until_ready()
    assert not any(is_alive(status.pid) for status in before.statuses if status.pid)
    assert all(status.pid for status in after.statuses)


def _is_anew(stack: Stack, former: int | None) -> bool:
    try:
        return stack.status("api").pid not in (former, None)
    except Exception:  # it is just being made anew
        return False


def test_a_change_swaps_what_it_changes_and_no_other_process(stack: Stack) -> None:
    keep, change, go = service("keep"), service("change"), service("go")
    stack.start(keep, change, go)
    before = stack.wait_until_ready()
    changed = replace(change, environment={"NEW": "yes"})
    stack.apply(keep, changed, service("new", depends_on=needs("change")))
    after = stack.wait_until_ready()
    assert [status.name for status in after.statuses] == ["keep", "change", "new"]
    assert after.status("keep").pid == before.status("keep").pid
    assert after.status("change").pid != before.status("change").pid
    assert after.status("change").restart_reason == "configuration changed"
    assert after.status("change").fingerprint == changed.fingerprint
    assert after.plan_digest == stack.plan.digest
    gone = before.status("go").pid
    assert gone and not is_alive(gone)
    assert "NEW=yes" in Path(f"/proc/{after.status('change').pid}/environ").read_text().split("\0")


def test_another_check_alone_restarts_nothing_and_counts_at_once(stack: Stack) -> None:
    api = service("api")
    stack.start(api)
    before = stack.wait_until_ready()
    nowhere = replace(api, probe=http(free_port(), retries=1))
    stack.apply(nowhere)
    assert stack.wait_for("api", "unhealthy").detail["probe"] == "connection refused"
    stack.apply(api)
    stack.wait_for("api", "healthy")
    stack.apply(replace(api, probe=Probe("none")))
    assert stack.wait_for("api", "running").pid == before.status("api").pid
    stack.apply(replace(api, probe=Probe("log", "already written")))
    stack.wait_for("api", "healthy")
    stack.apply(nowhere)
    stack.wait_for("api", "unhealthy")
    stack.apply(api)
    assert stack.wait_for("api", "healthy").pid == before.status("api").pid


def test_what_is_stopped_by_hand_stays_so_when_the_rest_is_changed(stack: Stack) -> None:
    cell, api = service("cell"), service("api")
    stack.start(cell, api)
    stack.wait_until_ready()
    stack.supervisor.stop(["api"])
    stack.wait_for("api", "stopped")
    stack.apply(replace(cell, environment={"NEW": "yes"}), api)
    stack.wait_for("cell", "healthy")
    assert stack.status("api").state == "stopped"


def test_a_stop_cancels_a_restart_that_is_due(stack: Stack) -> None:
    stack.start(service("api", "exit=3", restart=Restart("on-failure", 100)))
    due = stack.wait_for("api", "backoff")
    assert due.retry_at
    stack.supervisor.stop(["api"])
    assert stack.status("api").retry_at is None
    wait_until(lambda: time.time() > (due.retry_at or 0.0) + 0.3)
    assert stack.status("api").state == "stopped"
    assert stack.states_of("api").count("starting") == due.restarts + 1


@pytest.mark.faults
def test_supervisord_that_is_killed_is_back_with_its_programs_and_none_twice(tmp_path: Path) -> None:
    with running(Stack(tmp_path)) as stack:  # its own: one that is killed again and again is given up
        _survives_a_kill(stack)


def _survives_a_kill(stack: Stack) -> None:
    stack.start(service("cell"), service("api", depends_on=needs("cell")))
    before = stack.wait_until_ready()
    os.kill(before.pid, 9)
    wait_until(lambda: _is_anew(stack, before.status("api").pid))
    after = stack.wait_until_ready()
    assert after.pid != before.pid
    assert not any(is_alive(status.pid) for status in before.statuses if status.pid)
