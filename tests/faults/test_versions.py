"""A stack that another version of `hd` has started, and files that another version has written."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import sysconfig
import venv
from dataclasses import replace
from pathlib import Path

import pytest

from hippodrome.errors import ExitCode
from hippodrome.plan.model import Plan
from hippodrome.rundir import locate, read_record
from hippodrome.wait import Deadline, until
from tests.cli.conftest import HD, PATIENCE_S, Eventually, Project, command_of, is_open
from tests.cli.terminal import read_all

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parents[2]


class Older:
    """A copy of this package as another version, run on the Python of another lock."""

    def __init__(self, folder: Path, *changes: tuple[str, str, str]) -> None:
        self._folder = folder
        left_out = shutil.ignore_patterns("node_modules", "__pycache__", "services")
        for name in ("hippodrome", "conf", "templates"):
            shutil.copytree(ROOT / name, folder / name, ignore=left_out)
        text = (ROOT / "setup.cfg").read_text().replace("\nversion = ", "\nversion = 0.0.", 1)
        (folder / "setup.cfg").write_text(text)
        for path, old, new in changes:
            file = folder / path
            assert old in file.read_text()
            file.write_text(file.read_text().replace(old, new))
        self._python = sys.executable

    def with_another_lock(self) -> "Older":
        """An environment of its own, with what ours has."""
        venv.create(self._folder / "venv", symlinks=True, with_pip=False)
        self._python = str(self._folder / "venv" / "bin" / "python")
        pure = Path(sysconfig.get_path("purelib", vars={"base": str(self._folder / "venv")}))
        (pure / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")
        return self

    def hd(self, project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [self._python, "-I", str(self._folder / "hippodrome" / "cli" / "__main__.py"), *arguments]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HIPPODROME", "XDG"))}
        environ = kept | project.own_environ
        done = {"capture_output": True, "text": True, "timeout": PATIENCE_S}
        return subprocess.run(command, cwd=project.folder, env=environ, check=False, **done)  # type: ignore[call-overload,no-any-return]


PROTOCOL = ("hippodrome/plan/conditions.py", "PROTOCOL = 1 ", "PROTOCOL = 0 ")
FORMAT = ("hippodrome/plan/model.py", "FORMAT = 1 ", "FORMAT = 0 ")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([PROTOCOL], id="protocol", marks=pytest.mark.slow),
        pytest.param([FORMAT], id="plan", marks=pytest.mark.slow),
        pytest.param([PROTOCOL, FORMAT], id="both"),
    ],
)
def test_a_stack_of_another_version_is_listed_logged_and_upgraded_when_asked(
    project: Project, tmp_path: Path, changes: list[tuple[str, str, str]]
) -> None:
    older = Older(tmp_path / "older", *changes)
    project.server("api")
    project.server("web")
    done = older.hd(project, "up", "-d")
    assert done.returncode == 0, done.stdout + done.stderr
    listed = project.hd("ps")
    assert listed.returncode == ExitCode.CONFLICT
    assert listed.stdout.startswith("Started by hd 0.0.")
    assert "api  running  pid" in listed.stdout
    assert "`hd up` restarts it with this version" in listed.stderr
    told = json.loads(project.hd("ps", "--json").stdout)
    before = {each["name"]: each["pid"] for each in told["services"]}
    assert "listening" in project.hd("logs", "api").stdout
    instances = project.hd("instances")
    assert instances.returncode == 0, instances.stderr
    assert "a project" in instances.stdout
    done = project.hd("up", "-d")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "it was started by another version of hd. These run now: api, web." in done.stdout
    after = project.statuses()
    assert {name: each["state"] for name, each in after.items()} == {"api": "healthy", "web": "healthy"}
    assert before["api"] != after["api"]["pid"]
    assert older.hd(project, "ps").returncode == ExitCode.CONFLICT  # and so the other way round
    assert older.hd(project, "down").returncode == 0
    assert not project.pids()


def test_a_stack_of_another_version_is_stopped(project: Project, tmp_path: Path) -> None:
    older = Older(tmp_path / "older", PROTOCOL, FORMAT)
    project.server("api")
    assert older.hd(project, "up", "-d").returncode == 0
    assert project.hd("down").returncode == 0
    assert not project.pids()


def test_across_a_changed_lock_all_is_seen_and_an_up_says_what_it_restarts(project: Project, tmp_path: Path) -> None:
    older = Older(tmp_path / "older").with_another_lock()
    project.server("api")
    done = older.hd(project, "up", "-d")
    assert done.returncode == 0, done.stdout + done.stderr
    before = project.statuses()["api"]
    assert before["state"] == "healthy"
    assert "listening" in project.hd("logs", "api").stdout
    assert "a project" in project.hd("instances").stdout
    done = project.hd("up", "-d")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"it runs on {tmp_path / 'older'}" in done.stdout
    assert "These run now: api." in done.stdout
    assert project.statuses()["api"]["pid"] != before["pid"]
    assert project.hd("down").returncode == 0
    assert older.hd(project, "up", "-d").returncode == 0
    assert project.hd("down").returncode == 0
    assert not project.pids()


@pytest.mark.parametrize(("answer", "is_upgraded"), [("n", False), ("y", True)])
def test_a_person_is_asked_before_a_stack_of_another_version_is_restarted(
    project: Project, tmp_path: Path, answer: str, is_upgraded: bool
) -> None:
    older = Older(tmp_path / "older", PROTOCOL, FORMAT)
    port = project.server("api")
    assert older.hd(project, "up", "-d").returncode == 0
    (before,) = pids_of_server(project)
    ours, its = pty.openpty()
    shown, environ = "", {name: value for name, value in project.environ.items() if name != "CI"}
    with subprocess.Popen([*HD, "up"], cwd=project.folder, env=environ, stdin=its, stdout=its, stderr=its) as up:
        os.close(its)
        while "Go on?" not in shown:
            shown += os.read(ours, 65536).decode()
        assert "Everything will be restarted" in shown
        assert pids_of_server(project) == [before]
        os.write(ours, f"{answer}\n".encode())
        if is_upgraded:
            assert until(lambda: pids_of_server(project) != [before] and is_open(port), Deadline(PATIENCE_S))
            up.send_signal(signal.SIGINT)
        shown += read_all(ours)
        up.wait(PATIENCE_S)
    if not is_upgraded:
        assert pids_of_server(project) == [before]
    assert project.hd("down").returncode == 0


def pids_of_server(project: Project) -> list[int]:
    return [pid for pid in project.pids() if "server.py" in command_of(pid)]


def test_state_of_another_version_is_migrated_or_said_and_never_read_wrongly(
    project: Project, eventually: Eventually
) -> None:
    project.server("api")
    assert project.hd("up", "-d").returncode == 0
    layout = locate(project.folder, {"XDG_STATE_HOME": str(project.state)}).layout
    told = json.loads(layout.instance.read_text())
    record = read_record(layout)
    assert record
    layout.instance.write_text(json.dumps({**told, "format": 99, "of_later": {"more": 1}}))
    assert read_record(layout) == replace(record, format=99)
    with layout.events.open("a") as file:
        file.write('{"at": 1.0, "of_later": true}\n{"half')
    assert project.hd("ps").returncode == 0
    assert project.hd("why", "api").returncode in {0, ExitCode.USAGE}
    text = layout.plan.read_text()
    layout.plan.write_text(text.replace('"format": 1', '"format": 99'))
    with pytest.raises(ValueError, match="plan has format 99"):
        Plan.read(layout.plan)
    said = project.hd("ps")
    assert said.returncode == ExitCode.CONFLICT
    assert "Traceback" not in said.stderr
    layout.plan.write_text(text)
    assert project.hd("down").returncode == 0
    times = layout.logs / "api.log.times"
    times.write_bytes(b"HDT9" + times.read_bytes()[4:])
    assert "listening" in project.hd("logs").stdout
    for path in (layout.plans / "000001.json", *layout.timings.iterdir()):
        path.write_text(path.read_text().replace('"format": 1', '"format": 99'))
    history = project.hd("history")
    assert "1 plan is kept that another version of hd has written" in history.stderr
    assert "nothing has run" not in history.stdout
    assert "1 run is kept that another version of hd has written" in project.hd("timings").stderr
    assert project.hd("up", "-d").returncode == 0
    eventually(lambda: times.read_bytes()[:4] == b"HDT1")
    assert project.hd("logs").stdout.count("listening") == 2
