"""After the start: the logs of all services, with marks where a service's state changes."""

import threading
import time

import click

from hippodrome.cli.lines import LinePrinter
from hippodrome.cli.output import echo, service_style
from hippodrome.control.rpc import Supervisor
from hippodrome.diagnose.why import why
from hippodrome.errors import UserError
from hippodrome.logs.follow import Follower
from hippodrome.logs.levels import plain
from hippodrome.logs.noise import quiet
from hippodrome.logs.read import Choice, window
from hippodrome.plan.conditions import Snapshot, Status
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan

LOOK_S = 0.1
ASK_S = 20.0
AGAIN_S = 0.5


def follow_until_down(layout: Layout, plan: Plan, snapshot: Snapshot) -> None:
    """Prints what services write and how their states change, until the stack is stopped by somebody."""
    past = window(layout, plan.names, Choice(count=0))
    logs = {name: layout.log(name) for name in plan.names}
    follower, printer, is_wanted = Follower(logs, past.ends), LinePrinter(plan.names), quiet(layout)
    marks = _Marks(layout, plan, snapshot)
    marks.start()
    while marks.is_alive():
        for line in follower.look().lines:
            if is_wanted(line.program, plain(line.text)):
                printer.print(line)
        time.sleep(LOOK_S)
    echo("The stack was stopped.")


class _Marks(threading.Thread):
    """Prints a line at each change of state; ends when the stack is gone for good."""

    def __init__(self, layout: Layout, plan: Plan, snapshot: Snapshot) -> None:
        super().__init__(daemon=True)
        self._layout = layout
        self._plan = plan
        self._seen = _states(snapshot)

    def run(self) -> None:
        supervisor, version = Supervisor(self._layout), 0
        while True:
            try:
                version, snapshot = supervisor.changes(version, ASK_S)
            except UserError:
                if not self._layout.warden_pid.exists():  # the warden leaves last; while it is there it mends
                    return
                version = 0
                time.sleep(AGAIN_S)
            else:
                self._print(snapshot)

    def _print(self, snapshot: Snapshot) -> None:
        for status in snapshot.statuses:
            if self._seen.get(status.name) != _state(status):
                echo(_mark(self._plan, snapshot, status))
        self._seen = _states(snapshot)


def _state(status: Status) -> tuple[str, int]:
    return status.state, status.restarts


def _states(snapshot: Snapshot) -> dict[str, tuple[str, int]]:
    return {status.name: _state(status) for status in snapshot.statuses}


def _mark(plan: Plan, snapshot: Snapshot, status: Status) -> str:
    reason = f" ({status.restart_reason})" if status.restart_reason and status.state == "starting" else ""
    said = f"── {status.name}: {why(plan, snapshot, status.name).sentence}{reason}"
    return service_style(status.name, click.style(said, bold=True))
