"""Bringing an instance to a plan: the one way that `hd up`, the dashboard and the watcher share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hippodrome.bootstrap.steps import Failure, Progress
from hippodrome.control import daemon, kept, lost, orphans, stop
from hippodrome.control.bounds import remove_staged, tidy
from hippodrome.control.change import compared, resumable
from hippodrome.control.converge import converge, reason_for_restart
from hippodrome.control.daemon import Launch, has_daemon
from hippodrome.control.delta import Delta
from hippodrome.control.foreign import refuse_foreign_ports
from hippodrome.control.kept import Cause
from hippodrome.control.rpc import Supervisor
from hippodrome.control.secret_values import read_secrets
from hippodrome.control.set_up import Ready, set_up
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.files import File
from hippodrome.plan.conditions import Snapshot
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Frozen, Plan
from hippodrome.rundir import (
    Instance,
    locked,
    new_record,
    prepare,
    read_plan,
    read_record,
    remove_all_but,
    write_generation,
    write_record,
)
from hippodrome.targets import supervisord
from hippodrome.wait import Deadline

LOCK_S = 600.0  # another hd may be at a long set-up; the wait is said, and Ctrl+C ends it


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to bring about. `frozen` holds for a supervisord that is started now; a running one keeps its own.

    `is_strict`: no service is left out because its set-up failed. `may_restart`: whether supervisord itself may be
    restarted, which ends what calls this from inside the stack. `resumes`: what was stopped by hand or given up is
    started. `cause` is kept with the plan.
    """

    plan: Plan
    frozen: Frozen
    is_strict: bool = False
    may_restart: bool = True
    resumes: bool = False
    cause: Cause = field(default_factory=Cause)


@dataclass(frozen=True)
class Story:
    """Where it is told how things go: a line to a person, and progress of the set-up."""

    notice: Callable[[str], None] = lambda _: None
    progress: Callable[[Progress], None] = lambda _: None


@dataclass(frozen=True)
class Applied:
    """What was done. `plan` lacks what had to be left out, and what depended on it; `lost` of that was required."""

    plan: Plan
    delta: Delta
    has_started: bool = False  # supervisord was started for it
    setup_failures: tuple[Failure, ...] = ()
    lost: tuple[str, ...] = ()
    resumed: tuple[str, ...] = ()


def rendered(instance: Instance, plan: Plan, secrets: Mapping[str, Mapping[str, str]] | None = None) -> list[File]:
    """The files of the run directory; secrets that are not given are masked."""
    return supervisord.render(plan, layout=instance.layout, secrets=secrets)


def bring_up(
    instance: Instance, request: Request, launch: Launch | None = None, story: Story | None = None
) -> Applied:
    """Sets up, writes, and starts supervisord or converges a running one; returns before services are healthy.

    `launch`: what `daemon.prelaunch` gave, if it was called; it is used or cancelled. Raises UserError.
    """
    try:
        prepare(instance)
        story = story or Story()
        with locked(instance, Deadline(LOCK_S), story.notice):
            return _bring_up(instance, request, launch, story)
    finally:
        if launch:
            launch.cancel()


def _bring_up(instance: Instance, request: Request, launch: Launch | None, story: Story) -> Applied:
    layout = instance.layout
    is_up = has_daemon(layout)
    running = read_plan(layout) if is_up else None
    vital = request.plan.names if request.is_strict else running.names if running else ()
    ready = set_up(request.plan, layout, vital=vital, tell=story)
    secrets = read_secrets(ready.plan)
    refuse_foreign_ports(instance, ready.plan, secrets)
    files = rendered(instance, ready.plan, secrets)
    tidy(layout, ready.plan)
    frozen = request.frozen
    if is_up:
        if not (reason := reason_for_restart(layout, files)):
            return _converge(layout, request, ready, files)
        if not request.may_restart:
            problem = Problem("restart-needed", f"{reason}: supervisord must be restarted", "`hd up -d` does that.")
            raise UserError(problem, exit_code=ExitCode.CONFLICT)
        living = ", ".join(each.name for each in Supervisor(layout).listed() if each.pid)
        story.notice(f"Restarting supervisord and every service: {reason}. These run now: {living or 'none'}.")
        record = read_record(layout)
        frozen = record.frozen if record else frozen  # which the plan was compiled with
        stop.end(instance)
    _sweep(layout, story)
    remove_staged(layout)
    change = Delta(add=ready.plan.names)
    kept.begin(layout, ready.plan, compared(None, ready.plan, change), request.cause)
    _start(launch or daemon.prelaunch(instance), frozen, files)
    return Applied(ready.plan, change, True, ready.failures, ready.lost)


def _converge(layout: Layout, request: Request, ready: Ready, files: list[File]) -> Applied:
    before = read_plan(layout)

    def keep(change: Delta, snapshot: Snapshot) -> None:
        as_they_are = tuple(s.name for s in snapshot.statuses if s.is_ready and s.name in change.keep)
        told = compared(before, ready.plan, change)
        kept.begin(layout, ready.plan, told, request.cause, ready=as_they_are)

    supervisor = Supervisor(layout)
    resumed = resumable(supervisor.status(), ready.plan.names) if request.resumes else ()
    change = converge(layout, ready.plan, files, keep)
    if request.cause.command:
        kept.note_choice(layout, request.cause.choice)
    if resumed:
        supervisor.start(resumed)
    return Applied(ready.plan, change, False, ready.failures, ready.lost, resumed)


def _sweep(layout: Layout, story: Story) -> None:
    if lost.end(layout):
        story.notice("Ended a stack whose run directory was deleted while it ran.")
    earlier = read_record(layout)
    if earlier and (swept := orphans.sweep(earlier.stack_id)):
        story.notice(f"Ended {len(swept)} processes that an earlier stack left behind.")


def _start(launch: Launch, frozen: Frozen, files: list[File]) -> None:
    layout = launch.instance.layout
    try:
        write_record(layout, new_record(launch.stack_id, frozen))
        write_generation(layout, files)
        remove_all_but(layout, files)
        launch.go()
    finally:
        launch.cancel()
