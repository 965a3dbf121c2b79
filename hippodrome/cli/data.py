"""`hd data`: named snapshots of a stack's data."""

import time
from dataclasses import asdict
from pathlib import Path

import click

from hippodrome.cli.confirm import confirm_loss
from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import echo, print_json, size
from hippodrome.cli.project import open_project
from hippodrome.control import data


@click.group("data")
def command() -> None:
    """Keep the data of a whole stack by name, and put it back. Changes data.

    Services that have data stand still meanwhile; the others go on. A deployed cell's own data is not part of it.
    """


@command.command("save")
@click.argument("name")
@click.option("--replace", is_flag=True, help="Put this in the place of a snapshot of that name.")
@root_option
def save(name: str, replace: bool, project_root: Path | None) -> int:
    """Keep the data as it is now. Changes what runs for a moment."""
    made = data.save(open_project(project_root, tells_stop=True).instance, name, is_replacing=replace, say=_say)
    echo(f"Saved `{made.name}`: {size(made.size)} of {', '.join(made.services) or 'no service'}.")
    return 0


@command.command("load")
@click.argument("name")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before the data that is there is lost.")
@root_option
def load(name: str, yes: bool, project_root: Path | None) -> int:
    """Put a snapshot in place of the data that is there. Destroys that data."""
    instance = open_project(project_root, tells_stop=True).instance
    data.find(instance.layout, name)
    confirm_loss(data.holders(instance.layout), is_confirmed=yes)
    found = data.load(instance, name, _say)
    echo(f"Loaded `{found.name}`: {', '.join(found.services) or 'no service'}.")
    return 0


@command.command("list")
@json_option
@root_option
def show(as_json: bool, project_root: Path | None) -> int:
    """Tell the snapshots that there are. Reads only."""
    found = data.saved(open_project(project_root, tells_stop=True).instance.layout)
    if as_json:
        print_json([asdict(each) for each in found])
        return 0
    if not found:
        echo("No snapshots yet; `hd data save NAME` makes one.")
    for each in found:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(each.made_at))
        echo(f"{each.name:<24} {when}  {size(each.size):>9}  {', '.join(each.services)}")
    return 0


@command.command("delete")
@click.argument("name")
@root_option
def delete(name: str, project_root: Path | None) -> int:
    """Remove a snapshot. Destroys it."""
    echo(f"Deleted `{data.delete(open_project(project_root, tells_stop=True).instance.layout, name).name}`.")
    return 0


def _say(text: str) -> None:
    echo(text, err=True)
