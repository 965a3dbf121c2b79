"""What programs write, as it passes through supervisord."""

from pathlib import Path

import pytest

from hippodrome.logs.stamps import times_path
from hippodrome.plan.model import Probe
from hippodrome.supervision.actions import Watch
from hippodrome.supervision.output import LINE_MAX, Output

PID = 100


class Heard:
    def __init__(self, log: Path, pattern: str = "listening on [0-9]+") -> None:
        self.log = log
        self.found: list[tuple[str, int]] = []
        self.not_run: list[tuple[str, int, str]] = []
        self.output = Output(lambda *who: self.found.append(who), lambda *who: self.not_run.append(who))
        self.output.watch(Watch("api", PID, Probe("log", pattern), "127.0.0.1", None, is_new=True))

    def write(self, *chunks: bytes, name: str = "api", pid: int = PID) -> "Heard":
        for number, chunk in enumerate(chunks):
            with self.log.open("ab") as file:
                file.write(chunk)
            self.output.wrote(name, pid, chunk, str(self.log), 1000.0 + number)
        return self


@pytest.fixture
def heard(tmp_path: Path) -> Heard:
    return Heard(tmp_path / "api.log")


@pytest.mark.parametrize(
    "chunks",
    [
        [b"INFO listening on 9001\n"],
        [b"first\nlistening on 9001\nlast\n"],
        [b"listen", b"ing on", b" 90", b"01\n"],
        [b"listening on 9001"],
        [b"listen", b"\n", b"listening on 9001\r\n"],
        [b"\x1b[32mlistening\x1b[0m on \x1b[1;4m9001\x1b[0m\n"],
        [b"\x1b[3", b"2mlistening on \x1b", b"[1m9001\n"],
        [b"\xc3", b"\xa9 listening on 9001\n"],
        [b"x" * (2 * LINE_MAX), b" listening on 9001\n"],
    ],
)
def test_the_awaited_line_is_found_however_it_comes_and_told_once(heard: Heard, chunks: list[bytes]) -> None:
    heard.write(*chunks, b"listening on 9002\n")
    assert heard.found == [("api", PID)]


@pytest.mark.parametrize(
    "chunks", [[b"listening on\n9001\n"], [b"listening on ", b"\n9001"], [b"not yet\n"], [b"\xff\xfe\x00"]]
)
def test_what_is_no_such_line_is_not_taken_for_it(heard: Heard, chunks: list[bytes]) -> None:
    assert heard.write(*chunks).found == []


def test_only_the_present_life_of_the_program_itself_counts(heard: Heard) -> None:
    heard.write(b"listening on 1\n", pid=PID - 1)
    heard.write(b"listening on 1\n", name="other")
    assert heard.found == []
    heard.output.unwatch("api")
    assert heard.write(b"listening on 1\n").found == []


def test_a_new_life_begins_with_an_empty_line(heard: Heard) -> None:
    heard.write(b"listening ")
    heard.output.watch(Watch("api", PID + 1, Probe("log", "listening on"), "127.0.0.1", None, is_new=True))
    assert heard.write(b"on 9001\n", pid=PID + 1).found == []


def test_what_supervisord_could_not_run_is_told_in_its_words(heard: Heard) -> None:
    heard.write(b"supervisor: couldn't exec /x: ENOEXEC\nsupervisor: child process was not spawned\n")
    assert heard.not_run == [("api", PID, "couldn't exec /x: ENOEXEC")]
    heard.write(b"I am a supervisor: couldn't care less\n", b"supervisor: all is well\n")
    assert len(heard.not_run) == 1


@pytest.mark.faults
def test_times_are_kept_beside_the_log_and_a_full_disk_costs_only_them(heard: Heard, tmp_path: Path) -> None:
    heard.write(b"one\n", b"two\n")
    heard.output.close()
    assert times_path(heard.log).stat().st_size > 0
    nowhere = Heard(tmp_path / "api.log")
    nowhere.output.wrote("api", PID, b"listening on 1\n", str(tmp_path / "no-folder" / "api.log"), 1.0)
    assert nowhere.found == [("api", PID)]
