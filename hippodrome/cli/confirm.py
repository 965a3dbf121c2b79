"""Asking before real data is touched."""

import sys

import click

from hippodrome.config.model import Config
from hippodrome.errors import ExitCode, Problem, UserError


def confirm_real_data(config: Config, *, is_confirmed: bool) -> None:
    """Asks when the cell says that its data is real. Raises UserError with no terminal to ask on, Abort on a no."""
    cell = config.settings.cells[config.cell]
    if not cell.confirm:
        return
    click.secho(f"The data of cell `{config.cell}` ({cell.url}) is REAL.", fg="red", bold=True, err=True)
    if is_confirmed:
        return
    if not sys.stdin.isatty():
        problem = Problem("not-confirmed", f"cell `{config.cell}` needs a yes", "Give --yes to say it in a script.")
        raise UserError(problem, exit_code=ExitCode.USAGE)
    click.confirm("Go on?", abort=True, err=True)
