"""Names and paths that nobody would choose."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Project

pytestmark = pytest.mark.faults
LONG = "a-very-long-name-" * 12  # 204 characters


def works(project: Project, **environ: str) -> None:
    """The whole life of a stack."""
    project.server("api")
    done = project.hd("up", "-d", **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    told = project.hd("ps", "--json", **environ)
    assert told.returncode == 0, told.stderr
    assert project.hd("restart", "api", **environ).returncode == 0
    assert "listening" in project.hd("logs", **environ).stdout
    assert project.hd("down", **environ).returncode == 0
    assert not project.pids()


@pytest.fixture
def at(project: Project) -> Callable[[str], Project]:
    """The project in a folder of this name."""

    def move(name: str) -> Project:
        project.folder = project.folder / name
        project.folder.mkdir(parents=True)
        return project

    return move


@pytest.mark.parametrize(
    "name",
    [
        pytest.param('it\'s a "folder"; with `signs` $HOME % # & (x) ünï ✓ 漢字 \N{ROCKET}', id="signs"),
        pytest.param(LONG, id="long", marks=pytest.mark.slow),
    ],
)
def test_a_folder_may_be_called_anything(at: Callable[[str], Project], name: str) -> None:
    works(at(name))


def test_a_branch_of_200_odd_characters_is_one(project: Project) -> None:
    for command in (["init", "--quiet"], ["checkout", "--quiet", "-b", f"feature/{LONG}"]):
        subprocess.run(["git", *command], cwd=project.folder, check=True)
    works(project)
    told = json.loads(project.hd("plan", "--json").stdout)["plan"]
    assert told["table_prefix"].startswith("dev-feature-a-very-long-name")


def test_a_user_of_200_odd_characters_is_one(project: Project, tmp_path: Path) -> None:
    home = tmp_path / LONG
    home.mkdir()
    project.state = home / ".local" / "state"
    works(project, USER=LONG, LOGNAME=LONG, HOME=str(home), XDG_STATE_HOME="")
