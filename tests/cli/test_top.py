"""`hd top` on a terminal of 80 by 24, before a real stack."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from hippodrome.top.app import has_screen
from tests.cli.conftest import HD, Eventually, Project
from tests.cli.terminal import Terminal

LEAVES = (b"\x1b[?1049l", b"\x1b[?25h")  # the alternate screen; the cursor is shown


@pytest.fixture
def stack(project: Project) -> Project:
    project.server("cell")
    project.server("api", depends_on={"cell": {"condition": "service_healthy"}})
    project.add("talker", command=["sh", "-c", "echo INFO apples; echo ERROR pears; sleep 600"])
    assert project.hd("up", "-d").returncode == 0
    return project


@pytest.fixture
def terminal(stack: Project) -> Iterator[Terminal]:
    made = Terminal()
    browser = stack.folder / "browser"
    browser.write_text('#!/bin/sh\necho "$1" >"$0.new"; mv "$0.new" "$0.opened"\n')
    browser.chmod(0o700)
    made.run([*HD, "top"], stack.folder, {**stack.environ, "BROWSER": str(browser), "DISPLAY": ":99"})
    made.see("3 of 3 ready", "cell", "api", "talker", "healthy", "Quit")
    yield made
    made.close()


def is_as_it_was(terminal: Terminal) -> bool:
    return terminal.attributes == terminal.before and all(sign in terminal.raw for sign in LEAVES)


def test_services_their_use_and_their_logs_are_seen_and_q_leaves_the_terminal_as_it_was(terminal: Terminal) -> None:
    terminal.see("SERVICE", "MEMORY", "0%", "INFO server: listening")
    assert "cell: healthy." in terminal.text
    terminal.press("q")
    assert terminal.end() == 0
    assert is_as_it_was(terminal)


def test_services_are_filtered_and_logs_searched(terminal: Terminal) -> None:
    terminal.press("ftalk\r")
    terminal.see("INFO apples", "ERROR pears")
    terminal.see_no_more("healthy")
    terminal.press("/PEAR\r")
    terminal.see_no_more("apples")
    terminal.see("ERROR pears")
    terminal.press("\x1b")
    terminal.see("healthy")
    terminal.press("a")
    terminal.see("talker INFO apples", "INFO server: listening")


def test_services_are_started_stopped_and_restarted(
    terminal: Terminal, stack: Project, eventually: Eventually
) -> None:
    terminal.press("r")
    eventually(lambda: stack.statuses()["cell"]["restart_reason"] == "asked for in hd top")
    terminal.see("3 of 3 ready")
    terminal.press("x")
    terminal.see("Stop cell? This also stops api.")
    terminal.press("n")
    terminal.see_no_more("This also stops")
    terminal.press("x")
    terminal.see("This also stops")
    terminal.press("y")
    terminal.see("stopped", "1 of 3 ready")
    terminal.press("s")
    terminal.see("3 of 3 ready")
    terminal.press("o")
    terminal.see("http://localhost:")
    opened = stack.folder / "browser.opened"
    eventually(opened.exists)
    assert opened.read_text() == f"http://localhost:{stack.services['cell']['port']}\n"


def test_it_survives_supervisords_restart_and_the_end_of_the_stack(terminal: Terminal, stack: Project) -> None:
    pid = int((next(stack.state.rglob("supervisord.pid"))).read_text())
    os.kill(pid, signal.SIGKILL)
    terminal.see_no_more("3 of 3 ready")
    terminal.see("3 of 3 ready")
    assert stack.hd("down").returncode == 0
    terminal.see("The stack has ended")
    assert stack.hd("up", "-d").returncode == 0
    terminal.see("3 of 3 ready")
    terminal.press("\x03")
    assert terminal.end() == 0
    assert is_as_it_was(terminal)


def test_being_told_to_end_leaves_the_terminal_as_it_was(terminal: Terminal) -> None:
    assert terminal.child
    terminal.child.send_signal(signal.SIGTERM)
    assert terminal.end() == 0
    assert is_as_it_was(terminal)


@pytest.mark.skipif(sys.platform == "darwin", reason="every Mac has a screen")
@pytest.mark.parametrize(
    ("environ", "has_one"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"SSH_CONNECTION": "1 2 3 4", "WAYLAND_DISPLAY": "wayland-0"}, False),
        ({"SSH_CONNECTION": "1 2 3 4", "DISPLAY": "localhost:10"}, True),
    ],
)
def test_a_browser_is_opened_only_where_it_has_a_window(environ: dict[str, str], has_one: bool) -> None:
    assert has_screen(environ) is has_one


def test_without_a_terminal_or_a_stack_one_message_says_so(project: Project) -> None:
    project.server("api")
    done = project.hd("top")
    assert (done.returncode, "[no-terminal]" in done.stderr) == (2, True)
    bare = Terminal()
    bare.run([*HD, "top"], project.folder, project.environ)
    bare.see("[not-running]")
    assert bare.end() == 4
    bare.close()


def test_a_terminal_that_vanishes_ends_it_without_a_complaint(stack: Project) -> None:
    with closing(Terminal()) as terminal:
        terminal.run([*HD, "top"], stack.folder, stack.environ)
        terminal.see("3 of 3 ready")
        assert terminal.child
        terminal.child.send_signal(signal.SIGHUP)
        assert terminal.end() == 0


def test_a_wider_terminal_shows_longer_names(stack: Project) -> None:
    stack.server("a-service-with-a-very-long-name")
    assert stack.hd("up", "-d").returncode == 0
    for columns, shown in (80, "a-service-with-…"), (140, "a-service-with-a-very-long-…"):
        with closing(Terminal(columns)) as terminal:
            terminal.run([*HD, "top"], stack.folder, stack.environ)
            terminal.see("4 of 4 ready", shown)
            terminal.press("q")
            assert terminal.end() == 0
