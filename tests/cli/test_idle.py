"""`--idle-stop`, as a person meets it."""

import json
from pathlib import Path

import pytest

from hippodrome.config.load import Request, load
from hippodrome.errors import ExitCode
from hippodrome.files import is_locked
from hippodrome.wait import Deadline, until
from tests.cli.conftest import PATIENCE_S, Project


def test_it_says_why_it_stopped_and_comes_back_as_it_was(project: Project) -> None:
    project.server("api")
    project.server("other", profiles=["more"])
    up = project.hd("up", "-d", "--profile", "more", "--idle-stop", "1s")
    assert up.returncode == 0, up.stdout + up.stderr
    use = next(project.state.glob("hippodrome/*/use.json"))
    assert until(lambda: json.loads(use.read_text())["stopped_at"], Deadline(PATIENCE_S))
    assert until(lambda: not project.pids(), Deadline(PATIENCE_S))

    told = project.hd("ps")
    assert told.returncode == ExitCode.NOT_RUNNING
    assert "after 1 s without use (--idle-stop 1s)" in told.stderr
    assert "`hd up` brings it back with its data" in told.stderr
    stopped = json.loads(project.hd("ps", "--json").stdout)["stopped"]
    assert stopped["limit_s"] == 1.0
    assert stopped["why"].startswith("stopped at ")
    assert "after 1 s without use" in project.hd("instances").stdout
    [listed] = json.loads(project.hd("instances", "--json").stdout)
    assert listed["stopped"] == stopped["why"]

    for asked in (["logs"], ["history"], ["plan"], ["env", "api"], ["data", "list"], ["timings"], ["events", "list"]):
        assert project.hd(*asked).stderr.count("after 1 s without use") == 1, asked

    back = project.hd("up", "-d", "--idle-stop", "0")
    assert "after 1 s without use" in back.stdout + back.stderr
    assert set(project.statuses()) == {"api", "other"}
    assert json.loads(project.hd("ps", "--json").stdout)["idle_stop_s"] == 0
    assert not use.exists()
    project.hd("down")


def test_a_command_that_hd_exec_has_become_is_at_the_stack(project: Project) -> None:
    project.server("api")
    assert project.hd("up", "-d").returncode == 0
    clients = next(project.state.glob("hippodrome/*/clients"))
    assert until(lambda: not is_locked(clients), Deadline(PATIENCE_S))
    child = project.spawn("exec", "api", "--", "sh", "-c", "echo there; exec sleep 60")
    assert child.stdout
    assert child.stdout.readline() == "there\n"
    assert is_locked(clients)
    child.kill()
    child.wait()
    assert not is_locked(clients)


def test_a_time_that_makes_no_sense_is_refused(project: Project) -> None:
    told = project.hd("up", "--idle-stop", "soon")
    assert told.returncode == ExitCode.USAGE
    assert "write `8h`" in told.stderr


def test_a_box_and_a_user_have_layers_below_the_project(tmp_path: Path) -> None:
    environ = {"XDG_CONFIG_DIRS": str(tmp_path / "box"), "XDG_CONFIG_HOME": str(tmp_path / "user")}
    root = tmp_path / "project"
    root.mkdir()

    def said(**more: str) -> tuple[object, list[str]]:
        config = load(Request(project_root=root, environ={**environ, **more}))
        return config.settings.idle_stop, [link.layer.rpartition("/")[2] for link in config.origins["idle_stop"]]

    for folder, hours in (("box", 8), ("user", 6)):
        file = tmp_path / folder / "hippodrome" / "hippodrome.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(f"idle_stop: {hours}h\n")
    assert said() == (6 * 3600, ["hippodrome.yaml", "hippodrome.yaml"])
    (root / "hippodrome.yaml").write_text("idle_stop: 0\n")
    assert said()[0] == 0
    assert said(HIPPODROME_IDLE_STOP="2h") == (7200, [*["hippodrome.yaml"] * 3, "environment"])


@pytest.mark.parametrize("value", ["soon", "-1", "[8h]"])
def test_what_is_no_time_is_a_mistake_with_its_place(project: Project, value: str) -> None:
    (project.folder / "hippodrome.local.yaml").write_text(f"idle_stop: {value}\n")
    told = project.hd("validate")
    assert told.returncode != 0
    assert "hippodrome.local.yaml:1:" in told.stdout + told.stderr
