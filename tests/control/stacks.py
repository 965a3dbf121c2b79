"""Stacks that really run, in a run directory of their own."""

import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hippodrome.control import orphans, stop
from hippodrome.control.apply import Applied, Request, Story, bring_up
from hippodrome.control.daemon import Launch
from hippodrome.control.processes import look_up
from hippodrome.control.rpc import Supervisor, is_running
from hippodrome.plan.conditions import LIVING
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Frozen, Program
from hippodrome.rundir import Instance, locate, read_record
from hippodrome.wait import Deadline, until
from tests.control.plans import plan

PATIENCE_S = 60.0
BASE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8"}


@dataclass
class Stack:
    """One instance, and what was said while it was changed."""

    instance: Instance
    said: list[str] = field(default_factory=list)

    @property
    def layout(self) -> Layout:
        return self.instance.layout

    @property
    def supervisor(self) -> Supervisor:
        return Supervisor(self.layout)

    def up(
        self, *programs: Program, launch: Launch | None = None, count: int | None = None, **choices: Any
    ) -> Applied:
        """Brings these programs up. Returns once each (or `count` of them) has a process."""
        request = Request(plan=plan(*programs), frozen=Frozen(BASE, "dev-main-"), **choices)
        applied = bring_up(self.instance, request, launch, Story(notice=self.said.append))
        self.eventually(lambda: len(self.pids) == (len(programs) if count is None else count))
        return applied

    @property
    def pids(self) -> dict[str, int]:
        """Of the programs that live."""
        statuses = self.supervisor.status().statuses
        return {status.name: status.pid for status in statuses if status.pid and status.state in LIVING}

    @property
    def supervisord(self) -> int:
        return self.supervisor.status().pid

    @property
    def marked(self) -> tuple[int, ...]:
        """All living processes of the stack, warden and supervisord too."""
        record = read_record(self.layout)
        return orphans.find(record.stack_id) if record else ()

    def log_of(self, program: str) -> str:
        path = self.layout.log(program)
        return path.read_text() if path.exists() else ""

    def eventually(self, question: Callable[[], object]) -> None:
        assert until(lambda: bool(question()), Deadline(PATIENCE_S), pause_s=0.02), self.story()

    def story(self) -> str:
        """All that is known when something took too long."""
        logs = (self.layout.warden_log, self.layout.supervisord_log)
        return "\n".join(path.read_text() for path in logs if path.exists())

    def assert_nothing_is_left(self, *pids: int) -> None:
        assert not self.marked, [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in self.marked]
        assert not [pid for pid in pids if look_up(pid)]
        assert not is_running(self.layout)
        for path in (self.layout.socket, self.layout.supervisord_pid, self.layout.warden_pid):
            assert not path.exists()


def open_stack(folder: Path) -> Stack:
    return Stack(locate(folder / "project", {"XDG_STATE_HOME": str(folder / "state")}))


def close_stack(stack: Stack) -> None:
    stop.kill(stack.instance)
    for pid in stack.marked:
        if process := look_up(pid):
            process.send(signal.SIGKILL)
    stack.assert_nothing_is_left()


def is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
