"""The plug-in inside supervisord: hears what happens to processes, asks the scheduler, does what that orders."""

import json
import os
import re
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from supervisor import events
from supervisor.rpcinterface import SupervisorNamespaceRPCInterface
from supervisor.states import ProcessStates, SupervisorStates
from supervisor.xmlrpc import Faults, RPCError

from hippodrome.logs.stamps import Stamper
from hippodrome.plan.conditions import Exit, Snapshot
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan, Program
from hippodrome.supervision.journal import Journal
from hippodrome.supervision.preflight import obstacle
from hippodrome.supervision.probes import Prober, Result
from hippodrome.supervision.scheduler import Order, Scheduler
from hippodrome.supervision.waits import CONDITIONS, Waits, is_settled

STOPPING_TURN_S = 0.05  # supervisord looks for overdue stops once a turn
APPLY_S = 90.0
Task = Callable[[], None]


def guarded(function: Callable[..., None]) -> Callable[..., None]:
    """An exception in a callback would end supervisord and orphan every program: it is written down instead."""

    def call(*arguments: Any) -> None:
        try:
            function(*arguments)
        except Exception:
            traceback.print_exc(file=sys.stderr)

    return call


class Bell:
    """Wakes supervisord's loop: a pipe in its socket map, which also carries every signal."""

    def __init__(self, heard: Task) -> None:
        self._heard = heard
        self._read_end, self._write_end = os.pipe()
        for end in (self._read_end, self._write_end):
            os.set_blocking(end, False)
            os.set_inheritable(end, False)

    def hang(self, socket_map: dict[int, Any]) -> None:
        """Once signal handlers are set: from then on every signal ends the poll at once."""
        socket_map[self._read_end] = self
        signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)

    def ring(self) -> None:
        """From any thread."""
        try:
            os.write(self._write_end, b"!")
        except BlockingIOError:
            return  # full: it will be heard

    # what the loop asks of those in its socket map

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def handle_read_event(self) -> None:
        try:
            os.read(self._read_end, 4096)
        except BlockingIOError:
            return
        self._heard()

    def handle_error(self) -> None:
        traceback.print_exc(file=sys.stderr)


class Conductor:
    """One supervisord's order and health."""

    def __init__(self, supervisord: Any, plan_path: Path) -> None:
        self.supervisord = supervisord
        self.layout = Layout(plan_path.parent, plan_path.parent)
        self.plan = Plan.read(plan_path)
        self.started_at = time.time()
        self.waits = Waits()
        self.interface = SupervisorNamespaceRPCInterface(supervisord)
        self.bell = Bell(guarded(self._pump))
        self.prober = Prober(self._from_prober, self._environ_of)
        self._tasks: deque[Task] = deque()
        self._wait_statuses: dict[int, int] = {}
        self._stampers: dict[str, Stamper] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._journal = Journal(self.layout.events)
        self._noted: dict[str, tuple[str, float]] = {}
        self._alarm: float | None = None
        self.scheduler = Scheduler(self.plan, time.time())
        self._learn_patterns()
        self._subscribe()

    # what supervisord tells

    def _subscribe(self) -> None:
        keep_wait_status = self.supervisord.options.waitpid

        def waitpid() -> tuple[int | None, int | None]:
            pid, status = keep_wait_status()
            if pid and status is not None:
                self._reaped(pid, status)
            return pid, status

        self.supervisord.options.waitpid = waitpid
        events.subscribe(events.SupervisorRunningEvent, guarded(self._running))
        events.subscribe(events.SupervisorStoppingEvent, guarded(self._stopping))
        for kind in (
            events.ProcessStateExitedEvent,
            events.ProcessStateStoppedEvent,
            events.ProcessStateBackoffEvent,
        ):
            events.subscribe(kind, guarded(self._process_ended))
        for kind in (events.ProcessStateRunningEvent, events.ProcessStateStoppingEvent):
            events.subscribe(kind, guarded(self._process_moved))
        events.subscribe(events.ProcessLogStdoutEvent, guarded(self._process_wrote))

    def _reaped(self, pid: int, status: int) -> None:
        """The exit status that supervisor forgets of starts that fail quickly, and of signals."""
        if pid in self.supervisord.options.pidhistory:
            self._wait_statuses[pid] = status
        else:
            self.prober.child_ended(pid, status)

    def _running(self, _event: object) -> None:
        self.bell.hang(self.supervisord.options.get_socket_map())
        self.prober.start()
        self._carry_out()

    def _stopping(self, _event: object) -> None:
        now = time.time()
        for group in self.supervisord.process_groups.values():
            group.stop_all()
        self.scheduler.unwant(list(self.scheduler.units), now)
        self.scheduler.take_orders()
        self.bell.ring()

    def _process_ended(self, event: Any) -> None:
        name, pid = event.process.config.name, event.process.pid
        status = self._wait_statuses.pop(pid, None)
        if pid and status is not None:
            self._later(lambda: self._ended(name, pid, status))

    def _process_moved(self, event: Any) -> None:
        """supervisorctl started or stopped it behind our back: that is understood as done by hand."""
        name, pid = event.process.config.name, event.process.pid
        is_start = isinstance(event, events.ProcessStateRunningEvent)
        self._later(lambda: self._moved_by_hand(name, pid, is_start=is_start))

    def _process_wrote(self, event: Any) -> None:
        name, now = event.process.config.name, time.time()
        stamper = self._stampers.get(name)
        if stamper is None:
            stamper = self._stampers[name] = Stamper(self.layout.log(name))
        stamper.wrote(len(event.data.encode()) if isinstance(event.data, str) else len(event.data), now)
        pattern = self._patterns.get(name)
        if pattern and pattern.search(
            event.data if isinstance(event.data, str) else event.data.decode(errors="replace")
        ):
            self.prober.saw_line(name, event.pid)

    def _from_prober(self, result: Result) -> None:
        self._later(lambda: self._probed(result))

    def _later(self, task: Task) -> None:
        self._tasks.append(task)
        self.bell.ring()

    # the turn

    def _pump(self) -> None:
        """Everything that has happened, one after another, and then what follows from it."""
        while self._tasks:
            self._tasks.popleft()()
        self.scheduler.time_passed(time.time())
        self._carry_out()

    def _carry_out(self) -> None:
        while orders := self.scheduler.take_orders():
            for order in orders:
                DOINGS[order.verb](self, order)
        self._note()
        self._set_alarm()

    def _set_alarm(self) -> None:
        """The loop polls for a second otherwise; SIGALRM ends the poll like every signal."""
        now = time.time()
        moments = [moment for moment in (self.scheduler.next_moment(),) if moment is not None]
        if (wait_end := self.waits.next_moment()) is not None:
            moments.append(now + wait_end - time.monotonic())
        if any(unit.status.state == "stopping" for unit in self.scheduler.units.values()):
            moments.append(now + STOPPING_TURN_S)
        if self.supervisord.options.mood < SupervisorStates.RUNNING:
            moments.append(now + STOPPING_TURN_S)
        signal.setitimer(signal.ITIMER_REAL, max(0.001, min(moments) - now) if moments else 0.0)

    def _note(self) -> None:
        for status in self.scheduler.statuses:
            mark = (status.state, status.since)
            if self._noted.get(status.name) != mark:
                self._noted[status.name] = mark
                self._journal.note(status, time.time())

    # what follows

    def spawn(self, order: Order) -> None:
        """Starts it through supervisor's own interface, so that supervisorctl shows the truth."""
        name, now = order.name, time.time()
        program = self.plan.program(name)
        if found := obstacle(program):
            self.scheduler.could_not_spawn(name, *found, now)
            return
        self.layout.data_of(name).mkdir(parents=True, exist_ok=True)
        try:
            self.interface.startProcess(name, False)
        except RPCError as error:
            if error.code != Faults.ALREADY_STARTED:
                process = self._process(name)
                text = (process and process.spawnerr) or error.text
                self.scheduler.could_not_spawn(name, "spawn-failed", {"error": text}, now)
                return
        self.scheduler.spawned(name, self._process(name).pid, program.fingerprint, time.time())

    def stop(self, order: Order) -> None:
        process = self._process(order.name)
        if process and process.get_state() in {ProcessStates.RUNNING, ProcessStates.STARTING}:
            process.stop()

    def watch(self, order: Order) -> None:
        pid = self.scheduler.units[order.name].status.pid
        if pid:
            self.prober.watch(self.plan.program(order.name), pid)

    def unwatch(self, order: Order) -> None:
        self.prober.unwatch(order.name)

    def _ended(self, name: str, pid: int, wait_status: int) -> None:
        unit = self.scheduler.units.get(name)
        if unit is None or unit.status.pid != pid:
            return
        now = time.time()
        code = os.waitstatus_to_exitcode(wait_status)
        lived = now - (unit.status.started_at or now)
        last = Exit(code if code >= 0 else None, -code if code < 0 else None, round(lived, 3), now)
        self.scheduler.exited(name, last, now)

    def _moved_by_hand(self, name: str, pid: int, *, is_start: bool) -> None:
        unit = self.scheduler.units.get(name)
        process = self._process(name)
        if unit is None or process is None or process.pid != pid:
            return
        now = time.time()
        if is_start and pid and unit.status.pid != pid:
            unit.is_wanted = True
            self.scheduler.spawned(name, pid, self.plan.program(name).fingerprint, now)
        elif not is_start and unit.status.pid == pid and unit.status.state != "stopping":
            self.scheduler.unwant([name], now)

    def _probed(self, result: Result) -> None:
        now = time.time()
        if result.name not in self.scheduler.units:
            return
        if result.foreign is None:
            self.scheduler.probed(result.name, result.pid, result.seen, now)
        else:
            cause = "port-taken" if "pid" in result.foreign else "port-not-held"
            self.scheduler.port_is_not_its_own(result.name, result.pid, cause, dict(result.foreign), now)

    # what the calls need

    def snapshot(self) -> str:
        """All that is known, as JSON."""
        stopping = self.supervisord.options.mood < SupervisorStates.RUNNING
        told = Snapshot(self.scheduler.statuses, self.plan.digest, os.getpid(), self.started_at, stopping)
        return json.dumps(asdict(told))

    def turn(self) -> None:
        """After a call changed something: what follows from it, now."""
        self._carry_out()

    def exchange(self, removed: list[str], added: list[str], plan_path: str) -> None:
        """All that is to go is down: groups are swapped as supervisord has re-read them; the new plan is taken."""
        for name in removed:
            if name in self.supervisord.process_groups:
                self.interface.removeProcessGroup(name)
        for name in added:
            if name not in self.supervisord.process_groups:
                self.interface.addProcessGroup(name)
        self.plan = Plan.read(Path(plan_path))
        self._learn_patterns()
        self.scheduler.adopt(self.plan, time.time())
        self._carry_out()

    def _learn_patterns(self) -> None:
        self._patterns = {p.name: re.compile(p.probe.target) for p in self.plan.programs if p.probe.kind == "log"}

    def _process(self, name: str) -> Any:
        group = self.supervisord.process_groups.get(name)
        return group.processes.get(name) if group else None

    def _environ_of(self, program: Program) -> dict[str, str]:
        return {**os.environ, **program.environment}


DOINGS: dict[str, Callable[[Conductor, Order], None]] = {
    "spawn": Conductor.spawn,
    "stop": Conductor.stop,
    "watch": Conductor.watch,
    "unwatch": Conductor.unwatch,
}


class Calls:
    """The namespace `hippodrome` of supervisord's XML-RPC interface. What is structured goes as JSON text."""

    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor

    def status(self) -> str:
        """All programs' state."""
        return self._conductor.snapshot()

    def start(self, names: list[str]) -> str:
        """Wants these, and what they require, to run."""
        self._conductor.scheduler.want(self._known(names), time.time())
        return self._after()

    def stop(self, names: list[str]) -> str:
        """Stops these, and what requires them."""
        self._conductor.scheduler.unwant(self._known(names), time.time())
        return self._after()

    def restart(self, names: list[str], reason: str) -> str:
        """Gives these a new process; `reason` is shown."""
        self._conductor.scheduler.renew(self._known(names), reason, time.time())
        return self._after()

    def wait(self, names: list[str], condition: str, seconds: float) -> Any:
        """Answers when all of these meet the condition, one never will, or time is over."""
        if condition not in {*CONDITIONS, "stopped"}:
            raise RPCError(Faults.INCORRECT_PARAMETERS, f"unknown condition {condition}")
        conductor, wanted = self._conductor, set(self._known(names))

        def look() -> str | None:
            statuses = [status for status in conductor.scheduler.statuses if status.name in wanted]
            return conductor.snapshot() if is_settled(statuses, condition) else None

        return self._deferred(look, conductor.snapshot, seconds)

    def changes(self, since: int, seconds: float) -> Any:
        """Answers with the state once it is newer than version `since`, or when time is over."""
        conductor = self._conductor

        def told() -> str:
            return f'{{"version": {conductor.scheduler.version}, "snapshot": {conductor.snapshot()}}}'

        def look() -> str | None:
            return told() if conductor.scheduler.version != since else None

        return self._deferred(look, told, seconds)

    def apply(self, text: str) -> Any:
        """After reloadConfig: swaps what has changed, takes the new plan, and answers when that is done."""
        conductor, told = self._conductor, json.loads(text)
        removed, changed = told["removed"], told["changed"]
        down = [name for name in (*removed, *changed) if name in conductor.scheduler.units]
        conductor.scheduler.hold(changed, time.time())
        conductor.scheduler.unwant([name for name in removed if name in conductor.scheduler.units], time.time())
        conductor.turn()
        done: list[str] = []

        def look() -> str | None:
            if not done and conductor.scheduler.are_down(down):
                conductor.exchange([*removed, *changed], [*changed, *told["added"]], told["plan"])
                done.append(conductor.snapshot())
            return done[0] if done else None

        return self._deferred(look, conductor.snapshot, APPLY_S)

    def shutdown(self) -> bool:
        """Everything stops at once, each within its grace; then supervisord ends."""
        self._conductor.supervisord.options.mood = SupervisorStates.SHUTDOWN
        self._conductor.bell.ring()
        return True

    def kill(self) -> bool:
        """Everything is killed; then supervisord ends."""
        for group in self._conductor.supervisord.process_groups.values():
            for process in group.processes.values():
                if process.pid:
                    process.kill(signal.SIGKILL)
        return self.shutdown()

    def _known(self, names: list[str]) -> list[str]:
        unknown = [name for name in names if name not in self._conductor.scheduler.units]
        if unknown:
            raise RPCError(Faults.BAD_NAME, ", ".join(unknown))
        return names

    def _after(self) -> str:
        self._conductor.turn()
        return self._conductor.snapshot()

    def _deferred(self, question: Callable[[], str | None], answer: Callable[[], str], seconds: float) -> Any:
        deferred = self._conductor.waits.deferred(question, answer, seconds)
        self._conductor.turn()
        self._conductor.bell.ring()
        return deferred


_conductors: list[Conductor] = []  # the one of this supervisord; `supervisorctl reload` makes another


def make(supervisord: Any, plan: str) -> Calls:
    """supervisor calls this for each of its servers, and again after a reload with another supervisord object."""
    if not _conductors or _conductors[-1].supervisord is not supervisord:
        folder = Path(supervisord.options.here or ".")
        signal.signal(signal.SIGALRM, lambda *_: None)
        _conductors[:] = [Conductor(supervisord, folder / plan)]
    return Calls(_conductors[-1])
