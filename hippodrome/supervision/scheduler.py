"""Order, health and restarts as a state machine: what happened goes in, what to do comes out. It touches nothing.

Every method that tells what happened takes the moment in Unix seconds; `take` then gives what is to be done.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from hippodrome.plan.conditions import Exit, State, Status, Verdict, verdict
from hippodrome.plan.model import DependsOn, Plan, Program
from hippodrome.supervision import restarts
from hippodrome.supervision.actions import Action, Kill, Record, Spawn, Swap, Sweep, Terminate, Unwatch, Watch
from hippodrome.supervision.life import Life

ORDER_S = 1.0  # at most this long a program is spared SIGTERM for the sake of dependents that are ending
CLEAR_S = 1.0  # for what a crashed process left behind, before it is killed


class Scheduler:
    """All programs of the plan. `version` grows with every change that anybody could see."""

    def __init__(self, plan: Plan, *, version: int = 1) -> None:
        self.plan = plan
        self.version = version
        self.is_stopping = False
        self._lives: dict[str, Life] = {}
        self._actions: list[Action] = []
        self._dirty: set[str] = set()
        self._ending: set[str] = set()
        self._alarms: list[tuple[float, str]] = []
        self._ranks: dict[str, int] = {}
        self._take_in(plan, is_configured=True)

    # what it knows

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
        return self._alarms[0][0] if self._alarms else None

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
        taken, self._actions = self._actions, []
        return taken

    # what people want

    def begin(self, now: float) -> None:
        """Lets everything start."""
        self._dirty.update(self._lives)
        self._settle(now)

    def start(self, names: Iterable[str], now: float) -> None:
        """Wants these, and what they require, to run. Those that run are not touched."""
        if self.is_stopping:
            return
        wanted = list(names)
        for name in [*self._required_by(wanted), *wanted]:
            self._want(self._lives[name], now, is_named=name in wanted)
        self._settle(now)

    def stop(self, names: Iterable[str], now: float) -> None:
        """Wants these to rest; what requires them is stopped with them, and waits for them to come back."""
        for name in names:
            self._unwant(self._lives[name], now)
        self._settle(now)

    def restart(self, names: Iterable[str], reason: str, now: float) -> None:
        """Wants these to run anew."""
        if self.is_stopping:
            return
        wanted = list(names)
        for name in self._required_by(wanted):
            self._want(self._lives[name], now, is_named=False)
        for name in wanted:
            life = self._lives[name]
            life.reason, life.failures = reason, 0
            if life.is_living:
                life.is_wanted = True
                self._stop(life, now)
            else:
                self._want(life, now, is_named=True)
        self._settle(now)

    def shutdown(self, now: float) -> None:
        """Everything is to end."""
        self.is_stopping = True
        self.version += 1
        self.stop(list(self._lives), now)

    def replan(self, plan: Plan, changed: Collection[str], now: float) -> None:
        """Takes over `plan`. What is gone from it, and `changed`, is stopped and swapped; the rest runs on."""
        if self.is_stopping:
            return
        for life in self._lives.values():
            if life.name not in plan:
                life.is_leaving, life.is_wanted = True, False
                self._unwant(life, now)
        before = {name: life.program for name, life in self._lives.items()}
        self._take_in(plan, is_configured=False)
        for name in plan.names:
            life = self._lives[name]
            if name in changed:
                self._renew(life, now)
            elif before.get(name, life.program).probe != life.program.probe and life.is_living:
                self._rewatch(life, now)
        self.version += 1
        self._dirty.update(self._lives)
        self._settle(now)

    # what happened

    def tick(self, now: float) -> None:
        """Time has passed."""
        while self._alarms and self._alarms[0][0] <= now:
            _, name = heapq.heappop(self._alarms)
            if life := self._lives.get(name):
                self._dirty |= {name, *life.dependents}
        self._settle(now)

    def spawned(self, name: str, pid: int, now: float) -> None:
        """Its process was started."""
        life = self._lives[name]
        self._enter(life, pid, now)
        self._settle(now)

    def adopted(self, name: str, pid: int, now: float) -> None:
        """Somebody has started it past us: by hand, then. One that should not run, or not so, is stopped."""
        life = self._lives[name]
        life.is_swapping = False
        life.is_wanted = not (self.is_stopping or life.is_leaving)
        life.reason = "by hand"
        if life.is_wanted:
            for required in self._required_by([name]):
                self._want(self._lives[required], now, is_named=False)
        self._enter(life, pid, now)
        if not life.is_wanted or life.needs_swap:
            self._stop(life, now)
        self._settle(now)

    def refused(self, name: str, cause: str, detail: dict[str, Any], now: float) -> None:
        """Its process could not be started."""
        self._become(self._lives[name], "failed", now, cause=cause, detail=detail)
        self._settle(now)

    def stopping_by_hand(self, name: str, now: float) -> None:
        """Somebody has sent it its stop signal past us."""
        life = self._lives[name]
        life.is_wanted = False
        if life.is_living:
            self._stop(life, now)
        life.is_signalled = True
        self._touch(life)
        self._settle(now)

    def ended(self, name: str, pid: int, end: Exit, now: float, *, has_left: bool) -> None:
        """Its process `pid` has ended; what is left of it (`has_left`: something is) is to be swept."""
        life = self._lives[name]
        if life.status.pid != pid:
            return
        life.is_ending = True
        if life.status.state == "stopping":
            self._change(life, pid=None, last_exit=end)
            self._actions.append(Sweep(name, pid, max(0.0, life.kill_at - now)))
        else:
            self._judge(life, end, now, has_left=has_left)
            self._actions.append(Sweep(name, pid, CLEAR_S))
        self._settle(now)

    def swept(self, name: str, now: float) -> None:
        """Nothing is left of its process."""
        life = self._lives[name]
        life.is_ending = False
        if life.status.state == "stopping" and life.status.pid is None:
            self._rest(life, now)
        self._touch(life)
        self._settle(now)

    def failed_to_start(self, name: str, pid: int, error: str, now: float) -> None:
        """What should have become its process could not become it."""
        life = self._lives[name]
        if life.status.pid == pid and life.is_living:
            life.doom = ("spawn-failed", {"error": error})
            self._stop(life, now)
        self._settle(now)

    def passed(self, name: str, pid: int, now: float) -> None:
        """A health check passed."""
        life = self._lives[name]
        if life.status.pid != pid or not life.is_living:
            return
        life.misses = 0
        if life.status.state != "healthy":
            self._become(life, "healthy", now, healthy_at=life.status.healthy_at or now, last_probe="")
        self._settle(now)

    def missed(self, name: str, pid: int, seen: str, now: float) -> None:
        """A health check failed; `seen` is what it saw."""
        life = self._lives[name]
        if life.status.pid != pid or not life.is_living:
            return
        life.misses += 1
        if life.status.state == "healthy" and life.misses >= life.program.probe.retries:
            detail = {"probe": seen, "failures": life.misses}
            self._become(life, "unhealthy", now, cause="unhealthy", detail=detail)
        self._change(life, last_probe=seen)
        self._settle(now)

    def misplaced(self, name: str, pid: int, cause: str, detail: dict[str, Any], now: float) -> None:
        """It answers, but not from a port that it holds itself."""
        life = self._lives[name]
        if life.status.pid == pid and life.is_living:
            life.doom = (cause, detail)
            self._stop(life, now, cause=cause, detail=detail)
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
                self._become(life, "failed", now, cause="spawn-failed", detail={"error": error})
        self.version += 1
        self._dirty |= {name, *life.dependents}
        self._settle(now)

    # one program

    def _want(self, life: Life, now: float, *, is_named: bool) -> None:
        """A dependency that ended well is not run again unless it is named."""
        life.is_wanted = not life.is_leaving
        state = life.status.state
        is_done = life.status.has_completed and not is_named
        if (state in {"stopped", "failed", "exited"} and not is_done) or (is_named and state == "backoff"):
            life.failures = 0
            self._become(life, "waiting", now)
        if state == "stopping":
            life.doom = None
        self._touch(life)

    def _unwant(self, life: Life, now: float) -> None:
        life.is_wanted = False
        if life.is_living:
            self._stop(life, now)
        elif life.status.state in {"waiting", "blocked", "backoff", "failed"}:
            self._become(life, "stopped", now, cause="stopped-by-hand")
        self._touch(life)

    def _renew(self, life: Life, now: float) -> None:
        life.is_configured = False
        life.reason, life.failures = "configuration changed", 0
        if life.is_living:
            self._stop(life, now)
        elif life.status.state in {"failed", "exited", "backoff", "blocked"} and life.is_wanted:
            self._become(life, "waiting", now)

    def _enter(self, life: Life, pid: int, now: float) -> None:
        """A new life begins; nothing of the last one counts."""
        life.is_due = life.is_signalled = False
        life.misses, life.doom = 0, None
        is_again = life.status.started_at is not None
        life.status = replace(life.status, healthy_at=None, last_probe="")
        self._become(
            life,
            "starting",
            now,
            reason=life.reason if is_again else "",
            pid=pid,
            started_at=now,
            restarts=life.status.restarts + is_again,
            restart_reason=life.reason if is_again else "",
            fingerprint=life.program.fingerprint,
        )
        life.reason = ""
        self._alarm(life.settles_at, life)
        if life.program.probe.kind != "none":
            self._alarm(life.times_out_at, life)
            self._watch(life, is_new=True)

    def _watch(self, life: Life, *, is_new: bool) -> None:
        program, pid = life.program, life.status.pid
        if pid is not None:
            self._actions.append(Watch(life.name, pid, program.probe, program.host, program.port, is_new))

    def _rewatch(self, life: Life, now: float) -> None:
        """Its process lives on, and is judged by another check."""
        life.misses = 0
        self._actions.append(Unwatch(life.name))
        if life.program.probe.kind == "none":
            self._become(life, "running", now, healthy_at=life.status.healthy_at or now)
        else:
            self._alarm(life.times_out_at, life)
            self._watch(life, is_new=life.status.healthy_at is None)

    def _stop(self, life: Life, now: float, *, cause: str = "", detail: dict[str, Any] | None = None) -> None:
        grace_s = life.program.stop_grace_s
        life.is_signalled = life.is_killed = False
        life.kill_at = now + grace_s
        life.term_by = now + min(ORDER_S, grace_s / 2)
        self._actions.append(Unwatch(life.name))
        self._become(life, "stopping", now, cause=cause, detail=detail, reason=life.reason)
        self._alarm(life.term_by, life)
        self._alarm(life.kill_at, life)

    def _judge(self, life: Life, end: Exit, now: float, *, has_left: bool) -> None:
        """It ended unasked."""
        self._actions.append(Unwatch(life.name))
        found = restarts.judge(
            restarts.Ending(
                exit=end,
                was_ready=life.status.healthy_at is not None,
                is_service=life.program.probe.kind != "none",
                restart=life.program.restart,
                failures=life.failures,
                has_left=has_left,
            )
        )
        life.failures = found.failures
        life.reason = "crashed"
        retry_at = now + found.delay_s if found.state == "backoff" else None
        facts: dict[str, Any] = {"pid": None, "last_exit": end, "retry_at": retry_at}
        self._become(life, found.state, now, cause=found.cause, detail=found.detail, **facts)
        if retry_at is not None:
            self._alarm(retry_at, life)

    def _rest(self, life: Life, now: float) -> None:
        """It has stopped because it was told to."""
        doom, life.doom = life.doom, None
        if doom and life.is_wanted:
            self._become(life, "failed", now, cause=doom[0], detail=doom[1])
        elif life.is_wanted:
            self._become(life, "waiting", now)
        else:
            self._become(life, "stopped", now, cause="stopped-by-hand")

    # all programs

    def _settle(self, now: float) -> None:
        """Brings every program that something has happened to where it should be, until nothing more follows."""
        while self._dirty:
            dirty, self._dirty = self._dirty, set()
            for name in sorted(dirty, key=lambda each: self._ranks.get(each, 0)):
                if life := self._lives.get(name):
                    self._settle_one(life, now)
        for name in tuple(self._ending):
            self._advance_stop(name, now)

    def _settle_one(self, life: Life, now: float) -> None:
        dead, pending = self._held_by(life, now)
        if life.is_blocked != bool(dead):
            life.is_blocked = bool(dead)
            self._dirty |= life.dependents
        if life.is_living:
            if dead:
                self._stop(life, now, **self._blocked(dead))
            elif life.status.state == "starting":
                self._settle_start(life, now)
        elif life.status.state != "stopping" and not life.is_ending:
            self._settle_rest(life, now, dead, pending)

    def _settle_start(self, life: Life, now: float) -> None:
        probe = life.program.probe
        if probe.kind == "none" and now >= life.settles_at:
            self._become(life, "running", now, healthy_at=now)
        elif probe.kind != "none" and now >= life.times_out_at:
            detail = {"seconds": probe.start_period_s, "probe": life.status.last_probe}
            self._become(life, "unhealthy", now, cause="start-timeout", detail=detail)

    def _settle_rest(self, life: Life, now: float, dead: list[str], pending: list[str]) -> None:
        """Nothing of it runs."""
        was_due, life.is_due = life.is_due, False
        if life.needs_swap:
            if not life.is_swapping:
                life.is_swapping = True
                self._actions.append(Swap(life.name, life.is_leaving))
        elif self.is_stopping or not life.is_wanted or life.status.state not in {"waiting", "blocked", "backoff"}:
            pass
        elif dead:
            self._become(life, "blocked", now, waits_for=tuple(dead), **self._blocked(dead))
        elif life.status.retry_at is not None and now < life.status.retry_at:
            pass
        elif pending:
            detail = {"programs": pending}
            self._become(life, "waiting", now, cause="waiting-for", detail=detail, waits_for=tuple(pending))
        else:
            life.is_due = True
            if not was_due:
                self._actions.append(Spawn(life.name))

    def _advance_stop(self, name: str, now: float) -> None:
        life = self._lives.get(name)
        if life is None or life.status.state != "stopping" or life.status.pid is None:
            self._ending.discard(name)
        elif not life.is_signalled and (now >= life.term_by or not self._has_ending_dependents(life)):
            life.is_signalled = True
            life.kill_at = max(life.kill_at, now + life.program.stop_grace_s / 2)  # the machine may have slept
            self._alarm(life.kill_at, life)
            self._actions.append(Terminate(name))
        elif life.is_signalled and not life.is_killed and now >= life.kill_at:
            life.is_killed = True
            self._actions.append(Kill(name))

    def _has_ending_dependents(self, life: Life) -> bool:
        others = (self._lives[name] for name in life.dependents if name in self._lives)
        return any(other.status.state == "stopping" for other in others)

    def _held_by(self, life: Life, now: float) -> tuple[list[str], list[str]]:
        """Dependencies that can never be as they should, and those that are not yet so."""
        dead: list[str] = []
        pending: list[str] = []
        for dependency in life.program.depends_on:
            found = self._verdict(dependency, now)
            if found == "never" and dependency.is_required:
                dead.append(dependency.program)
            elif found == "not yet":
                pending.append(dependency.program)
        return dead, pending

    def _verdict(self, dependency: DependsOn, now: float) -> Verdict:
        other = self._lives.get(dependency.program)
        if other is None:
            return "never"
        if dependency.condition == "started" and other.may_fail_at_once(now):
            return "not yet"  # one that does lets nothing start
        return verdict(dependency.condition, other.outlook)

    def _blocked(self, dead: list[str]) -> Mapping[str, Any]:
        cause = "blocked-by" if dead[0] in self._lives else "left-out"
        return {"cause": cause, "detail": {"program": dead[0]}}

    def _required_by(self, names: Iterable[str]) -> list[str]:
        """What these require, however far down, without themselves."""
        found: dict[str, None] = dict.fromkeys(names)
        named = len(found)
        for name in (queue := list(found)):
            for dependency in self._lives[name].program.depends_on:
                if dependency.is_required and dependency.program in self._lives and dependency.program not in found:
                    found[dependency.program] = None
                    queue.append(dependency.program)
        return list(found)[named:]

    def _become(
        self,
        life: Life,
        state: State,
        now: float,
        *,
        cause: str = "",
        detail: dict[str, Any] | None = None,
        reason: str = "",
        **fields: Any,
    ) -> None:
        old = life.status
        fresh = {"retry_at": None, "waits_for": ()} | fields
        since = old.since if old.state == state else now
        new = replace(old, state=state, cause=cause, detail=detail or {}, since=since, **fresh)
        if new == old:
            return
        life.status = new
        self.version += 1
        if state == "stopping":
            self._ending.add(life.name)
        self._actions.append(Record(new, reason, now))
        self._touch(life)

    def _change(self, life: Life, **fields: Any) -> None:
        """A fact that is no change of state."""
        new = replace(life.status, **fields)
        if new != life.status:
            life.status = new
            self.version += 1

    def _touch(self, life: Life) -> None:
        self._dirty |= {life.name, *life.dependents}

    def _alarm(self, at: float, life: Life) -> None:
        heapq.heappush(self._alarms, (at, life.name))

    def _take_in(self, plan: Plan, *, is_configured: bool) -> None:
        """The plan's programs in its order, those that are known with their lives; what is leaving comes last."""
        self.plan = plan
        leaving = {name: life for name, life in self._lives.items() if name not in plan}
        known = self._lives
        self._lives = {}
        for program in plan.programs:
            fresh = Life(program, Status(program.name, "waiting"), is_configured=is_configured)
            life = known.get(program.name, fresh)
            if life.is_leaving:
                life.is_leaving, life.is_configured, life.is_wanted = False, False, True
            life.program = program
            life.dependents = set()
            self._lives[program.name] = life
        self._lives |= leaving
        for life in self._lives.values():
            for dependency in life.program.depends_on:
                if other := self._lives.get(dependency.program):
                    other.dependents.add(life.name)
        self._ranks = _ranks(self._lives)


def _ranks(lives: Mapping[str, Life]) -> dict[str, int]:
    """Lower is first: what the longest chain of others waits for."""
    heights: dict[str, int] = {}
    for name in reversed(list(lives)):  # dependents come after what they depend on
        heights[name] = 1 + max((heights.get(other, 0) for other in lives[name].dependents), default=0)
    return {name: -height for name, height in heights.items()}
