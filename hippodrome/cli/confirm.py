"""Asking before real data is touched."""

import sys
from collections.abc import Iterable

import click

from hippodrome.config.model import Config
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.model import Plan


def confirm_real_data(config: Config, *, is_confirmed: bool) -> None:
    """Asks when the cell says that its data is real. Raises UserError with no terminal to ask on, Abort on a no."""
    cell = config.settings.cells[config.cell]
    if not cell.confirm:
        return
    click.secho(f"The data of cell `{config.cell}` ({cell.url}) is REAL.", fg="red", bold=True, err=True)
    confirm("Go on?", f"cell `{config.cell}` needs a yes", is_confirmed=is_confirmed)


def confirm_newly_real(before: Plan | None, after: Plan, *, is_confirmed: bool, may_ask: bool = True) -> None:
    """Asks when a stack, be there one that runs or not, is about to get at real data.

    Raises as `confirm_real_data`, also when not to ask.
    """
    if after.is_data_real and not (before and before.is_data_real):
        needed = f"cell `{after.cell}` has real data, and what runs has not"
        confirm(
            f"From now on the data is REAL (cell `{after.cell}`). Go on?",
            needed,
            is_confirmed=is_confirmed,
            may_ask=may_ask,
        )


def confirm_loss(services: Iterable[str], *, is_confirmed: bool) -> None:
    """Asks before data is lost, when there is some. Raises as `confirm_real_data`."""
    if names := ", ".join(services):
        confirm(f"The data of {names} will be lost. Go on?", "losing data needs a yes", is_confirmed=is_confirmed)


def confirm(question: str, needed: str, *, is_confirmed: bool, may_ask: bool = True) -> None:
    """Raises UserError (USAGE) with no terminal to ask on, or when not to ask; Abort on a no."""
    if is_confirmed:
        return
    if not may_ask or not sys.stdin.isatty():
        hint = "Give --yes to say it in a script." if may_ask else "`hd up` asks for it."
        problem = Problem("not-confirmed", needed, hint)
        raise UserError(problem, exit_code=ExitCode.USAGE)
    click.confirm(question, abort=True, err=True)


def refuse_real_data(plan: Plan, doing: str) -> None:
    """For what makes data up or deletes it: no flag helps. Raises UserError (USAGE)."""
    if plan.is_data_real:
        problem = Problem(
            "real-data",
            f"{doing} is never done to real data, and that of cell `{plan.cell}` is",
            "Use a stack of `--cell local`.",
        )
        raise UserError(problem, exit_code=ExitCode.USAGE)
