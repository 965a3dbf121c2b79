"""`hd compile`."""

from pathlib import Path
from typing import Any

import click

from hippodrome.cli.options import choice_options
from hippodrome.cli.output import echo
from hippodrome.cli.project import Choice, compiled, open_project


@click.command("compile")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder to write to; else printed.")
@choice_options
def command(out: Path | None, project_root: Path | None, **flags: Any) -> int:
    """What would run: supervisord.conf and plan.json. Changes nothing but the folder given.

    The same inputs give the same bytes. Secrets are masked.
    """
    from hippodrome.control.apply import rendered
    from hippodrome.control.masking import masked_plan
    from hippodrome.files import write_all

    project = open_project(project_root)
    files = rendered(project.instance, masked_plan(compiled(project, Choice.of(flags)).plan))
    if out is None:
        echo("\n".join(file.text for file in files if file.path.endswith(".conf")).rstrip())
        return 0
    out.mkdir(parents=True, exist_ok=True)
    write_all(files, out)
    for file in files:
        echo(str(out / file.path))
    return 0
