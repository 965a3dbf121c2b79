"""A run directory that is deleted under a running stack."""

import shutil

import pytest

from hippodrome.errors import ExitCode
from tests.cli.conftest import Eventually, Project, is_open

pytestmark = pytest.mark.faults


def _up_and_deleted(project: Project) -> int:
    port = project.server("api")
    assert project.hd("up", "-d").returncode == 0
    shutil.rmtree(project.state)
    assert is_open(port)
    said = project.hd("ps")
    assert said.returncode == ExitCode.NOT_RUNNING
    assert "whose run directory was deleted" in said.stderr
    return port


def test_down_ends_a_stack_whose_run_directory_was_deleted(project: Project) -> None:
    port = _up_and_deleted(project)
    done = project.hd("down")
    assert done.returncode == 0
    assert "nothing is left running" in done.stdout
    assert not is_open(port)
    assert not project.pids()


def test_up_ends_it_and_starts_it_anew(project: Project, eventually: Eventually) -> None:
    port = _up_and_deleted(project)
    done = project.hd("up", "-d")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ended a stack whose run directory was deleted" in done.stdout
    eventually(lambda: is_open(port))
    assert project.statuses()["api"]["state"] == "healthy"
