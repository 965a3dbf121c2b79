"""Set-up as part of a start: what is missing is made, and what cannot be made is left out."""

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from hippodrome.bootstrap import steps
from hippodrome.bootstrap.steps import Failure, Progress
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import LeftOut, Plan, Program


class Told(Protocol):
    """Who hears of it."""

    @property
    def notice(self) -> Callable[[str], None]: ...
    @property
    def progress(self) -> Callable[[Progress], None]: ...


@dataclass(frozen=True)
class Ready:
    """A plan of which everything is set up, and what could not be.

    `lost`: required programs that are left out for it. A machine without Node loses none: that is foreseen.
    """

    plan: Plan
    failures: tuple[Failure, ...] = ()
    lost: tuple[str, ...] = ()


def set_up(plan: Plan, layout: Layout, *, vital: Collection[str], tell: Told) -> Ready:
    """What failed is left out of the plan, with all that requires it.

    Raises UserError when the set-up of one of the programs `vital` fails.
    """
    steps.use(plan)
    jobs = steps.pending(plan)
    if not jobs:
        return Ready(plan)
    failures = steps.run(jobs, tell.progress, layout.setup_log)
    if fatal := [failure for failure in failures if not set(failure.programs).isdisjoint(vital)]:
        raise UserError(*map(_problem, fatal), exit_code=ExitCode.SETUP_FAILED)
    ready = without(plan, {name: _reason(failure) for failure in failures for name in failure.programs})
    for left in ready.left_out[len(plan.left_out) :]:
        tell.notice(f"{left.name} is left out: {left.reason}.")
    unforeseen = tuple(failure for failure in failures if failure.kind != "node")
    lost = tuple(name for name in _gone(plan, unforeseen) if plan.program(name).is_required)
    return Ready(ready, failures, lost)


def _gone(plan: Plan, failures: Iterable[Failure]) -> tuple[str, ...]:
    """Programs that these failures, and no others, would leave out."""
    kept = without(plan, {name: "" for failure in failures for name in failure.programs})
    return tuple(name for name in plan.names if name not in kept)


def check_made(plan: Plan, whose: str) -> None:
    """For a plan that was made before: what it is set up with can be made no more where its files have changed since.

    Raises UserError (CONFLICT) when something is missing.
    """
    if missing := steps.pending(plan):
        names = ", ".join(dict.fromkeys(name for job in missing for name in job.programs))
        problem = Problem(
            "setup-gone",
            f"what {whose} was set up with is gone, or was made anew since, for {names}",
            "Put the files back that it was made from (`git checkout`), then `hd up`.",
        )
        raise UserError(problem, exit_code=ExitCode.CONFLICT)


def without(plan: Plan, reasons: Mapping[str, str]) -> Plan:
    """The plan without these programs (name → why) and those that require them."""
    lost = dict(reasons)
    for program in plan.programs:  # in start order, so that one pass finds all dependents
        missing = [each.program for each in program.depends_on if each.is_required and each.program in lost]
        if missing:
            lost.setdefault(program.name, f"it requires {missing[0]}, which is left out")
    kept = tuple(_independent(program, lost) for program in plan.programs if program.name not in lost)
    left_out = [LeftOut(each.name, each.description, lost[each.name]) for each in plan.programs if each.name in lost]
    return replace(plan, programs=kept, left_out=(*plan.left_out, *left_out))


def _independent(program: Program, lost: Container[str]) -> Program:
    if not any(each.program in lost for each in program.depends_on):
        return program
    return replace(program, depends_on=tuple(each for each in program.depends_on if each.program not in lost))


def _reason(failure: Failure) -> str:
    if failure.kind == "node":
        return f"there is no suitable Node, and none to be had ({failure.cause})"
    return f"its set-up failed: {failure.cause}"


def _problem(failure: Failure) -> Problem:
    return Problem("setup-failed", f"set-up of {', '.join(failure.programs)} failed: {failure.cause}", failure.mend)
