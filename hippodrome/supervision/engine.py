"""The scheduler at work in one supervisord: events in, actions done, answers given.

All of it runs in supervisord's own thread, from its loop. What supervisord tells in the middle of something is put
aside and looked at in the loop's next turn, which a byte in a pipe makes come at once.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from supervisor import events

from hippodrome.plan.conditions import Snapshot
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan
from hippodrome.supervision import by_hand, probes
from hippodrome.supervision.actions import Action, Kill, Record, Spawn, Swap, Sweep, Terminate, Unwatch, Watch
from hippodrome.supervision.answers import Answers
from hippodrome.supervision.attempts import Outcome
from hippodrome.supervision.checks import Checks
from hippodrome.supervision.clock import Clock
from hippodrome.supervision.evidence import Evidence
from hippodrome.supervision.guard import guarded, report
from hippodrome.supervision.host import Host
from hippodrome.supervision.idle import Keeper
from hippodrome.supervision.journal import Journal
from hippodrome.supervision.output import Output
from hippodrome.supervision.preflight import obstacle, port_obstacle
from hippodrome.supervision.scheduler import Scheduler
from hippodrome.supervision.sweeps import Sweeps
from hippodrome.supervision.wakeup import Wakeup

Happened = Callable[[float], None]  # what is to be told to the scheduler, with the time
FOREVER = float("inf")


class Engine:
    """One for each supervisord object: a `supervisorctl reload` makes a new one."""

    def __init__(self, supervisord: Any, plan_path: Path) -> None:
        self.host = Host(supervisord, clock := Clock())
        self._clock = clock
        self._started_at = clock.now()
        # never 0, and not where an earlier one began: who asks for changes must see that all is new
        self.scheduler = Scheduler(Plan.read(plan_path), version=int(self._started_at * 1000) % 1_000_000_000 + 1)
        socket_map = self.host.options.get_socket_map()
        self.answers = Answers(socket_map)
        self._socket_map = socket_map
        self._guard = partial(guarded, self.host.options.logger)
        layout = Layout(plan_path.parent, plan_path.parent)
        self._journal = Journal(layout.events)
        self._inbox: deque[Happened] = deque()
        self._sweeps = Sweeps()
        self._left: dict[str, list[int]] = {}
        self._alarm_at: float | None = None
        self._told_version = 0
        self._is_acting = False
        self._wakeup: Wakeup | None = None
        self._prober = probes.Prober(self._guard(self._found), self._guard(self._ring))
        self._checks = Checks(self.host, self._prober.ran)
        evidence = Evidence(layout, self.host.stack_id, self._prober.made.copy)
        look, stop = self._guard(evidence.look), self._guard(self._stop_unused)
        self._keeper = Keeper(layout, look, lambda: self.scheduler.plan, stop)
        self._output = Output(self._line_found, self._not_run)
        self._subscribe()

    # for callers

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(
            statuses=self.scheduler.statuses,
            plan_digest=self.scheduler.plan.digest,
            pid=os.getpid(),
            started_at=self._started_at,
            is_stopping=self.scheduler.is_stopping,
        )

    def start(self, names: Iterable[str]) -> None:
        self.scheduler.start(names, self._clock.now())
        self._pump()

    def stop(self, names: Iterable[str]) -> None:
        self.scheduler.stop(names, self._clock.now())
        self._pump()

    def restart(self, names: Iterable[str], reason: str) -> None:
        self.scheduler.restart(names, reason, self._clock.now())
        self._pump()

    def lend(self, name: str, lock: str) -> None:
        self.scheduler.lend(name, by_hand.stand_in(self.scheduler.program(name), lock), self._clock.now())
        self._pump()

    def replan(self, plan: Plan, changed: Iterable[str]) -> None:
        self.scheduler.replan(plan, frozenset(changed), self._clock.now())
        self._keeper.replan()
        self._pump()

    def shutdown(self) -> None:
        self.scheduler.shutdown(self._clock.now())
        self._pump()

    def kill(self) -> None:
        """Everything at once; nobody is asked."""
        self.scheduler.shutdown(self._clock.now())
        for status in self.scheduler.statuses:
            self.host.kill(status.name)
        self._sweeps.kill()
        self._pump()

    def until(self, answer: Callable[[bool], str | None], seconds: float = FOREVER) -> Callable[[], Any]:
        """A deferred answer; see `Answers.when`."""
        return self.answers.when(answer, self._clock.now() + seconds)

    def watch_the_clock(self) -> None:
        """To be called after `until`, which may be due before anything else."""
        self._set_alarm(self._clock.now())

    # what supervisord tells

    def _subscribe(self) -> None:
        for kind, callback in (
            (events.SupervisorRunningEvent, self._on_running),
            (events.SupervisorStoppingEvent, self._on_stopping),
            (events.ProcessStateRunningEvent, self._on_run),
            (events.ProcessStateStoppingEvent, self._on_stop),
            (events.ProcessStateExitedEvent, self._on_end),
            (events.ProcessStateStoppedEvent, self._on_end),
            (events.ProcessStateBackoffEvent, self._on_backoff),
            (events.ProcessLogEvent, self._on_output),
        ):
            events.subscribe(kind, self._guard(callback))

    def _on_running(self, _: Any) -> None:
        """Signals have their handlers now, and nothing is forked any more but programs."""
        self._wakeup = Wakeup(self._socket_map, self._guard(self._pump))
        self._prober.start()
        self._keeper.start()
        self.scheduler.begin(self._clock.now())
        self._pump()

    def _on_stopping(self, _: Any) -> None:
        self.scheduler.shutdown(self._clock.now())
        self._pump()
        self.host.stop_nothing_by_itself()  # last: had we failed, it would have to
        self._close_at_the_end()

    def _on_run(self, event: Any) -> None:
        name, pid = event.process.config.name, event.process.pid
        self._put(name, lambda now: self._adopt(name, pid, now))

    def _on_stop(self, event: Any) -> None:
        if not self._is_acting:
            name = event.process.config.name
            self._put(name, lambda now: self.scheduler.stopping_by_hand(name, now))

    def _on_end(self, event: Any) -> None:
        process = event.process
        if not process.pid:
            return
        name, pid, end = process.config.name, process.pid, self.host.exit_of(process)
        left = self.host.left_by(process)

        def happened(now: float) -> None:
            self._left[name] = left
            self.scheduler.ended(name, pid, end, now, has_left=bool(left))

        self._put(name, happened)
        self._close_at_the_end()

    def _on_backoff(self, event: Any) -> None:
        name = event.process.config.name

        def happened(now: float) -> None:
            if error := self.host.give_up(name):
                self.scheduler.refused(name, "spawn-failed", {"error": error}, now)

        self._put(name, happened)

    def _on_output(self, event: Any) -> None:
        process = event.process
        self._output.wrote(
            process.config.name, event.pid, event.data, process.config.stdout_logfile, self._clock.now()
        )

    # what others tell

    def _found(self, finding: probes.Finding) -> None:
        """Called by the probe thread."""
        self._put(finding.name, partial(self._take_finding, finding))

    def _ring(self) -> None:
        """Called by the probe thread: an alarm is due."""
        self._alarm_at = None
        self._wake()

    def _take_finding(self, finding: probes.Finding, now: float) -> None:
        name, pid = finding.name, finding.pid
        match finding:
            case probes.Passed():
                self.scheduler.passed(name, pid, now)
            case probes.Missed():
                self.scheduler.missed(name, pid, finding.seen, now)
            case probes.Misplaced():
                self.scheduler.misplaced(name, pid, *finding.obstacle, now)
            case probes.RunCheck():
                self._checks.run(self.scheduler.program(name), pid)
            case probes.StopCheck():
                self._checks.stop(name)

    def _line_found(self, name: str, pid: int) -> None:
        """A log check has passed; from there on the port is looked at as after any other."""
        self._prober.ran(name, pid, Outcome(True))

    def _not_run(self, name: str, pid: int, error: str) -> None:
        self._put(name, lambda now: self.scheduler.failed_to_start(name, pid, error, now))

    def _stop_unused(self, why: str) -> None:
        """Called by the keeper's thread."""
        self.host.options.logger.info(f"hippodrome stops all: {why}")
        self._inbox.append(self.scheduler.shutdown)
        self._wake()

    def _put(self, name: str, happened: Happened) -> None:
        if name in self.scheduler:
            self._inbox.append(lambda now: happened(now) if name in self.scheduler else None)
            self._wake()

    def _wake(self) -> None:
        if self._wakeup:
            self._wakeup.wake()

    # the turn

    def _pump(self) -> None:
        """Takes up what has happened, and does what follows from it."""
        now = self._clock.now()
        while self._inbox:
            self._inbox.popleft()(now)
        self.scheduler.tick(now)
        for name in self._sweeps.done(now):
            self.scheduler.swept(name, now)
        self._act(now)
        if self.scheduler.version != self._told_version or now >= (self.answers.next_alarm or FOREVER):
            self._told_version = self.scheduler.version
            self.answers.release(now)
        self._set_alarm(now)
        if self.scheduler.is_stopping and self.scheduler.is_at_rest and not self.host.is_leaving:
            self.host.shut_down()

    def _act(self, now: float) -> None:
        records: list[Record] = []
        self._is_acting = True
        try:
            while actions := self.scheduler.take():
                for action in actions:
                    if isinstance(action, Record):
                        records.append(action)
                    else:
                        self._do_or_fail(action, now)
        finally:
            self._is_acting = False
            self._journal.append(records)

    def _do_or_fail(self, action: Action, now: float) -> None:
        """A mistake of ours in one action fails its program, and keeps no other from its own."""
        try:
            self._do(action, now)
        except Exception as error:
            report(self.host.options.logger, self._do)
            self._fail(action, str(error), now)

    def _fail(self, action: Action, error: str, now: float) -> None:
        """Answers what the scheduler would wait for."""
        match action:
            case Spawn(name):
                self.scheduler.refused(name, "spawn-failed", {"error": error}, now)
            case Sweep(name):
                self.scheduler.swept(name, now)
            case Swap(name):
                self.scheduler.swapped(name, now, error=error)

    def _do(self, action: Action, now: float) -> None:
        match action:
            case Spawn() | Swap() if not self.scheduler.is_due(action):
                pass
            case Spawn(name, stand_in):
                self._spawn(name, now, stand_in)
            case Terminate(name):
                self.host.terminate(name)
            case Kill(name):
                self.host.kill(name)
            case Watch():
                self._watch(action)
            case Unwatch(name):
                self._output.unwatch(name)
                self._checks.stop(name)
                self._prober.order(action)
            case Sweep(name, _, grace_s):
                self._sweep(name, grace_s, now)
            case Swap(name, is_leaving):
                self._swap(name, now, is_leaving=is_leaving)

    def _spawn(self, name: str, now: float, stand_in: tuple[str, ...]) -> None:
        if self._runs(name, now):
            return
        program = self.scheduler.program(name)
        if found := port_obstacle(program) if stand_in else obstacle(program, os.environ):
            self.scheduler.refused(name, *found, now)
            return
        spawned = self.host.spawn(name, stand_in)
        if isinstance(spawned, str):
            self.scheduler.refused(name, "spawn-failed", {"error": spawned}, now)
        else:
            self.scheduler.spawned(name, spawned, now)

    def _runs(self, name: str, now: float) -> bool:
        """Whether there is a process of it; if somebody has just started that past us, the scheduler knows then."""
        pid = self.host.pid_of(name)
        if pid:
            self._adopt(name, pid, now)
        return bool(pid)

    def _adopt(self, name: str, pid: int, now: float) -> None:
        if self.scheduler.status(name).pid != pid:
            self.scheduler.adopted(name, pid, now)

    def _swap(self, name: str, now: float, *, is_leaving: bool) -> None:
        if not self._runs(name, now):
            self.scheduler.swapped(name, now, error=self.host.swap(name, is_leaving=is_leaving))

    def _watch(self, watch: Watch) -> None:
        if watch.probe.kind == "log" and watch.is_new:
            self._output.watch(watch)
        self._prober.order(watch)

    def _sweep(self, name: str, grace_s: float, now: float) -> None:
        if left := self._left.pop(name, None):
            self._sweeps.begin(name, left, grace_s, now)
        else:
            self.scheduler.swept(name, now)

    def _set_alarm(self, now: float) -> None:
        alarms = (self.scheduler.next_alarm, self.answers.next_alarm, self._sweeps.next_alarm)
        at = min((alarm for alarm in alarms if alarm is not None), default=FOREVER)
        if at != self._alarm_at and at != FOREVER:
            self._alarm_at = at
            self._prober.alarm_in(max(0.0, at - now))

    def _close_at_the_end(self) -> None:
        """supervisord tells nothing later than this: it ends, or begins anew with other objects."""
        if self.host.is_leaving and self.host.is_empty and not self._is_acting:
            self._pump()
            self._prober.close()
            self._keeper.close()
            self._checks.close()
            self._output.close()
            if self._wakeup:
                self._wakeup.close()
                self._wakeup = None
