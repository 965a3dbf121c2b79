"""A stack that stops when nobody uses it: what keeps it, and what does not."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hippodrome.control.clients import attend, stopped_for_want_of_use
from hippodrome.control.processes import warden_of
from hippodrome.control.rpc import NotRunning
from hippodrome.listeners import holder_of
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Probe
from hippodrome.plan.use import Use, moment, spelled, words
from hippodrome.rundir import prepare
from hippodrome.supervision.evidence import Evidence, asked_within
from hippodrome.supervision.idle import Keeper
from tests.stack import Stack, free_port, needs, plan_of, running, service, sleeper, wait_until

LIMIT_S = 0.6


class Idle(Stack):
    """Stops when it was not used for its time."""

    @property
    def is_there(self) -> bool:
        return warden_of(self.instance.layout.warden_pid) is not None

    @property
    def use(self) -> Use | None:
        return Use.read(self.instance.layout.use)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A command is at it: its time begins at the end, however long it takes to get ready."""
        prepare(self.instance)
        with self.instance.layout.clients.open("a") as clients:
            fcntl.flock(clients, fcntl.LOCK_SH)
            yield

    def lives_while(self, busy: float = 2 * LIMIT_S) -> bool:
        """Whether it goes on for so many seconds."""
        end = time.monotonic() + busy
        while time.monotonic() < end and self.is_there:
            time.sleep(0.05)
        return self.is_there

    def stops(self) -> Use:
        wait_until(lambda: not self.is_there)
        found = stopped_for_want_of_use(self.instance.layout)
        assert found, self.instance.layout.supervisord_log.read_text()
        return found


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Idle]:
    with running(Idle(tmp_path, idle_stop_s=LIMIT_S)) as made:
        yield made


@contextmanager
def child(code: str, *arguments: object) -> Iterator[None]:
    """A process that is none of the stack's, once it has said that it is at it."""
    command = [sys.executable, "-I", "-S", "-u", "-c", code, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout and process.stdout.readline()
            yield
        finally:
            process.kill()


ASKS = """
import socket, sys, time
while True:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as client:
        client.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        while client.recv(4096): pass
    print("asked")
    time.sleep(0.1)
"""
LISTENS = """
import socket
server = socket.create_server(("127.0.0.1", {port}))
clients = []
while True: clients.append(server.accept())
"""


def test_health_checks_and_the_traffic_of_services_do_not_keep_it(idle: Idle) -> None:
    port = free_port()
    asks = ASKS.replace("int(sys.argv[1])", str(port))
    keeps = f"import socket\nkept = socket.create_connection(('127.0.0.1', {port}))"
    with idle.held():
        idle.start(
            service("api", port=port),
            sleeper("asks", asks, depends_on=needs("api")),
            sleeper("keeps", keeps, depends_on=needs("api")),
        )
        idle.wait_until_ready()
    found = idle.stops()
    assert found.limit_s == LIMIT_S
    assert found.sentence == f"stopped at {moment(found.stopped_at or 0)} after 0.6 s without use (--idle-stop 0.6s)"
    with pytest.raises(NotRunning) as told:
        idle.supervisor.status()
    assert found.sentence in str(told.value.problems[0].what)
    assert told.value.problems[0].hint == "`hd up` brings it back with its data."


def test_a_request_now_and_then_keeps_it(idle: Idle) -> None:
    port = free_port()
    with ExitStack() as asking:
        with idle.held():
            idle.start(service("api", port=port))
            idle.wait_until_ready()
            asking.enter_context(child(ASKS, port))
        assert idle.lives_while()
        use = idle.use
        assert use and use.by == "a connection to api"
    idle.stops()


def test_a_client_that_is_attached_keeps_it(idle: Idle) -> None:
    port = free_port()
    with ExitStack() as attached:
        with idle.held():
            idle.start(sleeper("db", LISTENS.format(port=port), ports={"main": port}))
            wait_until(lambda: holder_of(port))
            attached.enter_context(socket.create_connection(("127.0.0.1", port)))
        assert idle.lives_while()
    idle.stops()


ATTENDS = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from hippodrome.control.clients import attend
from hippodrome.rundir import layout_of
attend(layout_of(Path(sys.argv[2])))
print("attends")
time.sleep(3600)
"""


def test_a_command_that_is_attached_keeps_it_and_its_end_lets_it_go(idle: Idle) -> None:
    root = Path(__file__).resolve().parents[2]
    with ExitStack() as attached:
        with idle.held():
            idle.start(sleeper("a"))
            attached.enter_context(child(ATTENDS, root, idle.instance.layout.run_dir))
        assert idle.lives_while()
    idle.stops()


@pytest.mark.faults
@pytest.mark.parametrize("jump_s", [-9 * 3600, 9 * 3600], ids=["back", "ahead"])
def test_a_clock_that_jumps_stops_no_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump_s: int) -> None:
    plan = replace(plan_of(), idle_stop_s=8 * 3600.0)
    stopped: list[str] = []
    keeper = Keeper(Layout(tmp_path, tmp_path), lambda *_: "", lambda: plan, stopped.append)
    jumped = time.time() + jump_s
    monkeypatch.setattr("hippodrome.supervision.idle.time.time", lambda: jumped)
    assert not any(keeper._is_over(plan, most_s=45) for _ in range(100))
    assert stopped == []


@pytest.mark.faults
def test_one_that_was_held_or_slept_has_its_whole_time_still(idle: Idle) -> None:
    with idle.held():
        idle.start(sleeper("a"))
        pid = idle.supervisor.status().pid
        os.kill(pid, signal.SIGSTOP)
    time.sleep(3 * LIMIT_S)
    os.kill(pid, signal.SIGCONT)
    began = time.monotonic()
    idle.stops()
    assert time.monotonic() - began > LIMIT_S / 3


def test_it_comes_back_with_its_data_and_says_no_more(idle: Idle) -> None:
    kept = idle.folder / "kept"
    idle.start(sleeper("a", f"open({str(kept)!r}, 'a').write('x')"))
    idle.stops()
    idle.start(sleeper("a", f"open({str(kept)!r}, 'a').write('x')"))
    wait_until(lambda: kept.read_text() == "xx")
    use = idle.use
    assert use and not use.sentence
    assert not stopped_for_want_of_use(idle.instance.layout)


@pytest.mark.parametrize(
    ("began_s", "every_s", "is_asked", "is_own_after_s"),
    [
        (10, 15, True, 70),  # begins with the stack: a poll
        (10, 15, False, None),  # at a service that nobody of the stack asks
        (600, 15, True, 4200),  # begins later: a client, or something that was started late
        (10, 150, True, None),  # too seldom
    ],
)
def test_what_is_closed_again_and_again_is_the_stack_s_own_where_it_may_be(
    tmp_path: Path, began_s: int, every_s: int, is_asked: bool, is_own_after_s: int | None
) -> None:
    evidence = Evidence(Layout(tmp_path, tmp_path), "", list)
    evidence._began = 0.0
    moments = range(began_s, 20_000, every_s)
    own = [at for at in moments if not evidence._is_news(9000, float(at), is_asked=is_asked)]
    assert own == [at for at in moments if is_own_after_s is not None and at >= is_own_after_s]


def test_a_port_may_be_asked_where_others_need_it_name_it_or_check_it_by_a_command() -> None:
    named, needed, checked, front = (free_port() for _ in range(4))
    plan = plan_of(
        service("named", port=named),
        service("needed", port=needed),
        service("checked", port=checked, probe=Probe("exec", argv=("true",))),
        service("front", port=front, environment={"URL": f"http://localhost:{named}/x"}, depends_on=needs("needed")),
    )
    asked = asked_within(plan)
    assert {named, needed, checked} <= asked
    assert front not in asked


def test_a_process_of_the_stack_is_no_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(tmp_path)
    stack.instance.layout.run_dir.mkdir()
    monkeypatch.setenv("HD_STACK_ID", "x")
    attend(stack.instance.layout)
    assert not stack.instance.layout.clients.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"limit_s": "x", "used_at": 1}', '{"used_at": 1}'])
def test_a_file_that_makes_no_sense_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "use.json"
    path.write_text(text)
    assert Use.read(path) is None


def test_a_file_of_another_version_is_taken_as_far_as_it_is_known(tmp_path: Path) -> None:
    path = tmp_path / "use.json"
    path.write_text('{"format": 9, "limit_s": 1, "used_at": 2, "more": {}}')
    assert Use.read(path) == Use(limit_s=1, used_at=2, format=9)


@pytest.mark.parametrize(
    ("seconds", "said", "written"),
    [(28800, "8 h", "8h"), (5400, "1 h 30 min", "1h30m"), (2.5, "2.5 s", "2.5s"), (0, "0 s", "0s")],
)
def test_times_are_said_as_people_say_and_write_them(seconds: float, said: str, written: str) -> None:
    assert (words(seconds), spelled(seconds)) == (said, written)
