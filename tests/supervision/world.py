"""A supervisord and its programs that are only imagined, for the scheduler: time passes when it is told to."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from hippodrome.plan.conditions import LIVING, Exit, Verdict, verdict
from hippodrome.plan.model import DependsOn, Plan
from hippodrome.supervision.actions import Action, Kill, Record, Spawn, Swap, Sweep, Terminate, Unwatch, Watch
from hippodrome.supervision.life import SETTLE_S
from hippodrome.supervision.scheduler import Scheduler

KILLED = 9


@dataclass
class World:
    """What the scheduler wants is done here as `engine` does it; what happens is put into `inbox` first."""

    plan: Plan
    now: float = 1000.0
    slept_until: float = 0.0
    processes: dict[str, int] = field(default_factory=dict)  # that live
    unknown: set[str] = field(default_factory=set)  # started by hand, and the scheduler was not told yet
    asked: set[str] = field(default_factory=set)  # that were sent their stop signal
    deaf: set[str] = field(default_factory=set)  # that do not mind it
    refused: set[str] = field(default_factory=set)  # whose next start fails
    messy: set[str] = field(default_factory=set)  # that leave something behind
    sweeping: set[str] = field(default_factory=set)
    watched: dict[str, int] = field(default_factory=dict)
    inbox: deque[tuple[str, Callable[[], None]]] = field(default_factory=deque)
    records: list[Record] = field(default_factory=list)
    done: list[Action] = field(default_factory=list)  # all but records

    def __post_init__(self) -> None:
        self._pids = count(100)
        self.taken_up = {program.name: program for program in self.plan.programs}
        self.scheduler = Scheduler(self.plan)
        self.scheduler.begin(self.now)
        self.pump()

    # what happens

    def end(self, name: str, *, code: int | None = None, signal: int | None = None) -> None:
        """Its process ends."""
        pid = self.processes.pop(name)
        self.asked.discard(name)
        end = Exit(code, signal, 1.0, self.now)
        self._put(name, lambda: self.scheduler.ended(name, pid, end, self.now, has_left=name in self.messy))

    def obey(self, name: str) -> None:
        """It minds the stop signal that it was sent."""
        self.end(name, signal=15)

    def start_by_hand(self, name: str) -> None:
        """As `supervisorctl start` does."""
        pid = self.processes[name] = next(self._pids)
        self.unknown.add(name)
        self._put(name, lambda: self._adopt(name, pid))

    def _adopt(self, name: str, pid: int) -> None:
        self.unknown.discard(name)
        if self.scheduler.status(name).pid != pid:
            self.scheduler.adopted(name, pid, self.now)

    def stop_by_hand(self, name: str) -> None:
        """As `supervisorctl stop` does."""
        self.asked.add(name)
        self._put(name, lambda: self.scheduler.stopping_by_hand(name, self.now))

    def tell(self, name: str, happened: Callable[[str, int, float], None]) -> None:
        """The probe thread has found something out about the process that it watches."""
        pid = self.watched[name]
        self._put(name, lambda: happened(name, pid, self.now))

    def pass_time(self, seconds: float) -> None:
        """Whatever falls due on the way comes in its time."""
        until = self.now + seconds
        while (alarm := self.scheduler.next_alarm) is not None and alarm <= until:
            self.now = max(self.now, alarm)
            self.pump()
        self.now = until
        self.pump()

    def sleep(self, seconds: float) -> None:
        """The machine does, and all that runs on it."""
        self.now += seconds
        self.slept_until = self.now
        self.pump()

    def sweep_ends(self, name: str) -> None:
        self.sweeping.discard(name)
        self._put(name, lambda: self.scheduler.swept(name, self.now))

    def replan(self, plan: Plan) -> None:
        """As after `reloadConfig`."""
        before = self.taken_up
        changed = {each.name for each in plan.programs if before.get(each.name, each).fingerprint != each.fingerprint}
        if not self.scheduler.is_stopping:
            self.plan = plan
        self.scheduler.replan(plan, changed, self.now)
        self.pump()

    def _put(self, name: str, happened: Callable[[], None]) -> None:
        self.inbox.append((name, happened))

    # what follows

    def pump(self) -> None:
        """One turn of supervisord's loop."""
        while self.inbox:
            name, happened = self.inbox.popleft()
            if name in self.scheduler:
                happened()
        self.scheduler.tick(self.now)
        while actions := self.scheduler.take():
            for action in actions:
                self._do(action)

    def _do(self, action: Action) -> None:
        if isinstance(action, Record):
            self.records.append(action)
            return
        self.done.append(action)
        match action:
            case Spawn() | Swap() if not self.scheduler.is_due(action):
                pass
            case Spawn(name):
                self._spawn(name)
            case Terminate(name):
                self.asked.add(name)
            case Kill(name):
                if name in self.processes:
                    self.end(name, signal=KILLED)
            case Sweep(name):
                self._sweep(name)
            case Swap(name, is_leaving):
                self._swap(name, is_leaving)
            case Watch(name, pid):
                self.watched[name] = pid
            case Unwatch(name):
                self.watched.pop(name, None)

    def _spawn(self, name: str) -> None:
        if self._runs(name):
            return
        assert name not in self.sweeping, f"{name} starts beside what is left of it"
        assert self.taken_up[name].fingerprint == self.plan.program(name).fingerprint, f"{name} starts as it was"
        for each in self.scheduler.program(name).depends_on:
            assert self._allows(each), f"{name} starts before {each.program} is as it should be"
        if name in self.refused:
            self.refused.discard(name)
            self.scheduler.refused(name, "spawn-failed", {"error": "refused"}, self.now)
        else:
            pid = self.processes[name] = next(self._pids)
            self.asked.discard(name)
            self.scheduler.spawned(name, pid, self.now)

    def _allows(self, dependency: DependsOn) -> bool:
        if dependency.program not in self.scheduler:
            return not dependency.is_required
        status = self.scheduler.status(dependency.program)
        if dependency.condition == "started" and status.state == "starting":
            return self.now >= (status.started_at or 0.0) + SETTLE_S
        if dependency.is_required or status.state != "stopping":
            return verdict(dependency.condition, status) in _allowing(dependency)
        return True  # nobody waits for one that will not be there

    def _runs(self, name: str) -> bool:
        if name in self.processes:
            self._adopt(name, self.processes[name])
        return name in self.processes

    def _sweep(self, name: str) -> None:
        if name in self.messy:
            self.sweeping.add(name)
        else:
            self.scheduler.swept(name, self.now)

    def _swap(self, name: str, is_leaving: bool) -> None:
        if self._runs(name):
            return
        self.taken_up.pop(name, None)
        if not is_leaving:
            self.taken_up[name] = self.plan.program(name)
        self.scheduler.swapped(name, self.now)

    # calm

    def settle(self) -> None:
        """From now on everything goes well, until nothing more happens."""
        self.refused.clear()
        self.messy.clear()
        for _ in range(500):
            self._go_well()
            self.pump()
            alarm = self.scheduler.next_alarm
            if alarm is not None:
                self.now = max(self.now, alarm)
            elif not self._is_astir:
                return
        raise AssertionError(f"it never comes to rest: {self.scheduler.statuses}")

    @property
    def _is_astir(self) -> bool:
        able = self.asked - self.deaf
        return bool(self.inbox or self.sweeping or able & set(self.processes) or self._unready or self._tasks)

    @property
    def _unready(self) -> set[str]:
        return {name for name in self.watched if self.scheduler.status(name).state in {"starting", "unhealthy"}}

    @property
    def _tasks(self) -> set[str]:
        living = {each.name for each in self.scheduler.statuses if each.state in LIVING}
        return {name for name in self.processes if name in living and self.scheduler.program(name).is_task}

    def _go_well(self) -> None:
        for name in sorted(self.sweeping):
            self.sweep_ends(name)
        for name in self._unready:
            self.tell(name, self.scheduler.passed)
        for name in self._tasks - self.asked:
            self.end(name, code=0)
        for name in sorted(self.asked & set(self.processes) - self.deaf):
            self.obey(name)


def _allowing(dependency: DependsOn) -> set[Verdict]:
    return {"met"} if dependency.is_required else {"met", "never"}
