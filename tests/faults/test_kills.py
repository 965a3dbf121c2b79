"""`kill -9` of `hd` at each step of a start and of a stop: what comes next finds no work to be done by hand."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests

from hippodrome.control.processes import warden_of
from hippodrome.control.rpc import is_running
from hippodrome.errors import ExitCode
from hippodrome.plan.layout import Layout
from hippodrome.rundir import locate
from hippodrome.wait import Deadline, until
from tests.cli.conftest import Project, command_of, is_open

if TYPE_CHECKING:
    import subprocess

pytestmark = pytest.mark.faults
Reached = Callable[[Layout, int], object]

UP: dict[str, Reached] = {
    "its process runs": lambda _layout, _port: True,
    "the warden has been started": lambda layout, _: layout.warden_log.exists(),
    "the lock is held": lambda layout, _: layout.lock.exists(),
    "the record is written": lambda layout, _: layout.instance.exists(),
    "the plan is written": lambda layout, _: layout.plan.exists(),
    "the configuration is written": lambda layout, _: layout.supervisord_conf.exists(),
    "the warden has taken the folder": lambda layout, _: warden_of(layout.warden_pid),
    "supervisord answers": lambda layout, _: is_running(layout),
    "the service listens": lambda _, port: is_open(port),
}
DOWN: dict[str, Reached] = {
    "its process runs": lambda _layout, _port: True,
    "the service has ended": lambda _, port: not is_open(port),
    "supervisord has ended": lambda layout, _: not is_running(layout),
    "the warden has left": lambda layout, _: not warden_of(layout.warden_pid),
}
CHANGE: dict[str, Callable[["Change"], object]] = {
    "its process runs": lambda _: True,
    "the files are written, and not read": lambda change: change.layout.plan.read_text() != change.before,
    "supervisord has read them, and swapped nothing": lambda change: change.is_kept,
    "what has changed was stopped": lambda change: not change.is_former_alive,
    "what has changed listens again": lambda change: not change.is_former_alive and is_open(change.port),
}
QUICK = {"the record is written", "supervisord has ended"}  # of these plain `tests/run` has enough


def steps(known: dict[str, Reached]) -> list[Any]:
    return [pytest.param(step, marks=[] if step in QUICK else pytest.mark.slow) for step in known]


def layout_in(project: Project) -> Layout:
    return locate(project.folder, {"XDG_STATE_HOME": str(project.state)}).layout


def killed_when(child: "subprocess.Popen[str]", is_reached: Callable[[], object]) -> None:
    """Kills `hd` as soon as this is so, or lets it end."""
    until(lambda: is_reached() or child.poll() is not None, Deadline(60), pause_s=0.0005)
    child.kill()
    child.wait()


def assert_whole_and_then_nothing(project: Project, port: int) -> None:
    """The next start brings one whole stack, the stop after that leaves nothing."""
    done = project.hd("up", "-d")
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.statuses()["api"]["state"] == "healthy"
    keepers = [pid for pid in project.pids() if "start.py" in command_of(pid)]
    assert until(lambda: len([pid for pid in keepers if command_of(pid)]) == 2, Deadline(30)), keepers
    done = project.hd("down")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not is_open(port)
    assert until(lambda: not project.pids(), Deadline(30)), [command_of(pid) for pid in project.pids()]


@pytest.mark.parametrize("step", steps(UP))
def test_an_up_that_is_killed_when(project: Project, step: str) -> None:
    port, layout = project.server("api"), layout_in(project)
    child = project.spawn("up", "-d")
    killed_when(child, lambda: UP[step](layout, port))
    assert_whole_and_then_nothing(project, port)


@pytest.mark.parametrize("step", steps(DOWN))
def test_a_down_that_is_killed_when(project: Project, step: str) -> None:
    port, layout = project.server("api"), layout_in(project)
    assert project.hd("up", "-d").returncode == 0
    child = project.spawn("down")
    killed_when(child, lambda: DOWN[step](layout, port))
    assert_whole_and_then_nothing(project, port)


WAITS = "echo begins >> steps; until [ -e go ]; do sleep 0.02; done; sleep 0.2; echo ends >> steps"


def test_an_up_that_is_killed_while_it_sets_up(project: Project) -> None:
    """What it had started goes on, and is waited for: two never make the same thing."""
    port = project.server("api", setup=[{"run": ["sh", "-c", WAITS]}])
    steps = project.folder / "steps"
    killed_when(project.spawn("up", "-d"), steps.exists)
    (project.folder / "go").touch()
    assert_whole_and_then_nothing(project, port)
    assert steps.read_text().split() == ["begins", "ends"] * 2


@dataclass
class Change:
    """What a change of `api` goes through; `web` stays as it is."""

    layout: Layout
    port: int
    pid: int
    before: str

    @property
    def is_kept(self) -> bool:
        """Written down between the reading of the files and the swap."""
        return len(list(self.layout.plans.glob("*.plan.json"))) == 2

    @property
    def is_former_alive(self) -> bool:
        return bool(command_of(self.pid))


@pytest.mark.slow
@pytest.mark.parametrize("step", CHANGE)
def test_a_change_of_a_running_stack_that_is_killed_when(project: Project, step: str) -> None:
    port, layout = project.server("api", environment={"GREETING": "before"}), layout_in(project)
    project.server("web")
    assert project.hd("up", "-d").returncode == 0
    before = project.statuses()
    change = Change(layout, port, before["api"]["pid"], layout.plan.read_text())
    project.services["api"]["environment"] = {"GREETING": "after"}
    project.write()
    killed_when(project.spawn("up", "-d"), lambda: CHANGE[step](change))
    assert project.hd("ps").returncode in {ExitCode.OK, ExitCode.FAILED}  # not all may be ready yet
    assert project.hd("up", "-d").returncode == 0
    after = project.statuses()
    assert after["api"]["pid"] != before["api"]["pid"]
    assert after["web"]["pid"] == before["web"]["pid"]
    assert requests.get(f"http://127.0.0.1:{port}/", timeout=10).text == "after"
    assert project.hd("drift").returncode == 0
    assert_whole_and_then_nothing(project, port)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_up_and_down_may_be_killed_at_any_moment_again_and_again(project: Project) -> None:
    port = project.server("api")
    chance = random.Random()
    for _ in range(12):
        child = project.spawn("up", "-d") if chance.random() < 0.6 else project.spawn("down")
        time.sleep(chance.random() * 0.8)
        child.kill()
        child.wait()
    assert_whole_and_then_nothing(project, port)
