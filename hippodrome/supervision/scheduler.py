"""Who may start, who must stop, who is ready: events in, orders out. It touches no process and no clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from hippodrome.plan.conditions import LIVING, Exit, State, Status, verdict
from hippodrome.plan.model import DependsOn, Plan, Program
from hippodrome.supervision.restarts import Life, sequel

Verb = Literal["spawn", "stop", "watch", "unwatch"]


@dataclass(frozen=True)
class Order:
    """What is to be done to a program. `watch` and `unwatch`: probe its health, or leave it."""

    verb: Verb
    name: str


@dataclass
class Unit:
    """What is known of one program. `status` is what the world is told."""

    program: Program
    status: Status
    is_wanted: bool = True
    comes_back: bool = False  # after it has stopped, for a restart or a changed configuration
    is_held: bool = False  # it may not come back before its configuration was exchanged
    failures: int = 0  # starts in a row that failed
    probe_failures: int = 0
    dependents: list[str] = field(default_factory=list)


class Scheduler:
    """The state machine of all programs of a plan. After each event, `take_orders` has what follows from it."""

    def __init__(self, plan: Plan, now: float) -> None:
        self.units: dict[str, Unit] = {}
        self.version = 0
        self._orders: list[Order] = []
        self.adopt(plan, now)

    def take_orders(self) -> list[Order]:
        """Each is given once."""
        orders, self._orders = self._orders, []
        return orders

    @property
    def statuses(self) -> tuple[Status, ...]:
        """In the plan's order."""
        return tuple(unit.status for unit in self.units.values())

    # what people ask for

    def want(self, names: Iterable[str], now: float) -> None:
        """These are to run, and what they require."""
        for name in self._with_required(names):
            unit = self.units[name]
            unit.is_wanted = True
            if unit.status.state == "stopping":
                unit.comes_back = True
            elif unit.status.state in {"stopped", "exited", "failed", "backoff"}:
                unit.failures = 0
                self._set(unit, "waiting", now, cause="", detail={}, retry_at=None)
        self._settle(self.units, now)

    def unwant(self, names: Iterable[str], now: float) -> None:
        """These are to stop, by hand; who requires them is blocked then."""
        for name in names:
            unit = self.units[name]
            unit.is_wanted = unit.comes_back = False
            self._end(unit, now)
        self._settle(self.units, now)

    def renew(self, names: Iterable[str], reason: str, now: float) -> None:
        """These get a new process."""
        for name in names:
            unit = self.units[name]
            unit.is_wanted = True
            unit.failures = 0
            unit.status = replace(unit.status, restart_reason=reason, restarts=unit.status.restarts + 1)
            if unit.status.state in LIVING or unit.status.state == "stopping":
                unit.comes_back = True
                self._end(unit, now)
            else:
                self._set(unit, "waiting", now, cause="", detail={}, retry_at=None)
        self._settle(self.units, now)

    def hold(self, names: Iterable[str], now: float) -> None:
        """These end so that their configuration can be exchanged; nothing that needs them ends for that."""
        for name in names:
            unit = self.units[name]
            if unit.is_wanted:
                unit.is_held = unit.comes_back = True
            self._end(unit, now)

    def are_down(self, names: Iterable[str]) -> bool:
        """Whether none of these has a process."""
        return all(self.units[name].status.pid is None for name in names if name in self.units)

    def adopt(self, plan: Plan, now: float) -> None:
        """Takes another plan and lets go of what is held; processes of programs in both are not touched."""
        self._adopt(plan)
        for unit in self.units.values():
            if unit.is_held:
                unit.is_held = unit.comes_back = False
                unit.failures = 0
        self._settle(self.units, now)

    # what happens

    def spawned(self, name: str, pid: int, fingerprint: str, now: float) -> None:
        unit = self.units[name]
        is_checked = unit.program.probe.kind != "none"
        unit.probe_failures = 0
        self._set(
            unit,
            "starting" if is_checked else "running",
            now,
            pid=pid,
            started_at=now,
            healthy_at=None if is_checked else now,
            retry_at=None,
            last_probe="",
            waits_for=(),
            cause="",
            detail={},
            fingerprint=fingerprint,
        )
        if is_checked:
            self._order("watch", unit)
        self._settle([name], now)

    def could_not_spawn(self, name: str, cause: str, detail: dict[str, Any], now: float) -> None:
        self._fail(self.units[name], cause, detail, now)
        self._settle([name], now)

    def exited(self, name: str, last: Exit, now: float) -> None:
        """Its process is gone, asked to or not."""
        unit = self.units[name]
        status = unit.status
        self._order("unwatch", unit)
        unit.status = replace(status, pid=None, last_exit=last)
        if status.state == "stopping":
            self._stopped(unit, now)
        else:
            ready_for = now - status.healthy_at if status.healthy_at is not None else 0.0
            life = Life(last, status.healthy_at is not None, ready_for, unit.failures)
            follows = sequel(unit.program.restart, life)
            unit.failures = follows.failures
            detail = {"code": last.code, "signal": last.signal, "lived_s": last.lived_s, "tries": follows.failures}
            retry_at = now + follows.delay_s if follows.state == "backoff" else None
            self._set(unit, follows.state, now, cause=follows.cause, detail=detail, retry_at=retry_at)
        self._settle([name], now)

    def probed(self, name: str, pid: int, seen: str, now: float) -> None:
        """The result of a health check of the process `pid`: empty when it passed, else what it saw."""
        unit = self.units[name]
        if unit.status.pid != pid or unit.status.state not in LIVING:
            return
        if seen:
            self._probe_failed(unit, seen, now)
        else:
            unit.probe_failures = 0
            if unit.status.state != "healthy":
                healthy_at = unit.status.healthy_at or now
                self._set(unit, "healthy", now, healthy_at=healthy_at, last_probe="", cause="", detail={})
        self._settle([name], now)

    def port_is_not_its_own(self, name: str, pid: int, cause: str, detail: dict[str, Any], now: float) -> None:
        """It seemed healthy, but somebody else answers at its port: it ends, and is not started again."""
        unit = self.units[name]
        if unit.status.pid == pid and unit.status.state in LIVING:
            unit.is_wanted = unit.comes_back = False
            self._end(unit, now)
            unit.status = replace(unit.status, cause=cause, detail=detail)
            self._settle([name], now)

    def time_passed(self, now: float) -> None:
        """Starts again what has waited long enough."""
        due = [name for name, unit in self.units.items() if unit.status.retry_at and unit.status.retry_at <= now]
        for name in due:
            unit = self.units[name]
            restarts = unit.status.restarts + 1
            self._set(unit, "waiting", now, retry_at=None, restarts=restarts, restart_reason=unit.status.cause)
        self._settle(due, now)

    def next_moment(self) -> float | None:
        """When `time_passed` is next of use."""
        return min((unit.status.retry_at for unit in self.units.values() if unit.status.retry_at), default=None)

    # how it follows

    def _settle(self, names: Iterable[str], now: float) -> None:
        """Works out what follows for these and, as they change, for those that depend on them."""
        waiting = dict.fromkeys(names)
        while waiting:
            name = next(iter(waiting))
            del waiting[name]
            unit = self.units.get(name)
            if unit is None:
                continue
            before = unit.status
            self._follow(unit, now)
            if unit.status != before or name in names:
                waiting |= dict.fromkeys(each for each in unit.dependents if self._may_follow(each, now))

    def _may_follow(self, name: str, now: float) -> bool:
        state = self.units[name].status.state
        return self.units[name].is_wanted and state in {*LIVING, "waiting", "blocked"}

    def _follow(self, unit: Unit, now: float) -> None:
        state = unit.status.state
        if not unit.is_wanted or unit.comes_back or state not in {*LIVING, "waiting", "blocked"}:
            return
        dead = [each.program for each in unit.program.depends_on if each.is_required and self._is_never(each)]
        if dead:
            if state in LIVING:
                self._end(unit, now)
            elif state != "blocked" or unit.status.waits_for != tuple(dead):
                self._set(unit, "blocked", now, waits_for=tuple(dead), cause="", detail={})
        elif state in {"waiting", "blocked"}:
            self._start_or_wait(unit, now)

    def _start_or_wait(self, unit: Unit, now: float) -> None:
        pending = [each.program for each in unit.program.depends_on if not self._is_met(each)]
        if pending:
            if unit.status.state != "waiting" or unit.status.waits_for != tuple(pending):
                self._set(unit, "waiting", now, waits_for=tuple(pending), cause="", detail={})
        else:
            self._set(unit, "starting", now, waits_for=(), pid=None, healthy_at=None)
            self._order("spawn", unit)

    def _is_never(self, dependency: DependsOn) -> bool:
        other = self.units.get(dependency.program)
        return other is None or (not other.comes_back and verdict(dependency.condition, other.status) == "never")

    def _is_met(self, dependency: DependsOn) -> bool:
        """One that it can do without is waited for as long as it may still come."""
        other = self.units.get(dependency.program)
        if other is None:
            return not dependency.is_required
        found = verdict(dependency.condition, other.status)
        return found == "met" or (found == "never" and not dependency.is_required)

    def _end(self, unit: Unit, now: float) -> None:
        state = unit.status.state
        if state in LIVING and unit.status.pid is not None:
            self._set(unit, "stopping", now)
            self._order("stop", unit)
        elif state != "stopping":
            self._stopped(unit, now)

    def _stopped(self, unit: Unit, now: float) -> None:
        self._order("unwatch", unit)
        if unit.status.cause in {"port-taken", "port-not-held"} and not unit.comes_back:
            self._set(unit, "failed", now, pid=None)
        elif unit.is_wanted:
            unit.comes_back = unit.is_held
            self._set(unit, "waiting", now, pid=None, retry_at=None)
        else:
            self._set(unit, "stopped", now, pid=None, retry_at=None, waits_for=(), cause="stopped-by-hand", detail={})

    def _fail(self, unit: Unit, cause: str, detail: dict[str, Any], now: float) -> None:
        unit.comes_back = False
        self._set(unit, "failed", now, pid=None, cause=cause, detail=detail, retry_at=None)

    def _probe_failed(self, unit: Unit, seen: str, now: float) -> None:
        status, probe = unit.status, unit.program.probe
        unit.probe_failures += 1
        if status.state == "starting":
            if status.started_at is not None and now - status.started_at > probe.start_period_s:
                detail = {"seconds": probe.start_period_s, "probe": seen}
                self._set(unit, "unhealthy", now, last_probe=seen, cause="start-timeout", detail=detail)
            elif status.last_probe != seen:
                self._set(unit, "starting", status.since, last_probe=seen)
        elif status.state == "healthy" and unit.probe_failures >= probe.retries:
            detail = {"probe": seen, "failures": unit.probe_failures}
            self._set(unit, "unhealthy", now, last_probe=seen, cause="unhealthy", detail=detail)

    def _set(self, unit: Unit, state: State, now: float, **more: Any) -> None:
        since = now if state != unit.status.state else unit.status.since
        unit.status = replace(unit.status, state=state, since=since, **more)
        self.version += 1

    def _order(self, verb: Verb, unit: Unit) -> None:
        self._orders.append(Order(verb, unit.program.name))

    def _with_required(self, names: Iterable[str]) -> list[str]:
        found = list(dict.fromkeys(names))
        for name in found:
            for each in self.units[name].program.depends_on:
                if each.is_required and each.program in self.units and each.program not in found:
                    found.append(each.program)
        return found

    def _adopt(self, plan: Plan) -> None:
        earlier, self.units = self.units, {}
        for program in plan.programs:
            unit = earlier.get(program.name) or Unit(program, Status(program.name, "waiting"))
            unit.program, unit.dependents = program, []
            self.units[program.name] = unit
        for unit in self.units.values():
            for dependency in unit.program.depends_on:
                if dependency.program in self.units:
                    self.units[dependency.program].dependents.append(unit.program.name)
        self.version += 1
