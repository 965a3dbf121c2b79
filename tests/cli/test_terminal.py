"""What a person sees in a terminal of 80 columns."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest

from tests.cli.conftest import HD, PATIENCE_S, Project
from tests.cli.terminal import read_all

COLUMNS, LINES = 80, 50
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
LONG = "Takes what comes, looks at it from all sides, and hands it on to whoever has asked for such a thing"


def shown(project: Project, *arguments: str) -> list[str]:
    """The lines of the screen, one below the other, without colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environ = {**os.environ, "XDG_STATE_HOME": str(project.state), "TERM": "xterm"}
    environ.pop("NO_COLOR", None)
    child = subprocess.Popen([*HD, *arguments], cwd=project.folder, env=environ, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = read_all(ours)
    assert child.wait(timeout=PATIENCE_S) == 0, said
    return CODES.sub("", said).splitlines()


def test_no_line_of_a_start_is_wider_than_the_terminal(project: Project) -> None:
    first = project.server("first", description=LONG)
    project.server("second", description=LONG, depends_on=["first"])
    lines = shown(project, "up", "-d", "--without", "second")
    assert "second is left out by `--without`." in lines
    assert [line for line in lines if len(line) > COLUMNS] == []
    assert any(f"http://localhost:{first}" in line and line.endswith("…") for line in lines)
    assert [line for line in shown(project, "ps") if len(line) > COLUMNS] == []


def test_a_long_notice_is_broken_between_words(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.server("api")
    name = f"HIPPODROME_{'X' * 45}"
    monkeypatch.setenv(name, "1")
    lines = shown(project, "up", "-d")
    assert [line for line in lines if len(line) > COLUMNS] == []
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{name} sets nothing."))
    assert lines[at + 1].startswith("  ")


def test_the_plan_is_in_the_order_of_the_start_and_tells_all_of_what_is_waited_for(project: Project) -> None:
    project.server("first")
    project.server("last", depends_on=["first"])
    project.server("another")
    needed = [f"needed-by-all-{letter}" for letter in "abcd"]
    for name in needed:
        project.server(name)
    project.server("late", depends_on=needed)
    lines = shown(project, "plan")
    assert [line for line in lines[1:] if len(line) > COLUMNS] == []  # the first is the folder's own name
    places = [line.split()[0] for line in lines if re.match(r"\d  ", line)]
    assert places == sorted(places)
    assert all(any(f"{name} is healthy" in line for line in lines) for name in needed)
