"""Ends that nobody plans: a second Ctrl+C, a killed `hd`, two at once, a stack whose keeper was killed."""

import os
import pty
import signal
import sys

import pytest

from hippodrome.errors import ExitCode
from tests.cli.conftest import HD, Eventually, Project, command_of, is_open
from tests.stack import free_port

DEAF = "import signal,socket,sys,time; signal.signal(15, signal.SIG_IGN); "
DEAF += "s=socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(3600)"


def deaf(project: Project, name: str) -> int:
    """A service that does not end when it is asked to, and may take long over it."""
    port = free_port()
    project.add(name, command=[sys.executable, "-c", DEAF, str(port)], port=port, stop_grace_period="60s")
    return port


def test_a_second_ctrl_c_skips_the_wait(project: Project, eventually: Eventually) -> None:
    port = deaf(project, "deaf")
    child = project.spawn("up")
    eventually(lambda: is_open(port))
    child.send_signal(signal.SIGINT)
    assert child.stdout is not None
    assert any("Stopping" in line for line in child.stdout)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=30)
    assert child.returncode == ExitCode.INTERRUPTED
    assert not is_open(port)
    assert not project.pids()


def test_a_terminal_that_vanishes_takes_the_stack_with_it(project: Project, eventually: Eventually) -> None:
    port = project.server("api")
    child, terminal = pty.fork()
    if not child:
        os.chdir(project.folder)
        os.execve(HD[0], [*HD, "up"], {**os.environ, "XDG_STATE_HOME": str(project.state), "TERM": "xterm"})
    eventually(lambda: is_open(port) and b"Following" in os.read(terminal, 65536))
    os.close(terminal)
    os.waitpid(child, 0)
    assert not is_open(port)
    assert not project.pids()


@pytest.mark.faults
def test_what_a_killed_hd_started_goes_on_and_can_be_stopped(project: Project, eventually: Eventually) -> None:
    port = project.server("api")
    child = project.spawn("up")
    eventually(lambda: is_open(port))
    child.kill()
    child.communicate(timeout=30)
    assert project.statuses()["api"]["state"] == "healthy"
    assert project.hd("down").returncode == 0
    assert not project.pids()


@pytest.mark.faults
def test_two_that_start_at_once_share_one_stack(project: Project, eventually: Eventually) -> None:
    port = project.server("api")
    first, second = project.spawn("up", "-d"), project.spawn("up", "-d")
    said = [child.communicate(timeout=60)[0] for child in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], said
    assert is_open(port)
    eventually(lambda: len(_keepers(project)) == 2)  # one warden, one supervisord; what came second is ending


def _keepers(project: Project) -> list[int]:
    """The warden, whose command line names what it starts, and supervisord."""
    return [pid for pid in project.pids() if "start.py" in command_of(pid)]


@pytest.mark.faults
def test_a_killed_keeper_and_supervisord_leave_nothing_and_no_work_by_hand(
    project: Project, eventually: Eventually
) -> None:
    port = project.server("api")
    project.hd("up", "-d")
    for pid in _keepers(project):
        os.kill(pid, signal.SIGKILL)
    again = project.hd("up", "-d")
    assert again.returncode == 0, again.stdout + again.stderr
    eventually(lambda: is_open(port))
    assert project.hd("down").returncode == 0
    assert not is_open(port)
    assert not project.pids()
