"""Bringing an instance to a plan: the one way that `hd up`, the dashboard and the watcher share."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from hippodrome.bootstrap import steps
from hippodrome.bootstrap.steps import Failure, Progress
from hippodrome.control import daemon, orphans
from hippodrome.control.daemon import Launch
from hippodrome.control.delta import Delta, delta, fingerprints
from hippodrome.control.rpc import Supervisor, is_running
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.files import File
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Frozen, LeftOut, Plan
from hippodrome.rundir import (
    Instance,
    Record,
    locked,
    prepare,
    read_plan,
    read_record,
    write_generation,
    write_record,
)
from hippodrome.secret import Secret
from hippodrome.targets import supervisord
from hippodrome.version import version
from hippodrome.wait import Deadline

LOCK_S = 60.0
SECRET_S = 60.0

Notice = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What to bring about. `frozen` holds for a supervisord that is started now; a running one keeps its own."""

    plan: Plan
    frozen: Frozen
    is_strict: bool = False


@dataclass(frozen=True)
class Story:
    """Where it is told how things go: a line to a person, and progress of the set-up."""

    notice: Notice = lambda _: None
    progress: Callable[[Progress], None] = lambda _: None


@dataclass(frozen=True)
class Applied:
    """What was done. `plan` lacks what had to be left out, and what depended on it."""

    plan: Plan
    delta: Delta
    has_started: bool = False  # supervisord was started for it
    setup_failures: tuple[Failure, ...] = field(default=())


def rendered(instance: Instance, plan: Plan, secrets: Mapping[str, Mapping[str, str]] | None = None) -> list[File]:
    """The files of the run directory; secrets that are not given are masked."""
    return supervisord.render(plan, layout=instance.layout, secrets=secrets)


def bring_up(
    instance: Instance, request: Request, launch: Launch | None = None, story: Story | None = None
) -> Applied:
    """Sets up, writes, and starts supervisord or converges a running one; returns before services are healthy.

    `launch` is what `daemon.prelaunch` gave, when nothing was running. Raises UserError; then nothing has changed.
    """
    story = story or Story()
    prepare(instance)
    with locked(instance, Deadline(LOCK_S)):
        plan, failures = _set_up(instance.layout, request, story)
        secrets = read_secrets(plan)
        files = rendered(instance, plan, secrets)
        if is_running(instance.layout):
            if launch:
                launch.cancel()
            change = _converge(instance, plan, files)
            return Applied(plan, change, setup_failures=failures)
        _start(instance, request.frozen, files, launch or daemon.prelaunch(instance), story)
        return Applied(plan, Delta(add=plan.names), has_started=True, setup_failures=failures)


def _start(instance: Instance, frozen: Frozen, files: list[File], launch: Launch, story: Story) -> None:
    layout = instance.layout
    earlier = read_record(layout)
    if earlier and (swept := orphans.sweep(earlier.stack_id)):
        story.notice(f"Ended {len(swept)} processes that an earlier stack left behind.")
    write_record(layout, Record(launch.stack_id, frozen, version()))
    write_generation(layout, files)
    launch.go()


def _converge(instance: Instance, plan: Plan, files: list[File]) -> Delta:
    layout = instance.layout
    before = {file.path: _read(layout.run_dir / file.path) for file in files}
    if all(before[file.path] == file.text for file in files):
        return Delta(keep=plan.names)
    running = read_plan(layout)
    planned = delta(plan, fingerprints(running) if running else {})
    write_generation(layout, files)
    supervisor = Supervisor(layout)
    try:
        seen = supervisor.reread()
    except UserError:
        write_generation(layout, [File(path, text) for path, text in before.items() if text is not None])
        raise
    changed = replace(planned, change=tuple(name for name in plan.names if name in {*planned.change, *seen.changed}))
    supervisor.apply(
        {
            "added": list(seen.added),
            "changed": list(seen.changed),
            "removed": list(seen.removed),
            "plan": str(layout.plan),
        }
    )
    return replace(changed, keep=tuple(name for name in planned.keep if name not in seen.changed))


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None


def _set_up(layout: Layout, request: Request, story: Story) -> tuple[Plan, tuple[Failure, ...]]:
    jobs = steps.pending(request.plan)
    if not jobs:
        return request.plan, ()
    failures = steps.run(jobs, story.progress, layout.setup_log)
    for_want_of_node = [failure for failure in failures if failure.kind == "node"]
    if request.is_strict and failures:
        raise UserError(*(_problem(failure) for failure in failures), exit_code=ExitCode.SETUP_FAILED)
    for failure in for_want_of_node:
        story.notice(
            f"{', '.join(failure.programs)} left out: no suitable Node, and none to be had ({failure.cause})."
        )
    return _without(request.plan, failures), failures


def _problem(failure: Failure) -> Problem:
    return Problem("setup-failed", f"set-up of {', '.join(failure.programs)} failed: {failure.cause}", failure.mend)


def _without(plan: Plan, failures: tuple[Failure, ...]) -> Plan:
    """The plan without programs whose set-up failed and those that require them."""
    reasons = {name: f"its set-up failed: {failure.cause}" for failure in failures for name in failure.programs}
    for program in plan.programs:  # in start order, so that one pass finds all dependents
        lost = [each.program for each in program.depends_on if each.is_required and each.program in reasons]
        if lost and program.name not in reasons:
            reasons[program.name] = f"it requires {lost[0]}, which is left out"
    kept = tuple(program for program in plan.programs if program.name not in reasons)
    kept = tuple(
        replace(program, depends_on=tuple(each for each in program.depends_on if each.program not in reasons))
        for program in kept
    )
    lost_programs = tuple(
        LeftOut(program.name, program.description, reasons[program.name])
        for program in plan.programs
        if program.name in reasons
    )
    return replace(plan, programs=kept, left_out=(*plan.left_out, *lost_programs))


def read_secrets(plan: Plan) -> dict[str, dict[str, str]]:
    """Program → variable → what its command prints, less the newline. Raises UserError naming each that fails."""
    problems: list[Problem] = []
    found = {
        program.name: {name: _secret(program.name, name, argv, problems) for name, argv in program.secrets.items()}
        for program in plan.programs
        if program.secrets
    }
    if problems:
        raise UserError(*problems, exit_code=ExitCode.SETUP_FAILED)
    return found


def _secret(program: str, variable: str, argv: tuple[str, ...], problems: list[Problem]) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=SECRET_S, stdin=subprocess.DEVNULL)
        if done.returncode == 0:
            return Secret(done.stdout.rstrip("\n"))
        said = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
    except (OSError, subprocess.TimeoutExpired) as error:
        said = [str(error)]
    problems.append(
        Problem(
            "secret-unreadable",
            f"secret `{variable}` of `{program}` cannot be read: {said[0]}",
            f"Try `{argv[0]} …` by hand; `hd explain {program}.secrets` says where it is declared.",
        )
    )
    return ""
