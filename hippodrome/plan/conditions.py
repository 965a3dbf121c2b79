"""States of a program, conditions on them, and the one table that joins the two. Standard library only."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from hippodrome.plan.model import Condition

State = Literal[
    "waiting",  # wants to run; a dependency is not ready yet
    "blocked",  # wants to run; a required dependency can never become ready
    "starting",  # its process lives; the health check has not passed yet
    "running",  # its process lives, and nothing is declared that could be checked
    "healthy",  # its health check passes
    "unhealthy",  # was healthy, and its check has failed `retries` times in a row; its process lives
    "backoff",  # died, and will be started again at `retry_at`
    "stopping",
    "stopped",  # by hand, or not asked for
    "exited",  # ended by itself and will not be started again
    "failed",  # given up: `cause` says why
]

Verdict = Literal["met", "never", "not yet"]

LIVING: frozenset[State] = frozenset({"starting", "running", "healthy", "unhealthy"})
READY: frozenset[State] = frozenset({"running", "healthy"})
PROTOCOL = 1  # of status and calls between `hd` and supervisord's process; raised when either side would misread
SETTLED: frozenset[State] = frozenset({"blocked", "stopped", "exited", "failed"})  # nothing happens unasked


@dataclass(frozen=True)
class Exit:
    """How a process ended: exactly one of `code` and `signal` is set. `lived_s` is seconds."""

    code: int | None
    signal: int | None
    lived_s: float
    at: float


@dataclass(frozen=True)
class Status:
    """One program's state as supervisord's process knows it; times are Unix seconds.

    `cause` is a kebab-case code for what made the state (see `diagnose.why`), `detail` its facts:
    `{"port": 9001, "pid": 812, "command": "python", "user": "bob"}` for `port-taken`, and so on.
    """

    name: str
    state: State
    since: float = 0.0
    pid: int | None = None
    started_at: float | None = None
    healthy_at: float | None = None
    restarts: int = 0
    restart_reason: str = ""
    retry_at: float | None = None
    last_exit: Exit | None = None
    last_probe: str = ""  # what the last failed probe saw: `connection refused`, `HTTP 503`
    waits_for: tuple[str, ...] = ()  # programs that hold it back, for `waiting` and `blocked`
    cause: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    fingerprint: str = ""  # of the program as its process was started

    @property
    def is_ready(self) -> bool:
        """Whether dependents that want it healthy may start; a one-shot that ended well counts."""
        return self.state in READY or self.has_completed

    @property
    def has_completed(self) -> bool:
        return self.state == "exited" and self.last_exit is not None and self.last_exit.code == 0

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> "Status":
        """From its JSON form, which is `dataclasses.asdict` of it."""
        last_exit = told.get("last_exit")
        return cls(
            **{
                **told,
                "waits_for": tuple(told.get("waits_for", ())),
                "last_exit": Exit(**last_exit) if last_exit else None,
            }
        )


@dataclass(frozen=True)
class Snapshot:
    """What supervisord's process knows of all programs at one moment, in the plan's order."""

    statuses: tuple[Status, ...]
    plan_digest: str  # of the plan it runs
    pid: int  # of supervisord
    started_at: float
    is_stopping: bool = False
    protocol: int = PROTOCOL

    def status(self, name: str) -> Status:
        """Raises KeyError."""
        return next(status for status in self.statuses if status.name == name)

    def only(self, names: Iterable[str]) -> "Snapshot":
        """The same moment, of these programs alone."""
        wanted = set(names)
        return replace(self, statuses=tuple(status for status in self.statuses if status.name in wanted))

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> "Snapshot":
        """From its JSON form, which is `dataclasses.asdict` of it."""
        return cls(**{**told, "statuses": tuple(Status.from_dict(status) for status in told["statuses"])})


MET_BY: dict[Condition, Callable[[Status], bool]] = {
    "started": lambda status: status.state in LIVING or status.has_completed,
    "healthy": lambda status: status.is_ready,
    "completed": lambda status: status.has_completed,
}


def verdict(condition: Condition, status: Status) -> Verdict:
    """Whether `status` meets `condition`, still may, or never will by itself."""
    if MET_BY[condition](status):
        return "met"
    return "never" if status.state in SETTLED else "not yet"


def joined(verdicts: Iterable[Verdict]) -> Verdict:
    """Of several: `never` if one is, else `not yet` if one is, else `met`."""
    found = set(verdicts)
    return "never" if "never" in found else "not yet" if "not yet" in found else "met"
