"""A real warden and supervisord with tiny programs, for tests: `stack.start(program(…), …)`, then ask and wait."""

import json
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from hippodrome.control import daemon, stop
from hippodrome.control.processes import look_up
from hippodrome.control.rpc import Supervisor
from hippodrome.listeners import reserve
from hippodrome.plan.conditions import Snapshot, State, Status
from hippodrome.plan.model import DependsOn, Frozen, Origin, Plan, Probe, Program, Restart
from hippodrome.rundir import Instance, layout_of, new_record, prepare, write_generation, write_record
from hippodrome.targets import supervisord
from hippodrome.wait import Deadline, until

SERVICE = Path(__file__).with_name("tiny_service.py")
PATIENCE_S = 30.0
BASE_NAMES: tuple[str, ...] = ("PATH", "HOME", "LANG")  # what programs inherit of these tests' environment


# the last ones: a process of tests may open a thousand files in all
_kept: deque[socket.socket] = deque(maxlen=300)


def free_port() -> int:
    """A port that nobody listens on, and that nobody else is given for as long as a test needs it."""
    if len(_kept) == _kept.maxlen:
        _kept.popleft().close()
    _kept.append(reserve())
    port: int = _kept[-1].getsockname()[1]
    return port


def needs(*names: str, condition: str = "healthy", is_required: bool = True) -> tuple[DependsOn, ...]:
    """For `depends_on`."""
    return tuple(DependsOn(name, condition, is_required) for name in names)  # type: ignore[arg-type]


def http(port: int, **facts: Any) -> Probe:
    """A check of a tiny service, impatient."""
    return Probe("http", f"http://127.0.0.1:{port}/health", **{"interval_s": 0.1, "timeout_s": 1.0, **facts})


def program(name: str, *argv: str, **facts: Any) -> Program:
    """Runs `argv`. `facts` are fields of Program."""
    given: dict[str, Any] = {
        "name": name,
        "description": "",
        "argv": argv,
        "directory": "/",
        "environment": {},
        "secrets": {},
        "host": "127.0.0.1",
        "ports": {},
        "url": "",
        "origin": Origin("command", "/", "command"),
        "depends_on": (),
        "probe": Probe("none"),
        "restart": Restart(),
        "stop_signal": "SIGTERM",
        "stop_grace_s": 5.0,
        "watched": (),
        "setup": (),
        "links": (),
        "is_required": True,
        "declared_at": "",
    }
    return Program(**{**given, **facts})


def service(name: str, *modes: str, port: int | None = None, **facts: Any) -> Program:
    """A tiny HTTP service; see tiny_service.py for its modes."""
    port = port or free_port()
    given = {"ports": {"http": port}, "probe": http(port), "url": f"http://127.0.0.1:{port}"}
    return program(name, sys.executable, "-I", "-S", str(SERVICE), str(port), *modes, **{**given, **facts})


def sleeper(name: str, code: str = "", **facts: Any) -> Program:
    """Runs Python `code`, then sleeps."""
    return program(name, sys.executable, "-I", "-S", "-c", f"{code}\nimport time\ntime.sleep(3600)", **facts)


def task(name: str, code: str = "", **facts: Any) -> Program:
    """Runs Python `code` and ends."""
    return program(name, sys.executable, "-I", "-S", "-c", code, **{"restart": Restart("no"), **facts})


def plan_of(*programs: Program) -> Plan:
    return Plan("/", "core", "local", "moto", "dev-", programs)


@dataclass
class Stack:
    """One instance in `folder`."""

    folder: Path
    plan: Plan = field(default_factory=plan_of)
    idle_stop_s: float = 0.0

    @property
    def instance(self) -> Instance:
        return Instance("test", self.folder, layout_of(self.folder / "run"))

    @property
    def supervisor(self) -> Supervisor:
        return Supervisor(self.instance.layout)

    def start(self, *programs: Program) -> None:
        """Returns when supervisord answers."""
        prepare(self.instance)
        launch = daemon.prelaunch(self.instance)
        base = {name: os.environ[name] for name in BASE_NAMES if name in os.environ}
        write_record(self.instance.layout, new_record(launch.stack_id, Frozen(base, "dev-")))
        self.write(*programs)
        launch.go()
        self.supervisor.status()  # answered once it has read all of these files: the next ones are news then

    def write(self, *programs: Program) -> None:
        """Another plan's files."""
        self.plan = replace(plan_of(*programs), idle_stop_s=self.idle_stop_s)
        write_generation(self.instance.layout, supervisord.render(self.plan, layout=self.instance.layout))

    def apply(self, *programs: Program) -> Snapshot:
        """Converges, as `hd up` does: the lists are those of supervisord."""
        self.write(*programs)
        seen = self.supervisor.reread()
        lists = {"added": seen.added, "changed": seen.changed, "removed": seen.removed}
        return self.supervisor.apply({**lists, "plan": str(self.instance.layout.plan)})

    def status(self, name: str) -> Status:
        return self.supervisor.status().status(name)

    def wait_for(self, name: str, *states: State, and_that: Callable[[Status], object] = lambda _: True) -> Status:
        """The status, once it is as wanted."""
        supervisor, version, deadline = self.supervisor, 0, Deadline(PATIENCE_S)
        while True:
            version, snapshot = supervisor.changes(version, min(1.0, deadline.left))
            status = snapshot.status(name)
            if status.state in states and and_that(status):
                return status
            assert not deadline.is_over, f"{name} never became {states}:\n{self.told}"

    def wait_until_ready(self) -> Snapshot:
        """Once all are ready or have ended well."""
        snapshot = self.supervisor.wait(self.plan.names, "healthy", PATIENCE_S)
        assert all(status.is_ready for status in snapshot.statuses), self.told
        return snapshot

    def log(self, name: str) -> str:
        path = self.instance.layout.log(name)
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every line of the event file."""
        path = self.instance.layout.events
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def states_of(self, name: str) -> list[str]:
        """All that a program has been, in order."""
        return [event["state"] for event in self.events if event["program"] == name]

    @property
    def told(self) -> str:
        """For messages: all that is known."""
        parts = [f"{status}" for status in self.supervisor.status().statuses]
        parts += [f"{name}:\n{self.log(name)}" for name in self.plan.names]
        return "\n".join([*parts, self.instance.layout.supervisord_log.read_text()])

    @property
    def complaints(self) -> list[str]:
        """Mistakes of the plug-in's own that supervisord has written down."""
        log = self.instance.layout.supervisord_log
        marks = ("hippodrome:", "uncaptured", "unexpected exception", "Traceback")
        return [line for line in log.read_text().splitlines() if any(mark in line for mark in marks)]

    def end(self) -> None:
        """Stops everything."""
        stop.kill(self.instance)


AnyStack = TypeVar("AnyStack", bound=Stack)


@contextmanager
def running(stack: AnyStack) -> Iterator[AnyStack]:
    """Afterwards nothing runs, and the plug-in has made no mistake."""
    try:
        yield stack
        if stack.instance.layout.supervisord_log.exists():
            assert not stack.complaints, stack.instance.layout.supervisord_log.read_text()
    finally:
        stack.end()


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running(Stack(tmp_path)) as made:
        yield made


def is_alive(pid: int) -> bool:
    return look_up(pid) is not None


def wait_until(question: Callable[[], object]) -> None:
    assert until(lambda: bool(question()), Deadline(PATIENCE_S))


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
