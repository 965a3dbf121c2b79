"""One program as the scheduler keeps it: what is wanted of it, and how its present life goes."""

from dataclasses import dataclass, field, replace
from typing import Any

from hippodrome.plan.conditions import LIVING, SETTLED, Status
from hippodrome.plan.model import Program

SETTLE_S = 0.5  # a program without a check that lives this long did not fail at once


@dataclass
class Life:
    """`status` is what everybody sees; the rest decides what comes next. Moments are Unix seconds."""

    program: Program
    status: Status
    is_wanted: bool = True
    is_configured: bool = True  # supervisord knows it as it should be; False until it was added or swapped
    is_leaving: bool = False  # no longer in the plan: goes for good once it has ended
    is_blocked: bool = False  # a required dependency is dead for good
    is_due: bool = False  # it is to be started, in this turn
    is_ending: bool = False  # its process has ended; what may be left of it is being ended
    is_signalled: bool = False  # while stopping: SIGTERM was sent
    is_killed: bool = False  # while stopping: SIGKILL was sent
    term_by: float = 0.0  # while stopping: when it is sent SIGTERM, whether its dependents have ended or not
    kill_at: float = 0.0
    failures: int = 0  # lives in a row that ended badly
    misses: int = 0  # probes in a row that failed, once healthy
    is_swapping: bool = False  # supervisord is being told
    reason: str = ""  # of the next start
    stand_in: tuple[str, ...] = ()  # what its next life runs instead, while somebody runs it by hand
    is_kept: bool = True  # it goes on by itself once it is given back
    is_by_hand: bool = False  # its present life is that of a stand-in
    doom: tuple[str, dict[str, Any]] | None = None  # it fails with this cause once it has stopped
    dependents: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def is_living(self) -> bool:
        return self.status.state in LIVING

    @property
    def has_process(self) -> bool:
        """Whether something of it may still run, so that nothing new may be started."""
        return self.is_living or self.status.state == "stopping" or self.is_ending

    @property
    def needs_swap(self) -> bool:
        return self.is_leaving or not self.is_configured

    @property
    def settles_at(self) -> float:
        return (self.status.started_at or 0.0) + SETTLE_S

    @property
    def times_out_at(self) -> float:
        return (self.status.started_at or 0.0) + self.program.probe.start_period_s

    def may_fail_at_once(self, now: float) -> bool:
        """Whether it is starting, and not yet long enough to be counted on."""
        return self.status.state == "starting" and now < self.settles_at

    @property
    def outlook(self) -> Status:
        """What it will be when what is under way has ended: what dependents are judged by."""
        if self.status.state == "stopping":
            if self.doom:
                return replace(self.status, state="failed")
            if not self.is_wanted or self.is_leaving:
                return replace(self.status, state="stopped")
            return replace(self.status, state="blocked" if self.is_blocked else "stopping")
        is_dead = self.status.state in SETTLED and not self.status.has_completed
        return replace(self.status, state="stopping") if self.is_ending and not is_dead else self.status
