"""`--notify`: a message on the desktop, or the bell, when a service fails."""

import os
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import HD, Eventually, Project
from tests.cli.terminal import Terminal

CRASH = "import time; time.sleep({}); raise SystemExit(3)"


@pytest.fixture
def desktop(project: Project, tmp_path: Path) -> tuple[dict[str, str], Path]:
    """A PATH with a notify-send that writes down what it is told, a line an argument; and where."""
    told = tmp_path / "told"
    script = tmp_path / "bin" / "notify-send"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >>"{told}"\n')
    script.chmod(0o755)
    return {"PATH": f"{script.parent}:{os.environ['PATH']}"}, told


def lines(told: Path) -> list[str]:
    return told.read_text().splitlines() if told.exists() else []


def crashing(project: Project, after_s: float) -> None:
    project.add("job", command=[sys.executable, "-c", CRASH.format(after_s)], restart="no")


def test_a_failing_start_is_told_once_and_only_where_it_is_asked_for(
    project: Project, desktop: tuple[dict[str, str], Path]
) -> None:
    environ, told = desktop
    crashing(project, 0)
    assert project.hd("up", "-d", **environ).returncode == 1
    assert lines(told) == []
    project.hd("down")
    assert project.hd("up", "-d", "--notify", **environ).returncode == 1
    assert lines(told)[:3] == ["--app-name=hd", "--", "job failed"]
    assert "code 3" in lines(told)[3]
    assert len(lines(told)) == 4
    project.hd("down")
    assert project.hd("up", "-d", HIPPODROME_NOTIFY="desktop", **environ).returncode == 1
    assert len(lines(told)) == 8


def test_following_the_logs_tells_of_what_fails_from_then_on(
    project: Project, desktop: tuple[dict[str, str], Path], eventually: Eventually
) -> None:
    environ, told = desktop
    crashing(project, 0)
    project.server("api", develop={"watch": []}, restart="no")
    assert project.hd("up", "-d").returncode == 1
    child = project.spawn("logs", "-f", "--notify=desktop", **environ)
    assert child.stdout
    assert "listening" in child.stdout.readline()
    (project.folder / "server.py").write_text("raise SystemExit('broken')\n")
    project.hd("restart", "api")
    eventually(lambda: "api failed" in lines(told))
    assert "job failed" not in lines(told)


def test_the_bell_rings_on_a_terminal_and_where_there_is_no_desktop(project: Project, tmp_path: Path) -> None:
    crashing(project, 0)
    for flags, said in (["--notify", "bell"], ""), (["--notify"], "the bell rings instead"):
        terminal = Terminal()
        python = Path(sys.executable)
        bare = {"PATH": f"{python.parent}:{tmp_path}"}
        terminal.run([*HD, "up", "-d", *flags], project.folder, project.environ | bare)
        assert terminal.end() == 1
        terminal.see(said)
        terminal.close()
        assert b"\a" in terminal.raw
        project.hd("down")
    done = project.hd("up", "-d", "--notify", "bell")
    assert "\a" not in done.stdout + done.stderr


def test_another_word_is_refused(project: Project) -> None:
    crashing(project, 0)
    assert project.hd("up", "-d", "--notify", "loud").returncode == 2
    done = project.hd("logs", "-f", HIPPODROME_NOTIFY="loud")
    assert (done.returncode, "HIPPODROME_NOTIFY" in done.stderr) == (2, True)
