"""Following a start until all is ready or will not be."""

from collections.abc import Callable
from dataclasses import dataclass

from hippodrome.cli.screen import Screen
from hippodrome.control.rpc import Supervisor
from hippodrome.diagnose.report import failure
from hippodrome.errors import ExitCode
from hippodrome.plan.conditions import SETTLED, Snapshot, Status
from hippodrome.plan.model import Plan
from hippodrome.rundir import Instance
from hippodrome.wait import Deadline

TURN_S = 0.15  # how often it is told how far everything is; asking at each change would slow what is starting


@dataclass(frozen=True)
class Outcome:
    """How a start ended. `failed`: the required programs that are not ready."""

    snapshot: Snapshot
    failed: tuple[str, ...]
    is_out_of_time: bool = False

    @property
    def exit_code(self) -> ExitCode:
        if not self.failed:
            return ExitCode.OK
        return ExitCode.TIMED_OUT if self.is_out_of_time else ExitCode.FAILED


def follow_start(
    instance: Instance, plan: Plan, screen: Screen, deadline: Deadline, is_off: Callable[[], bool] = lambda: False
) -> Outcome:
    """Returns as soon as every program is ready or settled, time is over, or `is_off`: it matters no more."""
    supervisor = Supervisor(instance.layout)
    told: set[str] = set()
    pending = plan.names
    while True:
        snapshot = supervisor.wait(pending, "healthy", min(TURN_S, deadline.left))  # answers at once when all are
        screen.states(plan, snapshot)
        for status in snapshot.statuses:
            if is_failing(status) and status.name not in told:
                told.add(status.name)
                screen.failure(failure(plan, snapshot, status.name, instance.layout))
        pending = tuple(status.name for status in snapshot.statuses if not (status.is_ready or is_over(status)))
        if deadline.is_over or not pending or is_off():
            return Outcome(snapshot, not_ready(plan, snapshot), deadline.is_over)


def is_failing(status: Status) -> bool:
    """Whether a person should hear of it now; what is merely blocked is told by the one that blocks it."""
    badly_ended = status.state == "exited" and not status.has_completed
    return status.state in {"failed", "backoff"} or badly_ended or status.cause == "start-timeout"


def is_over(status: Status) -> bool:
    """Whether waiting longer is of no use."""
    return status.state in SETTLED or status.cause == "start-timeout"


def not_ready(plan: Plan, snapshot: Snapshot) -> tuple[str, ...]:
    """Programs that the profile requires and that are not ready."""
    ready = {status.name for status in snapshot.statuses if status.is_ready}
    return tuple(program.name for program in plan.programs if program.is_required and program.name not in ready)
