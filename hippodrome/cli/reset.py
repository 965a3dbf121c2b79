"""`hd reset`."""

from pathlib import Path

import click

from hippodrome.cli.confirm import confirm_loss
from hippodrome.cli.options import root_option, services_argument
from hippodrome.cli.output import echo
from hippodrome.cli.project import open_project
from hippodrome.control import data
from hippodrome.errors import ExitCode, Problem, UserError, nearest
from hippodrome.rundir import read_plan


@click.command("reset")
@services_argument()
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@root_option
def command(services: tuple[str, ...], yes: bool, project_root: Path | None) -> int:
    """Empty the data of services, of all when none is named, and start them anew. Changes data.

    What is emptied is lost. Snapshots of `hd data` stay, and so does what a deployed cell holds.
    """
    instance = open_project(project_root).instance
    holders = data.holders(instance.layout)
    plan = read_plan(instance.layout)
    known = {*holders, *(plan.names if plan else ())}
    if wrong := [name for name in services if name not in known]:
        problems = [
            Problem("unknown-service", f"`{name}` has no data and is no service here", nearest(name, known))
            for name in wrong
        ]
        raise UserError(*problems, exit_code=ExitCode.USAGE)
    lost = tuple(name for name in holders if not services or name in services)
    if not lost:
        echo("There is no data.")
        return 0
    confirm_loss(lost, is_confirmed=yes)
    data.reset(instance, lost, lambda text: echo(text, err=True))
    echo(f"Emptied {', '.join(lost)}.")
    return 0
