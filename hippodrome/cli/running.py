"""The running stack, as the commands that ask it see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hippodrome.cli.project import open_project
from hippodrome.control import lost
from hippodrome.control.rpc import LOST, OtherVersion, Supervisor
from hippodrome.errors import ExitCode, Problem, UserError, nearest
from hippodrome.plan.conditions import Snapshot
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan
from hippodrome.rundir import Instance, read_plan


@dataclass(frozen=True)
class Running:
    """An instance that answers, with the plan it runs."""

    instance: Instance
    supervisor: Supervisor
    plan: Plan
    snapshot: Snapshot


def open_running(project_root: Path | None) -> Running:
    """Raises UserError (NOT_RUNNING) when nothing answers, or runs under another version's plan."""
    instance = open_project(project_root).instance
    supervisor = Supervisor(instance.layout)
    snapshot = supervisor.status()
    plan = read_plan(instance.layout)
    if plan is None:
        if lost.find(instance.layout):
            raise UserError(LOST, exit_code=ExitCode.NOT_RUNNING)
        what = "the running stack was started by another version of hd, whose plan this one cannot read"
        problem = Problem("other-version", what, "`hd up` restarts it with this version; `hd down` stops it.")
        raise OtherVersion(problem, exit_code=ExitCode.CONFLICT)
    return Running(instance, supervisor, plan, snapshot)


def pick(running: Running, services: Iterable[str]) -> tuple[str, ...]:
    """`services`, or all of the plan when none is named; names are checked first. Raises UserError (USAGE)."""
    known = running.plan.names
    left_out = {left.name: left.reason for left in running.plan.left_out}
    asked = tuple(dict.fromkeys(services))
    wrong = [name for name in asked if name not in known]
    if wrong:
        raise UserError(*(_unknown(name, left_out, known) for name in wrong), exit_code=ExitCode.USAGE)
    return asked or known


def known_programs(layout: Layout, services: Iterable[str]) -> tuple[str, ...]:
    """`services`, or all that have a log; also when nothing runs any more. Raises UserError (USAGE)."""
    plan = read_plan(layout)
    logged = sorted(path.stem for path in layout.logs.glob("*.log") if not path.stem.endswith(".setup"))
    known = tuple(dict.fromkeys([*(plan.names if plan else ()), *logged]))
    asked = tuple(dict.fromkeys(services))
    if not known:
        problem = Problem("no-logs", "nothing has run here yet, so there are no logs", "`hd up` starts the stack.")
        raise UserError(problem, exit_code=ExitCode.NOT_RUNNING)
    if wrong := [name for name in asked if name not in known]:
        raise UserError(*(_unknown(name, {}, known) for name in wrong), exit_code=ExitCode.USAGE)
    return asked or known


def _unknown(name: str, left_out: dict[str, str], known: tuple[str, ...]) -> Problem:
    if name in left_out:
        return Problem("left-out", f"`{name}` is not part of the running stack: {left_out[name]}", f"`hd up {name}`.")
    return Problem("unknown-service", f"`{name}` is no service of the running stack", nearest(name, known))


def cell_of_stack(project_root: Path | None) -> str:
    """The address of its fake_cell. Raises UserError where nothing runs, or another cell is used."""
    plan = open_running(project_root).plan
    if "fake_cell" not in plan:
        problem = Problem(
            "no-fake-cell", f"the running stack uses cell `{plan.cell}` and has no fake_cell", "--to URL."
        )
        raise UserError(problem, exit_code=ExitCode.NOT_RUNNING)
    return plan.program("fake_cell").url
