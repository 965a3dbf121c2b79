"""What is known of the stack, kept current by one long poll whatever the number of readers."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import time
from typing import Protocol

from hippodrome.errors import UserError
from hippodrome.plan.conditions import Snapshot
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan

POLL_S = 25.0
RETRY_S = (0.2, 2.0)  # the first and the longest pause while supervisord is gone


class Supervisor(Protocol):
    """The calls of `control.rpc.Supervisor` that are used here. Each raises UserError when nothing answers."""

    def changes(self, since: int, seconds: float) -> tuple[int, Snapshot]: ...
    def start(self, names: Sequence[str]) -> Snapshot: ...
    def stop(self, names: Sequence[str]) -> Snapshot: ...
    def restart(self, names: Sequence[str], reason: str) -> Snapshot: ...


@dataclass(frozen=True)
class Known:
    """What is known at one moment. While `problem` is set, nothing newer than `heard_at` is known."""

    version: int = 0
    plan: Plan | None = None
    snapshot: Snapshot | None = None
    problem: str = "not asked yet"
    heard_at: float = 0.0


class Feed:
    """Asks supervisord from `start` to `close`, in a thread of its own; readers `wait`."""

    def __init__(self, supervisor: Supervisor, layout: Layout) -> None:
        self._supervisor = supervisor
        self._layout = layout
        self._turn = threading.Condition()
        self._known = Known(plan=_read_plan(layout))
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._ask_for_ever, name="feed", daemon=True)

    def start(self) -> None:
        """Begins to ask."""
        self._thread.start()

    def close(self) -> None:
        """Ends the asking and every wait, at once."""
        self._is_closed.set()
        with self._turn:
            self._turn.notify_all()

    @property
    def is_closed(self) -> bool:
        return self._is_closed.is_set()

    @property
    def known(self) -> Known:
        return self._known

    def wait(self, version: int, seconds: float) -> Known:
        """What is known as soon as it is newer than `version`, or after `seconds`, or when closed."""
        with self._turn:
            self._turn.wait_for(lambda: self._known.version != version or self.is_closed, seconds)
            return self._known

    def _ask_for_ever(self) -> None:
        since, pause = 0, RETRY_S[0]
        while not self.is_closed:
            try:
                version, snapshot = self._supervisor.changes(since, POLL_S)
            except (UserError, OSError, ValueError, KeyError, TypeError) as error:  # also: another version's answer
                self._lose(error.problems[0].what if isinstance(error, UserError) else repr(error))
                self._is_closed.wait(pause)
                since, pause = 0, min(RETRY_S[1], pause * 2)
            else:
                pause = RETRY_S[0]
                if version != since or self._known.problem:
                    self._learn(snapshot)
                since = version

    def _learn(self, snapshot: Snapshot) -> None:
        known, plan = self._known, self._known.plan
        if known.snapshot is None or known.problem or known.snapshot.plan_digest != snapshot.plan_digest:
            plan = _read_plan(self._layout) or plan
        self._tell(Known(known.version + 1, plan, snapshot, "", time()))

    def _lose(self, problem: str) -> None:
        if self._known.problem != problem:
            last = self._known
            heard_at = last.heard_at if last.problem else time()  # until now the long poll stood
            plan = _read_plan(self._layout) or last.plan
            self._tell(replace(last, version=last.version + 1, plan=plan, problem=problem, heard_at=heard_at))

    def _tell(self, known: Known) -> None:
        with self._turn:
            self._known = known
            self._turn.notify_all()


def _read_plan(layout: Layout) -> Plan | None:
    try:
        return Plan.read(layout.plan)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def pids(known: Known) -> Mapping[str, int]:
    """Of the programs that have a process."""
    if known.snapshot is None or known.problem:
        return {}
    return {status.name: status.pid for status in known.snapshot.statuses if status.pid}
