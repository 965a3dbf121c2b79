"""A disk that is full or read-only: it costs lines and events, and never a service."""

import errno
import os
import resource
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hippodrome.cli.bug import cannot_write
from hippodrome.control.processes import warden_of
from hippodrome.control.rpc import NotRunning
from hippodrome.errors import ExitCode
from hippodrome.wait import Deadline, until
from tests.cli.conftest import Project
from tests.faults.conftest import fill
from tests.stack import Stack, running, service, sleeper

pytestmark = pytest.mark.faults
TALKS = "import time\nn = 0\nwhile True:\n    print('line', n, 'x' * 200, flush=True); n += 1; time.sleep(0.0005)"


@pytest.fixture
def on_small_disk(small_disk: Path) -> Iterator[Stack]:
    with running(Stack(small_disk)) as made:
        yield made


def last_line(stack: Stack, name: str) -> int:
    """The highest number that a talking service has in its log."""
    lines = [line.split() for line in stack.log(name).splitlines()]
    return max((int(words[1]) for words in lines if len(words) == 3 and words[0] == "line"), default=-1)


def crash(stack: Stack, name: str) -> None:
    """It comes back, which takes supervisord to write all that it writes."""
    before = stack.status(name)
    assert before.pid
    os.kill(before.pid, 9)
    stack.wait_for(name, "healthy", and_that=lambda status: status.pid not in (None, before.pid))


@pytest.mark.needs("root")
def test_a_full_disk_costs_lines_and_no_service_and_ends_with_the_want_of_room(on_small_disk: Stack) -> None:
    stack = on_small_disk
    stack.start(service("api"), sleeper("talks", TALKS))
    stack.wait_for("api", "healthy")
    talks, supervisord = stack.status("talks").pid, stack.supervisor.status().pid
    filler = fill(stack.folder)
    time.sleep(1.0)  # of writing where nothing can be written
    crash(stack, "api")
    assert stack.status("talks").pid == talks
    assert stack.supervisor.status().pid == supervisord
    os.kill(supervisord, 9)
    assert until(lambda: _is_back(stack, supervisord), Deadline(30))
    stack.wait_for("api", "healthy")
    size = len(stack.log("talks"))
    filler.unlink()
    assert until(lambda: len(stack.log("talks")) > size, Deadline(30))


def _is_back(stack: Stack, former: int) -> bool:
    try:
        return stack.supervisor.status().pid != former
    except NotRunning:
        return False


def test_a_file_that_may_not_grow_costs_lines_and_no_service(stack: Stack) -> None:
    """RLIMIT_FSIZE of supervisord, which needs no root: writing beyond it fails as on a full disk."""
    stack.start(service("api"), sleeper("talks", TALKS))
    stack.wait_for("api", "healthy")
    supervisord, warden = stack.supervisor.status().pid, warden_of(stack.instance.layout.warden_pid)
    assert warden
    talks = stack.status("talks").pid
    for pid in (supervisord, warden.pid):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    assert until(lambda: last_line(stack, "talks") > 50, Deadline(30))
    time.sleep(1.0)
    crash(stack, "api")
    written = last_line(stack, "talks")
    for pid in (supervisord, warden.pid):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert until(lambda: last_line(stack, "talks") > written + 10, Deadline(30))
    assert stack.status("talks").pid == talks
    assert stack.supervisor.status().pid == supervisord
    assert len(stack.instance.layout.warden_log.read_bytes()) < 20_000


PLACES = ["HOME", "XDG_STATE_HOME"]


def placed(folder: Path, name: str) -> dict[str, str]:
    """Variables by which `hd` keeps its state below the folder: because it is the home, or by name."""
    return {"HOME": str(folder), "XDG_STATE_HOME": ""} if name == "HOME" else {name: str(folder)}


@pytest.mark.needs("root")
@pytest.mark.parametrize("name", PLACES)
def test_hd_up_on_a_full_disk_says_so_in_one_message(project: Project, small_disk: Path, name: str) -> None:
    project.server("api")
    filler, places = fill(small_disk), placed(small_disk, name)
    done = project.hd("up", "-d", **places)
    assert done.returncode in {ExitCode.FAILED, ExitCode.CONFLICT}, done.stdout + done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not project.pids()
    filler.unlink()
    again = project.hd("up", "-d", **places)
    assert again.returncode == 0, again.stdout + again.stderr
    assert project.hd("down", **places).returncode == 0


@pytest.mark.needs("root")
@pytest.mark.parametrize("name", PLACES)
def test_hd_up_with_a_read_only_home_says_so_in_one_message(project: Project, small_disk: Path, name: str) -> None:
    project.server("api")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    places = {"HOME": str(small_disk), "XDG_STATE_HOME": ""} | placed(small_disk, name)
    done = project.hd("up", "-d", **places)
    assert done.returncode == ExitCode.FAILED, done.stdout + done.stderr
    assert f"{small_disk}" in done.stderr
    assert "Read-only file system [cannot-write]" in done.stderr
    assert not project.pids()


def test_a_home_of_somebody_elses_is_said_in_one_message() -> None:
    error = PermissionError(errno.EACCES, "Permission denied", "/home/ada/.local")
    assert "/home/ada/.local cannot be written: Permission denied [cannot-write]" in str(cannot_write(error))
    assert cannot_write(ValueError("other")) is None
