"""A supervisord that is not there: states that a test sets, calls that it can look at."""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.conditions import Snapshot, State, Status
from hippodrome.plan.layout import Layout
from tests.dashboard.plans import snapshot


class StandIn:
    """Answers like `control.rpc.Supervisor`; `is_gone` makes every call fail as it does without a supervisord."""

    def __init__(self, layout: Layout, statuses: Sequence[Status]) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.is_gone = False
        self.polls = 0
        self._layout = layout
        self._turn = threading.Condition()
        self._version = 1
        self._snapshot = snapshot(*statuses)

    def changes(self, since: int, seconds: float) -> tuple[int, Snapshot]:
        self.polls += 1
        with self._turn:
            self._turn.wait_for(lambda: self.is_gone or self._version != since, seconds)
            self._fail_when_gone()
            return self._version, self._snapshot

    def start(self, names: Sequence[str]) -> Snapshot:
        return self._take("start", names, "healthy")

    def stop(self, names: Sequence[str]) -> Snapshot:
        return self._take("stop", names, "stopped", cause="stopped-by-hand")

    def restart(self, names: Sequence[str], reason: str) -> Snapshot:
        return self._take("restart", names, "healthy", reason=reason)

    def set(self, name: str, state: State, *, cause: str = "", reason: str = "") -> None:
        """Moves one program to a state, as an event would."""
        old = self._snapshot.status(name)
        new = replace(old, state=state, cause=cause, since=time.time(), restarts=old.restarts + bool(reason))
        new = replace(new, restart_reason=reason or old.restart_reason)
        statuses = tuple(new if status.name == name else status for status in self._snapshot.statuses)
        self._tell(replace(self._snapshot, statuses=statuses))

    def run_plan(self, digest: str) -> None:
        """Says that another plan is running."""
        self._tell(replace(self._snapshot, plan_digest=digest))

    def event(self, program: str, state: State, *, cause: str = "", reason: str = "") -> None:
        """Writes to the event file."""
        told = {"at": time.time(), "program": program, "state": state, "cause": cause, "detail": {}, "reason": reason}
        with self._layout.events.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(told) + "\n")

    def go_away(self) -> None:
        with self._turn:
            self.is_gone = True
            self._turn.notify_all()

    def come_back(self) -> None:
        self.is_gone = False

    def _tell(self, snapshot: Snapshot) -> None:
        with self._turn:
            self._snapshot = snapshot
            self._version += 1
            self._turn.notify_all()

    def _take(self, call: str, names: Sequence[str], state: State, *, cause: str = "", reason: str = "") -> Snapshot:
        self._fail_when_gone()
        self.calls.append((call, *names, reason))
        for name in names:
            if call == "restart":
                self.set(name, "stopping")
                self.event(name, "starting", reason=reason)
            self.set(name, state, cause=cause, reason=reason)
        return self._snapshot

    def _fail_when_gone(self) -> None:
        if self.is_gone:
            problem = Problem("not-running", "nothing runs here", "`hd up` starts it.")
            raise UserError(problem, exit_code=ExitCode.NOT_RUNNING)
