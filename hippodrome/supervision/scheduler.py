"""Order, health and restarts as a state machine: what happened goes in, what to do comes out. It touches nothing.

Every method that tells what happened takes the moment in Unix seconds; `take` then gives what is to be done.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from hippodrome.plan.conditions import Exit, Status
from hippodrome.plan.model import Plan, Program
from hippodrome.supervision.actions import Action, Kill, Spawn, Swap, Sweep, Terminate
from hippodrome.supervision.life import Life
from hippodrome.supervision.lives import Lives
from hippodrome.supervision.moves import Moves

BY_HAND = "by hand"
CLEAR_S = 1.0  # for what a crashed process left behind, before it is killed


class Scheduler:
    """All programs of the plan."""

    def __init__(self, plan: Plan, *, version: int = 1) -> None:
        self.plan = plan
        self.is_stopping = False
        self._moves = Moves(version)
        self._lives = Lives()
        self._lives.take_in(plan, is_configured=True)

    # what it knows

    @property
    def version(self) -> int:
        """Grows with every change that anybody could see."""
        return self._moves.version

    @property
    def statuses(self) -> tuple[Status, ...]:
        """In the plan's order; what is leaving comes last."""
        return tuple(life.status for life in self._lives.values())

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing of any program runs."""
        return not any(life.has_process for life in self._lives.values())

    @property
    def has_swaps(self) -> bool:
        """Whether a changed plan is not yet wholly taken over."""
        return any(life.needs_swap for life in self._lives.values())

    @property
    def next_alarm(self) -> float | None:
        """When `tick` must be called at the latest."""
        return self._moves.alarms[0][0] if self._moves.alarms else None

    def __contains__(self, name: str) -> bool:
        return name in self._lives

    def program(self, name: str) -> Program:
        """Raises KeyError."""
        return self._lives[name].program

    def status(self, name: str) -> Status:
        """Raises KeyError."""
        return self._lives[name].status

    def is_due(self, action: Spawn | Swap) -> bool:
        """Whether it is still to be done, when what was taken before it is done."""
        life = self._lives.get(action.name)
        return life is not None and (life.is_due if isinstance(action, Spawn) else life.is_swapping)

    def take(self) -> list[Action]:
        """What is to be done now, in this order; it is given once."""
        taken, self._moves.actions = self._moves.actions, []
        return taken

    # what people want

    def begin(self, now: float) -> None:
        """Lets everything start."""
        self._moves.dirty.update(self._lives)
        self._settle(now)

    def start(self, names: Iterable[str], now: float) -> None:
        """Wants these, and what they require, to run. Those that run are not touched."""
        if self.is_stopping:
            return
        wanted = list(names)
        for name in [*self._lives.required_by(wanted), *wanted]:
            self._moves.want(self._lives[name], now, is_named=name in wanted)
        self._settle(now)

    def stop(self, names: Iterable[str], now: float) -> None:
        """Wants these to rest; what requires them is stopped with them, and waits for them to come back."""
        for name in names:
            self._moves.unwant(self._lives[name], now)
        self._settle(now)

    def restart(self, names: Iterable[str], reason: str, now: float) -> None:
        """Wants these to run anew."""
        if self.is_stopping:
            return
        wanted = list(names)
        for name in self._lives.required_by(wanted):
            self._moves.want(self._lives[name], now, is_named=False)
        for name in wanted:
            life = self._lives[name]
            life.reason, life.failures = reason, 0
            if life.is_living:
                life.is_wanted = True
                self._moves.stop(life, now)
            else:
                self._moves.want(life, now, is_named=True)
        self._settle(now)

    def lend(self, name: str, stand_in: tuple[str, ...], now: float) -> None:
        """Its next life is that of `stand_in`, in whose place somebody runs it by hand; then it is as before."""
        life = self._lives[name]
        if self.is_stopping:
            return
        life.stand_in, life.is_kept = stand_in, life.is_wanted
        self.restart([name], BY_HAND, now)

    def shutdown(self, now: float) -> None:
        """Everything is to end."""
        self.is_stopping = True
        self._moves.version += 1
        self.stop(list(self._lives), now)

    def replan(self, plan: Plan, changed: Collection[str], now: float) -> None:
        """Takes over `plan`. What is gone from it, and `changed`, is stopped and swapped; the rest runs on."""
        if self.is_stopping:
            return
        for life in self._lives.values():
            if life.name not in plan:
                life.is_leaving, life.is_wanted = True, False
                self._moves.unwant(life, now)
        before = {name: life.program for name, life in self._lives.items()}
        self.plan = plan
        self._lives.take_in(plan, is_configured=False)
        for name in plan.names:
            life = self._lives[name]
            if name in changed:
                self._moves.renew(life, now)
            elif before.get(name, life.program).probe != life.program.probe and life.is_living:
                self._moves.rewatch(life, now)
        self._moves.version += 1
        self._moves.dirty.update(self._lives)
        self._settle(now)

    # what happened

    def tick(self, now: float) -> None:
        """Time has passed."""
        while self._moves.alarms and self._moves.alarms[0][0] <= now:
            _, name = heapq.heappop(self._moves.alarms)
            if life := self._lives.get(name):
                self._moves.dirty |= {name, *life.dependents}
        self._settle(now)

    def spawned(self, name: str, pid: int, now: float) -> None:
        """Its process was started."""
        life = self._lives[name]
        life.is_by_hand, life.stand_in = bool(life.stand_in), ()
        self._moves.enter(life, pid, now)
        self._settle(now)

    def adopted(self, name: str, pid: int, now: float) -> None:
        """Somebody has started it past us: by hand, then. One that should not run, or not so, is stopped."""
        life = self._lives[name]
        life.is_swapping = False
        life.is_wanted = not (self.is_stopping or life.is_leaving)
        life.reason = BY_HAND
        life.is_by_hand = False
        if life.is_wanted:
            for required in self._lives.required_by([name]):
                self._moves.want(self._lives[required], now, is_named=False)
        self._moves.enter(life, pid, now)
        if not life.is_wanted or life.needs_swap:
            self._moves.stop(life, now)
        self._settle(now)

    def refused(self, name: str, cause: str, detail: dict[str, Any], now: float) -> None:
        """Its process could not be started."""
        life = self._lives[name]
        life.stand_in = ()
        self._moves.become(life, "failed", now, cause=cause, detail=detail)
        self._settle(now)

    def stopping_by_hand(self, name: str, now: float) -> None:
        """Somebody has sent it its stop signal past us."""
        life = self._lives[name]
        life.is_wanted = False
        if life.is_living:
            self._moves.stop(life, now)
        life.is_signalled = True
        self._moves.touch(life)
        self._settle(now)

    def ended(self, name: str, pid: int, end: Exit, now: float, *, has_left: bool) -> None:
        """Its process `pid` has ended; what is left of it (`has_left`: something is) is to be swept."""
        life = self._lives[name]
        if life.status.pid != pid:
            return
        life.is_ending = True
        if life.status.state == "stopping":
            self._moves.change(life, pid=None, last_exit=end)
            self._moves.actions.append(Sweep(name, pid, max(0.0, life.kill_at - now)))
        elif life.is_by_hand:
            self._moves.take_back(life, end, now)
            self._moves.actions.append(Sweep(name, pid, CLEAR_S))
        else:
            self._moves.judge(life, end, now, has_left=has_left)
            self._moves.actions.append(Sweep(name, pid, CLEAR_S))
        self._settle(now)

    def swept(self, name: str, now: float) -> None:
        """Nothing is left of its process."""
        life = self._lives[name]
        life.is_ending = False
        if life.status.state == "stopping" and life.status.pid is None:
            self._moves.rest(life, now)
        self._moves.touch(life)
        self._settle(now)

    def failed_to_start(self, name: str, pid: int, error: str, now: float) -> None:
        """What should have become its process could not become it."""
        life = self._lives[name]
        if life.status.pid == pid and life.is_living:
            life.doom = ("spawn-failed", {"error": error})
            self._moves.stop(life, now)
        self._settle(now)

    def passed(self, name: str, pid: int, now: float) -> None:
        """A health check passed."""
        life = self._lives[name]
        if life.status.pid != pid or not life.is_living:
            return
        life.misses = 0
        if life.status.state != "healthy":
            self._moves.become(life, "healthy", now, healthy_at=life.status.healthy_at or now, last_probe="")
        self._settle(now)

    def missed(self, name: str, pid: int, seen: str, now: float) -> None:
        """A health check failed; `seen` is what it saw."""
        life = self._lives[name]
        if life.status.pid != pid or not life.is_living:
            return
        life.misses += 1
        if life.status.state == "healthy" and life.misses >= life.program.probe.retries:
            detail = {"probe": seen, "failures": life.misses}
            self._moves.become(life, "unhealthy", now, cause="unhealthy", detail=detail)
        self._moves.change(life, last_probe=seen)
        self._settle(now)

    def misplaced(self, name: str, pid: int, cause: str, detail: dict[str, Any], now: float) -> None:
        """It answers, but not from a port that it holds itself."""
        life = self._lives[name]
        if life.status.pid == pid and life.is_living:
            life.doom = (cause, detail)
            self._moves.stop(life, now, cause=cause, detail=detail)
        self._settle(now)

    def swapped(self, name: str, now: float, *, error: str = "") -> None:
        """supervisord has forgotten it and, unless it is leaving, taken it up as it should be now."""
        life = self._lives[name]
        life.is_swapping = False
        if life.is_leaving:
            del self._lives[name]
        else:
            life.is_configured = True
            if error:
                self._moves.become(life, "failed", now, cause="spawn-failed", detail={"error": error})
        self._moves.version += 1
        self._moves.dirty |= {name, *life.dependents}
        self._settle(now)

    # what follows

    def _settle(self, now: float) -> None:
        """Brings every program that something has happened to where it should be, until nothing more follows."""
        while self._moves.dirty:
            dirty, self._moves.dirty = self._moves.dirty, set()
            for life in self._lives.in_order(dirty):
                self._settle_one(life, now)
        for name in tuple(self._moves.ending):
            self._advance_stop(name, now)

    def _settle_one(self, life: Life, now: float) -> None:
        dead, pending = self._lives.held_by(life, now)
        if life.is_blocked != bool(dead):
            life.is_blocked = bool(dead)
            self._moves.dirty |= life.dependents
        if life.is_living:
            if dead:
                self._moves.stop(life, now, **self._blocked(dead))
            elif life.status.state == "starting":
                self._settle_start(life, now)
        elif life.status.state != "stopping" and not life.is_ending:
            self._settle_rest(life, now, dead, pending)

    def _settle_start(self, life: Life, now: float) -> None:
        probe = life.program.probe
        if probe.kind == "none" and now >= life.settles_at:
            self._moves.become(life, "running", now, healthy_at=now)
        elif probe.kind != "none" and now >= life.times_out_at:
            detail = {"seconds": probe.start_period_s, "probe": life.status.last_probe}
            self._moves.become(life, "unhealthy", now, cause="start-timeout", detail=detail)

    def _settle_rest(self, life: Life, now: float, dead: list[str], pending: list[str]) -> None:
        """Nothing of it runs."""
        was_due, life.is_due = life.is_due, False
        if life.needs_swap:
            if not life.is_swapping:
                life.is_swapping = True
                self._moves.actions.append(Swap(life.name, life.is_leaving))
        elif self.is_stopping or not life.is_wanted or life.status.state not in {"waiting", "blocked", "backoff"}:
            pass
        elif dead:
            self._moves.become(life, "blocked", now, waits_for=tuple(dead), **self._blocked(dead))
        elif life.status.retry_at is not None and now < life.status.retry_at:
            pass
        elif pending:
            detail = {"programs": pending}
            self._moves.become(life, "waiting", now, cause="waiting-for", detail=detail, waits_for=tuple(pending))
        else:
            life.is_due = True
            if not was_due:
                self._moves.actions.append(Spawn(life.name, life.stand_in))

    def _advance_stop(self, name: str, now: float) -> None:
        life = self._lives.get(name)
        if life is None or life.status.state != "stopping" or life.status.pid is None:
            self._moves.ending.discard(name)
        elif not life.is_signalled and (now >= life.term_by or not self._lives.has_ending_dependents(life)):
            life.is_signalled = True
            life.kill_at = max(life.kill_at, now + life.program.stop_grace_s / 2)  # the machine may have slept
            self._moves.alarm(life.kill_at, life)
            self._moves.actions.append(Terminate(name))
        elif life.is_signalled and not life.is_killed and now >= life.kill_at:
            life.is_killed = True
            self._moves.actions.append(Kill(name))

    def _blocked(self, dead: list[str]) -> Mapping[str, Any]:
        cause = "blocked-by" if dead[0] in self._lives else "left-out"
        return {"cause": cause, "detail": {"program": dead[0]}}
