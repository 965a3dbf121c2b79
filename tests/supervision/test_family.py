"""Processes of a program, and how what is left of them is ended."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hippodrome.plan.layout import STACK_ID
from hippodrome.supervision import family
from hippodrome.supervision.sweeps import Sweeps
from tests.stack import wait_until

TREE = """
import os, subprocess, sys, time
sleep = [sys.executable, "-c", "import time; time.sleep(3600)"]
child, stranger = subprocess.Popen(sleep), subprocess.Popen(sleep, start_new_session=True)
print(os.getpid(), child.pid, stranger.pid, flush=True)
time.sleep(3600)
"""
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(3600)"
MARK = f"test-{os.getpid()}"  # others may be at this test, too
MARKS = {STACK_ID: MARK, "SUPERVISOR_PROCESS_NAME": "api"}


class Tree:
    """A process with a child in its group and one in a session of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", TREE],
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, **MARKS},
        )
        assert self.process.stdout
        self.leader, self.child, self.stranger = map(int, self.process.stdout.readline().split())

    def end(self) -> None:
        family.send([self.leader, self.child, self.stranger], signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def tree() -> Iterator[Tree]:
    made = Tree()
    yield made
    made.end()


def test_members_are_the_process_first_then_its_group_and_all_that_descend_from_it(tree: Tree) -> None:
    members = list(family.members(tree.leader))
    assert members[0] == tree.leader
    assert set(members) == {tree.leader, tree.child, tree.stranger}


def test_the_group_outlives_its_leader_and_is_found(tree: Tree) -> None:
    assert set(family.in_group(tree.leader)) == {tree.leader, tree.child}
    tree.process.kill()
    tree.process.wait()
    assert family.in_group(tree.leader) == [tree.child]
    os.kill(tree.child, signal.SIGKILL)
    wait_until(lambda: family.in_group(tree.leader) == [])


def test_marks_find_those_in_sessions_of_their_own(tree: Tree) -> None:
    tree.process.kill()
    tree.process.wait()
    assert set(family.Marked(MARK).of("api")) == {tree.child, tree.stranger}
    assert family.Marked(MARK).of("other") == []
    assert family.Marked("another-test").of("api") == []


def test_what_has_ended_is_not_alive_even_before_it_is_reaped() -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    wait_until(lambda: not family.is_alive(process.pid))
    assert process.wait() == 0
    assert not family.is_alive(process.pid)
    assert family.is_alive(os.getpid())


def test_signals_to_what_has_ended_are_lost(tree: Tree) -> None:
    tree.process.kill()
    tree.process.wait()
    family.send([tree.leader, tree.child], signal.SIGKILL)
    wait_until(lambda: not family.is_alive(tree.child))


def _deaf() -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    return process


def _swept(sweeps: Sweeps) -> list[str]:
    done: list[str] = []

    def look() -> list[str]:
        done.extend(sweeps.done(time.monotonic()))
        return done

    wait_until(look)
    return done


def test_what_obeys_is_gone_without_being_killed(tree: Tree) -> None:
    sweeps = Sweeps()
    sweeps.begin("api", [tree.child, tree.stranger], 3600.0, time.monotonic())
    assert sweeps.next_alarm
    assert _swept(sweeps) == ["api"]
    assert not any(map(family.is_alive, [tree.child, tree.stranger]))


def test_what_does_not_is_killed_after_its_grace_and_keeps_up_no_other(tree: Tree) -> None:
    sweeps = Sweeps()
    with _deaf() as deaf:
        sweeps.begin("deaf", [deaf.pid], 0.5, time.monotonic())
        sweeps.begin("api", [tree.child], 0.5, time.monotonic())
        assert _swept(sweeps) == ["api"]
        assert deaf.poll() is None
        assert _swept(sweeps) == ["deaf"]
        assert deaf.wait() == -signal.SIGKILL


def test_nobody_is_looked_for_before_it_is_time(tree: Tree) -> None:
    sweeps = Sweeps()
    sweeps.begin("api", [tree.child], 3600.0, 1000.0)
    wait_until(lambda: not family.is_alive(tree.child))
    assert sweeps.done(1000.0) == []
    assert sweeps.done(sweeps.next_alarm or 0.0) == ["api"]
    assert sweeps.next_alarm is None


def test_a_second_word_kills_at_once() -> None:
    sweeps = Sweeps()
    with _deaf() as deaf:
        sweeps.begin("deaf", [deaf.pid], 3600.0, time.monotonic())
        sweeps.kill()
        assert _swept(sweeps) == ["deaf"]


@contextmanager
def no_file_to_be_had() -> Iterator[None]:
    """Of this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.close(lowest := os.dup(0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.faults
def test_where_no_file_is_to_be_had_what_is_known_stays_so_and_nothing_is_raised(tree: Tree) -> None:
    marked = family.Marked(MARK)
    wait_until(lambda: len(marked.of("api")) == 3)
    with no_file_to_be_had():
        assert family.is_alive(tree.leader)
        assert list(family.members(tree.leader)) == [tree.leader]
        assert family.in_group(tree.leader) == [-tree.leader]
        time.sleep(family.FRESH_S)  # what was seen is no longer fresh
        assert set(marked.of("api")) == {tree.leader, tree.child, tree.stranger}
