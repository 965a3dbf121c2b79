"""The watcher's process in a stack that really runs."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hippodrome.control import watch
from hippodrome.plan.conditions import Status
from hippodrome.plan.model import Program, Watched
from tests.control.plans import program
from tests.control.stacks import Stack


@pytest.fixture
def code(stack: Stack) -> Path:
    """A folder of sources with one file."""
    folder = stack.layout.run_dir.parent / "späce code"
    folder.mkdir(parents=True)
    (folder / "app.py").write_text("answer = 1\n")
    return folder


def watcher(stack: Stack) -> Program:
    argv = (sys.executable, "-I", watch.__file__)
    return program("watcher", argv=argv, environment={"RUN_DIR": str(stack.layout.run_dir)})


def watched(name: str, folder: Path, **facts: Any) -> Program:
    return program(name, watched=(Watched(str(folder)),), **facts)


def up(stack: Stack, *programs: Program) -> None:
    """Returns once the watcher watches for these."""
    stack.up(*programs, watcher(stack))
    names = ", ".join(sorted(each.name for each in programs if each.watched))
    stack.eventually(lambda: f"folders of {names}\n" in stack.log_of("watcher"))


def status(stack: Stack, name: str) -> Status:
    return next(each for each in stack.supervisor.status().statuses if each.name == name)


def restarted_because(stack: Stack, name: str, reason: str) -> bool:
    found = status(stack, name)
    return found.restart_reason == reason and found.pid is not None and found.state == "running"


def test_a_saved_file_restarts_its_service_and_no_other(stack: Stack, code: Path) -> None:
    up(stack, watched("api", code), program("other"))
    before = stack.pids
    (code / "app.py").write_text("answer = = 2\n")  # a mistake is for the service to show
    stack.eventually(lambda: restarted_because(stack, "api", f"file changed: {code / 'app.py'}"))
    after = stack.pids
    assert after["api"] != before["api"]
    assert after["other"] == before["other"]


def test_what_an_editor_writes_beside_the_file_restarts_nothing(stack: Stack, code: Path) -> None:
    up(stack, watched("api", code))
    for name in ("4913", ".app.py.swp", "app.py~", "app.pyc"):
        (code / name).write_text("")
    (code / "__pycache__").mkdir()
    (code / "__pycache__" / "app.cpython-311.pyc").write_text("")
    (code / "last.py").write_text("")  # which the watcher sees after all of those
    stack.eventually(lambda: restarted_because(stack, "api", f"file changed: {code / 'last.py'}"))
    assert stack.log_of("watcher").count("restarting") == 1


def test_a_file_that_is_replaced_by_renaming_counts(stack: Stack, code: Path) -> None:
    up(stack, watched("api", code))
    (code / ".app.py.swp").write_text("answer = 3\n")
    (code / ".app.py.swp").rename(code / "app.py")
    stack.eventually(lambda: restarted_because(stack, "api", f"file changed: {code / 'app.py'}"))


def test_folders_that_come_later_are_watched(stack: Stack, code: Path) -> None:
    up(stack, watched("api", code))
    (code / "new" / "deep").mkdir(parents=True)
    (code / "new" / "deep" / "a.py").write_text("")
    stack.eventually(lambda: "new/deep/a.py" in status(stack, "api").restart_reason)
    (code / "new" / "deep" / "b.py").write_text("")
    stack.eventually(lambda: "new/deep/b.py" in status(stack, "api").restart_reason)


def test_a_folder_that_went_and_came_back_is_watched_again(stack: Stack, code: Path) -> None:
    up(stack, watched("api", code))
    shutil.rmtree(code)
    stack.eventually(lambda: "file changed" in status(stack, "api").restart_reason)
    code.mkdir()
    (code / "again.py").write_text("")
    stack.eventually(lambda: "again.py" in status(stack, "api").restart_reason)


def test_a_service_that_was_stopped_by_hand_stays_so(stack: Stack, code: Path) -> None:
    up(stack, watched("api", code), watched("twin", code))
    stack.supervisor.stop(["api"])
    stack.eventually(lambda: status(stack, "api").state == "stopped")
    (code / "app.py").write_text("answer = 4\n")
    stack.eventually(lambda: "file changed" in status(stack, "twin").restart_reason)
    assert status(stack, "api").state == "stopped"


def test_a_new_plan_is_watched_without_a_restart_of_the_watcher(stack: Stack, code: Path) -> None:
    api = watched("api", code)
    up(stack, api)
    more = code.parent / "more"
    more.mkdir()
    pid = stack.pids["watcher"]
    up(stack, replace(api, watched=()), watched("late", more))
    assert stack.pids["watcher"] == pid
    (code / "app.py").write_text("answer = 5\n")
    (more / "x.py").write_text("")
    stack.eventually(lambda: "x.py" in status(stack, "late").restart_reason)
    assert not status(stack, "api").restart_reason
