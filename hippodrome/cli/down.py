"""`hd down`."""

import os
import shlex
import time
from pathlib import Path

import click

from hippodrome.cli.leftovers import sweep_account
from hippodrome.cli.options import root_option
from hippodrome.cli.output import duration, echo
from hippodrome.cli.project import open_project
from hippodrome.control import stop
from hippodrome.control.clients import stopped_for_want_of_use
from hippodrome.control.instances import instance_of, note_stopped, own
from hippodrome.control.registry import Found
from hippodrome.errors import UserError
from hippodrome.rundir import Instance


@click.command("down")
@click.option("--now", is_flag=True, help="Kill at once, without asking services to end.")
@click.option("--all", "is_all", is_flag=True, help="All stacks of this user, whatever their folder and name.")
@root_option
def command(now: bool, is_all: bool, project_root: Path | None) -> int:
    """Stop the whole stack and whatever it left behind. Changes what runs; data and logs stay.

    Other stacks of yours go on, and are named. What brought events of an AWS account is removed from there. Exits
    with 0 also when nothing runs, with 1 when something had to stay in the account.
    """
    if is_all:
        return _stop_all(is_now=now)
    instance = open_project(project_root).instance
    try:
        _stop(instance, is_now=now)
    finally:
        _tell_others(instance)
    return 0


def _tell_others(instance: Instance) -> None:
    for found in (each for each in own(os.environ) if each.is_running and each.entry.id != instance.id):
        echo(f"`{found.entry.label}` of {found.entry.project_root} goes on; `{_stopping(found)}` stops it.")


def _stop(instance: Instance, *, is_now: bool, called: str = "") -> None:
    began, left = time.monotonic(), stopped_for_want_of_use(instance.layout)
    stopped = stop.kill(instance) if is_now else stop.stop(instance)
    note_stopped(instance)
    if stopped.was_running or stopped.swept:
        echo(f"{called}Stopped in {duration(time.monotonic() - began)}; nothing is left running.")
    else:
        echo(f"{called}Nothing was running{f': {left.sentence}' if left else ''}.")
    if stopped.swept:
        echo(f"{called}Ended {len(stopped.swept)} left-over processes of an earlier stack.")
    sweep_account(instance, lambda said: echo(f"{called}{said}"))


def _stop_all(*, is_now: bool) -> int:
    """One that cannot be stopped keeps no other from it."""
    found = [each for each in own(os.environ) if each.is_running]
    errors: list[UserError] = []
    for each in found:
        try:
            _stop(instance_of(each), is_now=is_now, called=f"{each.entry.label}: ")
        except UserError as error:
            errors.append(error)
    if errors:
        problems = (problem for error in errors for problem in error.problems)
        raise UserError(*problems, exit_code=errors[0].exit_code)
    if not found:
        echo("Nothing was running.")
    return 0


def _stopping(found: Found) -> str:
    named = f" --name {found.entry.name}" if found.entry.name else ""
    return f"hd down --project-root {shlex.quote(found.entry.project_root)}{named}"
