"""`hd down`."""

import time
from pathlib import Path

import click

from hippodrome.cli.leftovers import sweep_account
from hippodrome.cli.options import root_option
from hippodrome.cli.output import duration, echo
from hippodrome.cli.project import open_project
from hippodrome.control import stop


@click.command("down")
@click.option("--now", is_flag=True, help="Kill at once, without asking services to end.")
@root_option
def command(now: bool, project_root: Path | None) -> int:
    """Stop the whole stack and whatever it left behind. Changes what runs; data and logs stay.

    What brought events of an AWS account is removed from there. Exits with 0 also when nothing runs, with 1 when
    something had to stay in the account.
    """
    instance = open_project(project_root).instance
    began = time.monotonic()
    stopped = stop.kill(instance) if now else stop.stop(instance)
    if stopped.was_running or stopped.swept:
        echo(f"Stopped in {duration(time.monotonic() - began)}; nothing is left running.")
    else:
        echo("Nothing was running.")
    if stopped.swept:
        echo(f"Ended {len(stopped.swept)} left-over processes of an earlier stack.")
    sweep_account(instance, echo)
    return 0
