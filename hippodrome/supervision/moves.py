"""What becomes of one program at a time: its states, and what follows from each."""

import heapq
from dataclasses import replace
from typing import Any

from hippodrome.plan.conditions import LIVING, Exit, State
from hippodrome.supervision import by_hand, restarts
from hippodrome.supervision.actions import Action, Record, Unwatch, Watch
from hippodrome.supervision.life import Life

ORDER_S = 1.0  # at most this long a program is spared SIGTERM for the sake of dependents that are ending


class Moves:
    """Changes lives, and notes what comes of that: what is to be done, who must be looked at again, and when."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.actions: list[Action] = []
        self.dirty: set[str] = set()
        self.ending: set[str] = set()
        self.alarms: list[tuple[float, str]] = []

    def want(self, life: Life, now: float, *, is_named: bool) -> None:
        """A dependency that ended well is not run again unless it is named."""
        life.is_wanted = not life.is_leaving
        state = life.status.state
        is_done = life.status.has_completed and not is_named
        if (state in {"stopped", "failed", "exited"} and not is_done) or (is_named and state == "backoff"):
            life.failures = 0
            self.become(life, "waiting", now)
        if state == "stopping":
            life.doom = None
        self.touch(life)

    def unwant(self, life: Life, now: float) -> None:
        life.is_wanted = False
        if life.is_living:
            self.stop(life, now)
        elif life.status.state in {"waiting", "blocked", "backoff", "failed"}:
            self.become(life, "stopped", now, cause="stopped-by-hand")
        self.touch(life)

    def renew(self, life: Life, now: float) -> None:
        life.is_configured = False
        life.reason, life.failures = "configuration changed", 0
        if life.is_living:
            self.stop(life, now)
        elif life.status.state in {"failed", "exited", "backoff", "blocked"} and life.is_wanted:
            self.become(life, "waiting", now)

    def enter(self, life: Life, pid: int, now: float) -> None:
        """A new life begins; nothing of the last one counts."""
        life.is_due = life.is_signalled = False
        life.misses, life.doom = 0, None
        is_again = life.status.started_at is not None
        life.status = replace(life.status, healthy_at=None, last_probe="")
        self.become(
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
        self.alarm(life.settles_at, life)
        if life.program.probe.kind != "none":
            self.alarm(life.times_out_at, life)
            self.watch(life, is_new=True)

    def watch(self, life: Life, *, is_new: bool) -> None:
        program, pid = life.program, life.status.pid
        if pid is None:
            return
        if program.is_external:
            self.actions.append(Watch(life.name, pid, program.probe, program.host, None, is_new))
        elif life.is_by_hand:
            self.actions.append(Watch(life.name, pid, by_hand.probe(program), program.host, None, is_new))
        else:
            self.actions.append(Watch(life.name, pid, program.probe, program.host, program.port, is_new))

    def rewatch(self, life: Life, now: float) -> None:
        """Its process lives on, and is judged by another check."""
        life.misses = 0
        self.actions.append(Unwatch(life.name))
        if life.program.probe.kind == "none":
            self.become(life, "running", now, healthy_at=life.status.healthy_at or now)
        else:
            self.alarm(life.times_out_at, life)
            self.watch(life, is_new=life.status.healthy_at is None)

    def stop(self, life: Life, now: float, *, cause: str = "", detail: dict[str, Any] | None = None) -> None:
        grace_s = life.program.stop_grace_s
        life.is_signalled = life.is_killed = False
        life.kill_at = now + grace_s
        life.term_by = now + min(ORDER_S, grace_s / 2)
        self.actions.append(Unwatch(life.name))
        self.become(life, "stopping", now, cause=cause, detail=detail, reason=life.reason)
        self.alarm(life.term_by, life)
        self.alarm(life.kill_at, life)

    def judge(self, life: Life, end: Exit, now: float, *, has_left: bool) -> None:
        """It ended unasked."""
        self.actions.append(Unwatch(life.name))
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
        self.become(life, found.state, now, cause=found.cause, detail=found.detail, **facts)
        if retry_at is not None:
            self.alarm(retry_at, life)

    def take_back(self, life: Life, end: Exit, now: float) -> None:
        """Who ran it by hand has ended."""
        life.is_by_hand = False
        life.reason, life.failures = "given back", 0
        self.actions.append(Unwatch(life.name))
        self.change(life, pid=None, last_exit=end)
        life.is_wanted = life.is_wanted and life.is_kept
        if life.is_wanted:
            self.become(life, "waiting", now)
        else:
            self.become(life, "stopped", now, cause="stopped-by-hand")

    def rest(self, life: Life, now: float) -> None:
        """It has stopped because it was told to."""
        doom, life.doom, life.is_by_hand = life.doom, None, False
        if doom and life.is_wanted:
            self.become(life, "failed", now, cause=doom[0], detail=doom[1])
        elif life.is_wanted:
            self.become(life, "waiting", now)
        else:
            self.become(life, "stopped", now, cause="stopped-by-hand")

    def become(
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
        if life.is_by_hand and state in LIVING:
            cause = by_hand.CAUSE
        fresh = {"retry_at": None, "waits_for": ()} | fields
        since = old.since if old.state == state else now
        new = replace(old, state=state, cause=cause, detail=detail or {}, since=since, **fresh)
        if new == old:
            return
        life.status = new
        self.version += 1
        if state == "stopping":
            self.ending.add(life.name)
        self.actions.append(Record(new, reason, now))
        self.touch(life)

    def change(self, life: Life, **fields: Any) -> None:
        """A fact that is no change of state."""
        new = replace(life.status, **fields)
        if new != life.status:
            life.status = new
            self.version += 1

    def touch(self, life: Life) -> None:
        self.dirty |= {life.name, *life.dependents}

    def alarm(self, at: float, life: Life) -> None:
        heapq.heappush(self.alarms, (at, life.name))
