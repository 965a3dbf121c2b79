"""What a coding agent may ask of a stack, and do to it; every answer is a JSON object. Free of the protocol.

The docstrings of the methods are what an agent reads when it chooses among them.
"""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from hippodrome.control.delta import delta, fingerprints
from hippodrome.control.rpc import Supervisor, is_running
from hippodrome.diagnose.inquiry import inquire
from hippodrome.diagnose.why import why
from hippodrome.errors import ExitCode, Problem, UserError, nearest
from hippodrome.events.reading import STATES, Reader, UnreadableError, Wanted
from hippodrome.logs.levels import LEVELS, plain
from hippodrome.logs.noise import quiet
from hippodrome.logs.read import Choice, all_of, matching, window
from hippodrome.plan.conditions import Snapshot
from hippodrome.plan.explain_order import rows
from hippodrome.plan.model import Plan
from hippodrome.rundir import Instance, read_plan

MOST_LINES, MOST_EVENTS = 1000, 200
BUDGET_BYTES = 8 << 20
WAIT_S = 120.0

Answer = dict[str, Any]


class Tools:
    """Of one instance, running or not. Every method raises UserError. `compiled`: the plan that the files give."""

    def __init__(self, instance: Instance, compiled: Callable[[], Plan]) -> None:
        self._layout = instance.layout
        self._supervisor = Supervisor(instance.layout)
        self._compiled = compiled

    def list_services(self) -> Answer:
        """The services of the running stack, or of the configuration when nothing runs: what each is for, its
        addresses, where its code is, what it needs; and the services that are left out, with the reason."""
        plan = self._plan() if is_running(self._layout) else self._compiled()
        services = [
            {
                "name": each.name,
                "description": each.description,
                "url": each.url,
                "ports": dict(each.ports),
                "source": each.origin.shown,
                "folder": each.directory,
                "needs": [needed.program for needed in each.depends_on],
            }
            for each in plan.programs
        ]
        return {"profile": plan.profile, "services": services, "left_out": [asdict(left) for left in plan.left_out]}

    def status(self) -> Answer:
        """The state of every service now, why it is so in one sentence down to the root, and what mends it."""
        plan, snapshot = self._plan(), self._supervisor.status()
        services = [self._state(plan, snapshot, name) for name in plan.names]
        return {"is_ready": all(each["is_ready"] for each in services), "services": services}

    def why(self, service: str) -> Answer:
        """All that is known of one service: what it waits for, its last exit with its meaning, its last error
        lines, who holds its ports, what changed since it was well (restarts, files, configuration), what to try."""
        plan = self._plan()
        self._check(plan, [service])
        return asdict(inquire(plan, self._supervisor.status(), service, self._layout))

    def logs(
        self,
        services: list[str] | None = None,
        count: int = 100,
        grep: str = "",
        level: str = "debug",
        minutes: float | None = None,
    ) -> Answer:
        """The newest lines that services wrote, merged in time order, oldest first; of all when none is named.
        `grep`: a regular expression; `level`: debug, info, warning or error and worse; `minutes`: how far back."""
        plan = self._plan()
        names = self._check(plan, services or []) or plan.names
        found = window(self._layout, names, self._choice(count, grep, level, minutes))
        lines = [
            {"at": each.at, "service": each.program, "level": each.level, "text": plain(each.text)}
            for each in found.lines
        ]
        return {"lines": lines, "has_more": found.has_more}

    def events(self, count: int = 20, state: str = "", text: str = "", event_id: str = "") -> Answer:
        """EventBridge's events that came to the stack, newest first, and where each was delivered. `state`: ignored,
        queued, delivered or dead; `text`: stands anywhere in it; `event_id`: one event whole, with its body."""
        reader = Reader(self._layout.spool)
        try:
            if event_id:
                return {"events": [asdict(each) for each in [reader.event(event_id)] if each]}
            chosen = next((each for each in STATES if each == state), None)
            if state and chosen is None:
                raise _wrong("state", STATES)
            wanted = Wanted(count=min(max(count, 1), MOST_EVENTS), state=chosen, text=text)
            return {"events": [asdict(each) for each in reader.events(wanted)]}
        except UnreadableError as error:
            hint = "`hd down`, move that file away, and `hd up`: a new one is begun."
            raise UserError(Problem("unreadable-record", str(error), hint), exit_code=ExitCode.FAILED) from error

    def plan(self) -> Answer:
        """What `hd up` would start, in which order and why, from the configuration as it is now; and, when the stack
        runs, which services that would add, change, remove or keep."""
        plan = self._compiled()
        running = read_plan(self._layout) if is_running(self._layout) else None
        change = asdict(delta(plan, fingerprints(running))) if running else None
        left_out = [asdict(left) for left in plan.left_out]
        order = [asdict(row) for row in rows(plan)]
        return {"profile": plan.profile, "cell": plan.cell, "order": order, "left_out": left_out, "change": change}

    def restart(self, service: str, reason: str = "asked for by a coding agent") -> Answer:
        """Restarts one service and waits until it is ready or failed; answers with its state."""
        return self._steer(service, lambda: self._supervisor.restart([service], reason), "healthy")

    def start(self, service: str) -> Answer:
        """Starts one service, and what it needs, and waits until it is ready or failed; answers with its state."""
        return self._steer(service, lambda: self._supervisor.start([service]), "healthy")

    def stop(self, service: str) -> Answer:
        """Stops one service, and what requires it, and waits for that; answers with its state."""
        return self._steer(service, lambda: self._supervisor.stop([service]), "stopped")

    def _steer(self, service: str, act: Callable[[], Snapshot], condition: str) -> Answer:
        plan = self._plan()
        self._check(plan, [service])
        act()
        return self._state(plan, self._supervisor.wait([service], condition, WAIT_S), service)

    def _state(self, plan: Plan, snapshot: Snapshot, name: str) -> Answer:
        status, found = snapshot.status(name), why(plan, snapshot, name)
        return {
            "name": name,
            "state": status.state,
            "is_ready": status.is_ready,
            "why": found.sentence,
            "mend": found.mend,
            "since": status.since,
            "restarts": status.restarts,
            "restart_reason": status.restart_reason,
            "pid": status.pid,
        }

    def _plan(self) -> Plan:
        self._supervisor.status()  # says best what is so when nothing runs
        plan = read_plan(self._layout)
        if plan is None:
            what = "the running stack was started by another version of hd, whose plan this one cannot read"
            raise UserError(Problem("other-version", what, "`hd down`, then `hd up`."), exit_code=ExitCode.CONFLICT)
        return plan

    def _check(self, plan: Plan, names: Iterable[str]) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(names))
        wrong = [name for name in names if name not in plan]
        if wrong:
            problems = (
                Problem("unknown-service", f"`{n}` is no service of it", nearest(n, plan.names)) for n in wrong
            )
            raise UserError(*problems, exit_code=ExitCode.USAGE)
        return names

    def _choice(self, count: int, grep: str, level: str, minutes: float | None) -> Choice:
        at_least = next((each for each in LEVELS if each == level), None)
        if at_least is None:
            raise _wrong("level", LEVELS)
        try:
            pattern = matching(re.compile(grep)) if grep else None
        except re.error as error:
            problem = Problem("bad-argument", f"`grep` is not a regular expression: {error}", "Mend it.")
            raise UserError(problem, exit_code=ExitCode.USAGE) from error
        return Choice(
            min(max(count, 1), MOST_LINES),
            since=None if minutes is None else time.time() - minutes * 60,
            keep=all_of(pattern, quiet(self._layout)),
            at_least=at_least,
            budget_bytes=BUDGET_BYTES,
        )


def _wrong(name: str, known: Iterable[str]) -> UserError:
    problem = Problem("bad-argument", f"`{name}` is none of its words", f"One of {', '.join(known)}.")
    return UserError(problem, exit_code=ExitCode.USAGE)
