"""Finding and ending what outlived its stack."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from hippodrome.control import orphans
from hippodrome.wait import Deadline, until

SLEEP = "import time; print('ready', flush=True); time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    children: list[subprocess.Popen[str]] = []

    def start(code: str, **environ: str) -> subprocess.Popen[str]:
        env = {"PATH": os.environ["PATH"], **environ}
        child = subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True)
        children.append(child)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()


def test_they_are_found_by_the_whole_marker_alone(start: Start) -> None:
    ours = start(SLEEP, HD_STACK_ID="abc123")
    start(SLEEP, HD_STACK_ID="abc1234")
    start(SLEEP, OTHER_HD_STACK_ID="abc123")
    start(SLEEP, NOTE="HD_STACK_ID=abc123")
    assert orphans.find("abc123") == (ours.pid,)


def test_they_are_asked_first_and_then_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "GRACE_S", 0.3)
    polite, deaf = start(SLEEP, HD_STACK_ID="abc125"), start(DEAF, HD_STACK_ID="abc125")
    assert set(orphans.sweep("abc125")) == {polite.pid, deaf.pid}
    assert polite.wait() == -signal.SIGTERM
    assert deaf.wait() == -signal.SIGKILL


def test_at_once_means_without_asking(start: Start) -> None:
    polite = start(SLEEP, HD_STACK_ID="abc126")
    assert orphans.sweep("abc126", is_now=True) == (polite.pid,)
    assert polite.wait() == -signal.SIGKILL


def test_with_nothing_left_nothing_is_swept() -> None:
    assert orphans.sweep("of-nobody") == ()


def test_whoever_sweeps_is_left_alone(start: Start) -> None:
    code = (
        "from hippodrome.control import orphans; print('ready', flush=True);"
        "print(orphans.sweep('abc127'), flush=True)"
    )
    child = start(code, HD_STACK_ID="abc127", PYTHONPATH=os.pathsep.join(sys.path))
    assert child.stdout is not None
    assert child.stdout.readline() == "()\n"
    assert until(lambda: child.poll() is not None, Deadline(10))
    assert child.returncode == 0
