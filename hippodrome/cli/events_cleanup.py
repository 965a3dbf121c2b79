"""`hd events cleanup`."""

from dataclasses import asdict
from pathlib import Path

import click

from hippodrome.cli.leftovers import sweep_account
from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import echo, print_json
from hippodrome.cli.project import open_project
from hippodrome.events.account.journal import Journal


@click.command("cleanup")
@json_option
@root_option
def command(as_json: bool, project_root: Path | None) -> int:
    """Remove what an earlier stack left in the AWS account. Changes the account.

    Only what this project's own journal lists is touched, and nothing of a running stack: `hd down` removes that. The
    role stays, for the next stack. `hd up` and `hd down` do the same by themselves.

    Exits with 1 when something could not be removed, or the credentials are of another account.
    """
    instance = open_project(project_root).instance
    journal = Journal(instance.layout)
    removed = sweep_account(instance, (lambda _: None) if as_json else echo)
    gone = removed.gone if removed else ()
    in_use = journal.left() if removed is None else ()
    if as_json:
        print_json({"removed": [asdict(each) for each in gone], "in_use": [asdict(each) for each in in_use]})
    elif in_use:
        echo(f"{in_use[0].name} belongs to the running stack; `hd down` removes it.")
    elif not gone:
        echo("Nothing was left behind.")
    return 0
