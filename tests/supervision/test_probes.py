"""The thread of health checks: what it tells, and that nothing in it waits."""

import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hippodrome.plan.model import Probe
from hippodrome.supervision.actions import Unwatch, Watch
from hippodrome.supervision.attempts import Outcome
from hippodrome.supervision.probes import Finding, Misplaced, Missed, Passed, Prober, RunCheck, StopCheck
from tests.stack import free_port, wait_until
from tests.supervision.answering import OK, saying, serving

PID = os.getpid()
QUICK = {"interval_s": 0.02, "timeout_s": 0.2, "start_interval_s": 0.02}


class Told:
    """A prober at work, and all that it tells."""

    def __init__(self) -> None:
        self.findings: queue.Queue[Finding] = queue.Queue()
        self.rings: queue.Queue[None] = queue.Queue()
        self.prober = Prober(self.findings.put, lambda: self.rings.put(None))
        self.prober.start()

    def watch(self, name: str, kind: Any, target: str = "", **facts: Any) -> None:
        port, pid, is_new = facts.pop("port", None), facts.pop("pid", PID), facts.pop("is_new", True)
        probe = Probe(kind, target, **{**QUICK, **facts})
        self.prober.order(Watch(name, pid, probe, "127.0.0.1", port, is_new))

    def next(self, name: str = "api") -> Finding:
        """The next finding about `name`; what is told about others is passed over."""
        while (finding := self.findings.get(timeout=30.0)).name != name:
            pass
        return finding

    def until(self, wanted: Finding) -> None:
        while self.next(wanted.name) != wanted:
            pass


@pytest.fixture
def told() -> Iterator[Told]:
    made = Told()
    yield made
    made.prober.close()
    assert not made.prober.is_alive()


@pytest.fixture
def stranger() -> Iterator[int]:
    """A process that listens nowhere."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"]) as process:
        yield process.pid
        process.kill()


def test_a_change_is_told_once_and_failures_each_time(told: Told) -> None:
    answers = [b"HTTP/1.1 503 Busy\r\n\r\n"]
    with serving(lambda client: client.sendall(answers[0])) as server:
        told.watch("api", "http", f"http://{server.address}/")
        assert told.next() == Missed("api", PID, "HTTP 503")
        answers[0] = OK
        assert told.next() == Passed("api", PID)
        seen = len(server.requests)
        wait_until(lambda: len(server.requests) >= seen + 3)
        assert told.findings.empty()
        answers[0] = b"HTTP/1.1 500 Broken\r\n\r\n"
        assert [told.next() for _ in range(3)] == [Missed("api", PID, "HTTP 500")] * 3
        answers[0] = OK
        told.until(Passed("api", PID))


def test_what_is_seen_while_starting_is_told_when_it_changes(told: Told) -> None:
    port = free_port()
    told.watch("api", "http", f"http://127.0.0.1:{port}/")
    assert told.next() == Missed("api", PID, "connection refused")
    with socket.create_server(("127.0.0.1", port)):
        assert told.next() == Missed("api", PID, "no answer within 0.2 s")
    told.until(Missed("api", PID, "connection refused"))


@pytest.mark.parametrize("kind", ["http", "tcp"])
def test_one_that_never_answers_holds_up_no_other(told: Told, kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute, serving(saying(OK)) as server:
        told.watch("mute", "http", f"http://127.0.0.1:{mute.getsockname()[1]}/", timeout_s=3600.0)
        told.watch("api", kind, f"http://{server.address}/" if kind == "http" else server.address)
        assert told.next() == Passed("api", PID)


def test_an_answer_is_read_to_its_end_so_that_nobody_is_hung_up_on(told: Told) -> None:
    with serving(saying(OK, *[b"x" * 65536] * 8)) as server:
        told.watch("api", "http", f"http://{server.address}/")
        assert told.next() == Passed("api", PID)
        for _ in range(3):
            assert server.finished.acquire(timeout=30.0)
        assert server.resets == []


def test_an_answer_without_end_is_not_read_for_ever(told: Told) -> None:
    def flood(client: socket.socket) -> None:
        client.sendall(OK)
        while True:
            client.sendall(b"x" * 65536)

    with serving(flood) as server:
        told.watch("api", "http", f"http://{server.address}/", interval_s=3600.0)
        assert told.next() == Passed("api", PID)
        assert server.finished.acquire(timeout=30.0)
        assert len(server.resets) == 1


def test_a_port_that_somebody_else_holds_is_told_with_its_holder(told: Told, stranger: int) -> None:
    with serving(saying(OK)) as server:
        told.watch("api", "http", f"http://{server.address}/", pid=stranger, port=server.port)
        assert told.next() == Missed("api", stranger, f"nothing of its own listens on port {server.port}")
        found = told.next()
        assert isinstance(found, Misplaced)
        assert (found.obstacle[0], found.obstacle[1]["pid"]) == ("port-taken", PID)


def test_a_line_without_a_listener_is_doubted_and_then_told(told: Told) -> None:
    port = free_port()
    told.watch("api", "log", "ready", port=port)
    told.prober.ran("api", PID, Outcome(True))
    told.until(Misplaced("api", PID, ("port-not-held", {"port": port})))


def test_a_line_and_a_listener_are_enough_and_asked_for_once(told: Told) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        told.watch("api", "log", "ready", port=listener.getsockname()[1])
        told.prober.ran("api", PID, Outcome(True))
        assert told.next() == Passed("api", PID)


def test_listening_is_enough_where_no_check_is_declared(told: Told) -> None:
    port = free_port()
    told.watch("api", "listen", f"127.0.0.1:{port}", port=port)
    assert told.next() == Missed("api", PID, f"nothing listens on port {port}")
    with socket.create_server(("127.0.0.1", port)):
        assert told.next() == Passed("api", PID)
    assert told.next() == Missed("api", PID, f"nothing listens on port {port}")


def test_commands_are_asked_for_and_judged_by_what_is_told_of_them(told: Told) -> None:
    told.watch("api", "exec", argv=("true",), timeout_s=3600.0)
    assert told.next() == RunCheck("api", PID)
    told.prober.ran("api", PID + 1, Outcome(True))  # of an earlier life
    told.prober.ran("api", PID, Outcome(False, "exit status 1"))
    assert told.next() == Missed("api", PID, "exit status 1")
    assert told.next() == RunCheck("api", PID)
    told.prober.ran("api", PID, Outcome(True))
    assert told.next() == Passed("api", PID)


def test_a_command_that_takes_too_long_is_to_be_stopped(told: Told) -> None:
    told.watch("api", "exec", argv=("sleep", "60"))
    assert [told.next() for _ in range(3)] == [
        RunCheck("api", PID),
        StopCheck("api", PID),
        Missed("api", PID, "no answer within 0.2 s"),
    ]
    assert told.next() == RunCheck("api", PID)


def test_a_target_that_is_none_is_told(told: Told) -> None:
    told.watch("api", "tcp", "127.0.0.1:99999")
    found = told.next()
    assert isinstance(found, Missed) and "range" in found.seen


def test_who_is_watched_anew_is_told_of_at_once(told: Told, stranger: int) -> None:
    """Another check of a life that was healthy before: where it listens was looked at then."""
    with serving(saying(OK)) as server:
        for _ in range(2):
            told.watch("api", "http", f"http://{server.address}/", pid=stranger, port=server.port, is_new=False)
            assert told.next() == Passed("api", stranger)
        told.watch("api", "log", "written long ago", is_new=False)
        assert told.next() == Passed("api", PID)


def test_who_is_no_longer_watched_is_left_alone(told: Told) -> None:
    with serving(saying(OK)) as server, serving(saying(OK)) as other:
        told.watch("api", "http", f"http://{server.address}/")
        assert told.next() == Passed("api", PID)
        told.prober.order(Unwatch("api"))
        told.watch("other", "http", f"http://{other.address}/")
        assert told.next("other") == Passed("other", PID)
        seen = len(server.requests)
        wait_until(lambda: len(other.requests) >= 5)
        assert len(server.requests) == seen


def test_the_last_alarm_counts(told: Told) -> None:
    told.prober.alarm_in(3600.0)
    told.prober.alarm_in(0.01)
    told.rings.get(timeout=30.0)
    assert told.rings.empty()


def test_nothing_of_it_is_left_open() -> None:
    before = _open_files()
    made = Told()
    with serving(saying(OK)) as server, socket.create_server(("127.0.0.1", 0)) as mute:
        made.watch("api", "http", f"http://{server.address}/")
        made.watch("mute", "http", f"http://127.0.0.1:{mute.getsockname()[1]}/", timeout_s=3600.0)
        made.until(Passed("api", PID))
        made.prober.close()
    wait_until(lambda: _open_files() == before)
    assert not any(thread.name == "hippodrome-probes" for thread in threading.enumerate())


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
