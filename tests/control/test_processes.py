"""Processes by identity."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hippodrome.control.processes import look_up, warden_of
from hippodrome.wait import Deadline, until


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield child
    child.kill()
    child.wait()


def test_a_process_is_alive_until_it_ends_even_before_it_is_reaped(stranger: subprocess.Popen[bytes]) -> None:
    process = look_up(stranger.pid)
    assert process is not None
    assert process.is_alive
    process.send(signal.SIGKILL)
    assert until(lambda: not process.is_alive, Deadline(10))
    assert stranger.wait() == -signal.SIGKILL


@pytest.mark.faults
def test_a_number_that_was_given_to_another_process_is_not_signalled(stranger: subprocess.Popen[bytes]) -> None:
    process = look_up(stranger.pid)
    assert process is not None
    earlier = replace(process, started=process.started - 1)
    assert not earlier.is_alive
    earlier.send(signal.SIGKILL)
    assert stranger.poll() is None
    assert process.is_alive


def test_signalling_what_has_ended_does_nothing(stranger: subprocess.Popen[bytes]) -> None:
    process = look_up(stranger.pid)
    assert process is not None
    stranger.kill()
    stranger.wait()
    process.send(signal.SIGTERM)
    assert look_up(stranger.pid) is None


def _claim(path: Path, process: subprocess.Popen[bytes]) -> None:
    found = look_up(process.pid)
    assert found is not None
    path.write_text(f"{found.pid} {found.started}\n")


def test_a_pid_file_that_nobody_holds_is_never_believed(tmp_path: Path, stranger: subprocess.Popen[bytes]) -> None:
    path = tmp_path / "warden.pid"
    assert warden_of(path) is None
    _claim(path, stranger)
    assert warden_of(path) is None


def test_a_held_pid_file_names_the_warden(tmp_path: Path, stranger: subprocess.Popen[bytes]) -> None:
    path = tmp_path / "warden.pid"
    _claim(path, stranger)
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert warden_of(path) == look_up(stranger.pid)
        path.write_text(f"{stranger.pid} 1\n")
        assert warden_of(path) is None, "the start time is another's"
        path.write_text("")
        assert warden_of(path) is None, "not written yet"


def test_this_process_knows_itself() -> None:
    found = look_up(os.getpid())
    assert found is not None
    assert found.started > 0
