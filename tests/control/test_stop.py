"""After a stop nothing is left, whatever the services do."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from hippodrome.control import stop
from hippodrome.control.processes import look_up, warden_of
from hippodrome.control.stop import Stopped
from hippodrome.errors import UserError
from hippodrome.rundir import Instance
from tests.control.plans import program
from tests.control.stacks import Stack, is_open
from tests.stack import free_port

DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(999)"
)
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(999)"])
time.sleep(999)
"""
ESCAPE = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        time.sleep(999)
    os._exit(0)
time.sleep(999)
"""
SERVER = (
    "import socket, time; s = socket.create_server(('127.0.0.1', {})); print('here', flush=True); time.sleep(999)"
)


def test_where_nothing_runs_nothing_is_stopped(stack: Stack) -> None:
    assert stop.stop(stack.instance) == stop.Stopped(was_running=False, swept=())
    assert stop.kill(stack.instance) == stop.Stopped(was_running=False, swept=())


def test_ports_sockets_and_processes_are_gone(stack: Stack) -> None:
    port = free_port()
    stack.up(program("server", SERVER.format(port), ports={"http": port}), program("other"))
    stack.eventually(lambda: is_open(port))
    pids = (*stack.marked, *stack.pids.values())
    assert stop.stop(stack.instance).was_running
    stack.assert_nothing_is_left(*pids)
    assert not is_open(port)


@pytest.mark.faults
@pytest.mark.parametrize("end", [stop.stop, stop.kill])
@pytest.mark.parametrize("code", [DEAF, PARENT, ESCAPE], ids=["deaf", "parent", "escape"])
def test_services_that_resist_are_ended_too(stack: Stack, end: Callable[[Instance], Stopped], code: str) -> None:
    stack.up(program("resists", code), program("other"))
    stack.eventually(lambda: stack.log_of("resists"))
    told = stack.log_of("resists").strip()
    pids = (*stack.marked, *stack.pids.values(), *([int(told)] if told.isdigit() else []))
    assert end(stack.instance).was_running
    stack.assert_nothing_is_left(*pids)


@pytest.mark.faults
def test_supervisord_that_hangs_is_ended_by_signal(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop, "MARGIN_S", 1.0)
    stack.up(program("a"))
    pids = (*stack.marked, *stack.pids.values())
    os.kill(stack.supervisord, signal.SIGSTOP)
    assert stop.stop(stack.instance).was_running
    stack.assert_nothing_is_left(*pids)


@pytest.mark.faults
def test_pid_files_that_name_a_stranger_do_it_no_harm(stack: Stack) -> None:
    stack.up(program("a"))
    stop.stop(stack.instance)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        found = look_up(stranger.pid)
        assert found is not None
        for path in (stack.layout.warden_pid, stack.layout.supervisord_pid):
            path.write_text(f"{stranger.pid} {found.started}\n")
        assert not stop.stop(stack.instance).was_running
        assert not stop.kill(stack.instance).was_running
        stack.up(program("a"))
        stop.stop(stack.instance)
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.faults
def test_killed_supervisord_leaves_nothing_and_is_back_with_its_services(stack: Stack) -> None:
    stack.up(program("a"), program("parent", PARENT), program("escape", ESCAPE))
    stack.eventually(lambda: stack.log_of("escape") and stack.log_of("parent"))
    daemon = stack.supervisord
    before = {*stack.pids.values(), int(stack.log_of("escape")), int(stack.log_of("parent"))}
    warden = warden_of(stack.layout.warden_pid)
    os.kill(daemon, signal.SIGKILL)
    stack.eventually(lambda: not any(map(look_up, before)))
    stack.eventually(lambda: _is_back(stack, daemon))
    assert before.isdisjoint(stack.pids.values())
    assert warden_of(stack.layout.warden_pid) == warden


def _is_back(stack: Stack, former: int) -> bool:
    try:
        return stack.supervisord != former and len(stack.pids) == 3
    except UserError:
        return False


@pytest.mark.faults
def test_after_a_killed_warden_the_next_start_finds_what_is_left(stack: Stack) -> None:
    stack.up(program("a"), program("escape", ESCAPE))
    stack.eventually(lambda: stack.log_of("escape"))
    escaped = int(stack.log_of("escape"))
    warden = warden_of(stack.layout.warden_pid)
    assert warden is not None
    pids = tuple(stack.pids.values())
    warden.send(signal.SIGKILL)
    stack.eventually(lambda: not any(map(look_up, pids)))
    assert look_up(escaped)
    stack.up(program("a"))
    assert any("left behind" in line for line in stack.said)
    assert not look_up(escaped)


def test_a_down_finds_what_a_killed_warden_left(stack: Stack) -> None:
    stack.up(program("escape", ESCAPE))
    stack.eventually(lambda: stack.log_of("escape"))
    warden = warden_of(stack.layout.warden_pid)
    assert warden is not None
    warden.send(signal.SIGKILL)
    stack.eventually(lambda: not warden.is_alive)
    stopped = stop.stop(stack.instance)
    assert not stopped.was_running
    assert int(stack.log_of("escape")) in stopped.swept
    stack.assert_nothing_is_left()


def test_twelve_services_stop_together_and_not_one_after_another(stack: Stack) -> None:
    slow = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), sys.exit()));"
    slow += "print('here', flush=True); time.sleep(999)"
    stack.up(*(program(f"p{number}", slow, stop_grace_s=20.0) for number in range(12)))
    stack.eventually(lambda: all("here" in stack.log_of(f"p{number}") for number in range(12)))
    began = time.monotonic()
    stop.stop(stack.instance)
    assert time.monotonic() - began < 5.0, stack.story()
