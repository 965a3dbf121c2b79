"""The warden with a stand-in for supervisord: what it ends, what it starts again, when it leaves."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hippodrome.control.processes import look_up, warden_of
from hippodrome.wait import Deadline, until

WARDEN = Path(__file__).resolve().parents[2] / "hippodrome" / "control" / "warden.py"
PATIENCE_S = 30.0

# has three children: one that obeys, one that may ignore SIGTERM, and a grandchild in a session of its own whose
# parent has ended; then waits to be told to end
SUPERVISORD = """
import os, signal, subprocess, sys, time
if not sys.stdin.readline():
    sys.exit(0)
if os.path.exists("refuse"):
    sys.exit("this configuration is wrong")
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
def child(code):
    return subprocess.Popen([sys.executable, "-c", code]).pid
sleep = "import time; open(f'pid-{os.getpid()}', 'w'); time.sleep(600)"
child("import os; " + sleep)
deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN); " if os.path.exists("stubborn") else ""
child("import os, signal; " + deaf + sleep)
child(f"import os; os.fork() and os._exit(0); os.setsid(); " + sleep)
open("supervisord", "a").write(f"{os.getpid()}\\n")
if os.path.exists("fragile"):
    os.kill(os.getpid(), signal.SIGKILL)
while True:
    time.sleep(60)
"""


@dataclass
class Warden:
    """A running warden and what it keeps."""

    folder: Path
    line: socket.socket

    def go(self) -> None:
        self.line.send(b"go\n")

    @property
    def supervisords(self) -> list[int]:
        """All that there have been, oldest first."""
        path = self.folder / "supervisord"
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def services(self) -> list[int]:
        return [int(path.name.removeprefix("pid-")) for path in self.folder.glob("pid-*")]

    def wait_for(self, question: Callable[[], object]) -> None:
        assert until(lambda: bool(question()), Deadline(PATIENCE_S)), self.log

    def wait_until_complete(self, supervisords: int = 1) -> None:
        self.wait_for(lambda: len(self.supervisords) == supervisords and len(self.living) == 3)

    @property
    def pid(self) -> int:
        process = warden_of(self.folder / "warden.pid")
        assert process is not None, self.log
        return process.pid

    @property
    def living(self) -> list[int]:
        return [pid for pid in self.services if look_up(pid)]

    @property
    def has_left(self) -> bool:
        return warden_of(self.folder / "warden.pid") is None

    @property
    def log(self) -> str:
        return (self.folder / "warden.log").read_text()


def start(folder: Path) -> Warden:
    line, its_line = socket.socketpair()
    with its_line, (folder / "warden.log").open("ab") as log:
        command = [sys.executable, "-I", "-S", str(WARDEN), str(folder), str(folder / "hd.sock")]
        stand_in = [sys.executable, "-c", SUPERVISORD]
        subprocess.run([*command, *stand_in], stdin=its_line.fileno(), stdout=log, stderr=log, check=True)
    return Warden(folder, line)


@pytest.fixture
def warden(tmp_path: Path) -> Iterator[Warden]:
    made = start(tmp_path)
    yield made
    made.line.close()
    if process := warden_of(tmp_path / "warden.pid"):
        process.send(signal.SIGUSR1)
    for pid in [*made.supervisords, *made.services]:
        if process := look_up(pid):
            process.send(signal.SIGKILL)
    made.wait_for(lambda: made.has_left and not made.living)


def test_it_waits_for_the_word_and_then_takes_the_run_directory(warden: Warden) -> None:
    assert warden.has_left
    warden.go()
    warden.wait_until_complete()
    assert look_up(warden.pid)


def test_without_the_word_it_leaves_and_touches_nothing(warden: Warden) -> None:
    warden.line.shutdown(socket.SHUT_WR)
    assert warden.line.recv(1) == b""
    assert not warden.supervisords
    assert not (warden.folder / "warden.pid").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_told_to_end_it_leaves_nothing(warden: Warden, number: signal.Signals) -> None:
    (warden.folder / "stubborn").touch()
    warden.go()
    warden.wait_until_complete()
    os.kill(warden.pid, number)
    assert warden.line.recv(1) == b"", "the line ends when the warden does"
    assert not warden.living
    assert not any(map(look_up, warden.supervisords))
    assert not (warden.folder / "warden.pid").exists()


def test_supervisord_that_ends_by_itself_is_the_end(warden: Warden) -> None:
    warden.go()
    warden.wait_until_complete()
    os.kill(warden.supervisords[0], signal.SIGTERM)
    assert warden.line.recv(1) == b""
    assert not warden.living
    assert len(warden.supervisords) == 1


def test_killed_supervisord_leaves_nothing_and_comes_back(warden: Warden) -> None:
    warden.go()
    warden.wait_until_complete()
    first = warden.living
    os.kill(warden.supervisords[0], signal.SIGKILL)
    warden.wait_until_complete(supervisords=2)
    assert not any(map(look_up, first))
    assert "supervisord died (signal 9)" in warden.log


def test_one_that_dies_again_and_again_is_given_up_with_a_word(warden: Warden) -> None:
    (warden.folder / "fragile").touch()
    warden.go()
    assert warden.line.recv(1) == b""
    assert "given up: supervisord died 6 times" in warden.log
    assert not warden.living


def test_a_refused_configuration_is_not_tried_again(warden: Warden) -> None:
    (warden.folder / "refuse").touch()
    warden.go()
    assert warden.line.recv(1) == b""
    assert warden.log.count("this configuration is wrong") == 1


def test_killed_warden_takes_supervisord_with_it(warden: Warden) -> None:
    warden.go()
    warden.wait_until_complete()
    os.kill(warden.pid, signal.SIGKILL)
    warden.wait_for(lambda: not any(map(look_up, warden.supervisords)))


def test_a_second_warden_waits_until_the_first_has_left(warden: Warden, tmp_path: Path) -> None:
    with (tmp_path / "warden.pid").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        warden.go()
        time.sleep(0.3)  # nothing tells that it is waiting
        assert not warden.supervisords
    warden.wait_until_complete()


def test_it_uses_no_cpu_while_all_is_well(warden: Warden) -> None:
    warden.go()
    warden.wait_until_complete()

    def ticks() -> int:
        fields = Path(f"/proc/{warden.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    before = ticks()
    time.sleep(1.0)
    assert ticks() == before
