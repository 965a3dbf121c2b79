"""`hd explain`."""

from pathlib import Path
from typing import Any

import click

from hippodrome.cli import names
from hippodrome.cli.options import choice_options, json_option
from hippodrome.cli.output import echo, print_json
from hippodrome.cli.project import Choice, load_config, open_project


@click.command("explain")
@click.argument("path", metavar="SERVICE[.FIELD]", shell_complete=names.services)
@json_option
@choice_options
def command(path: str, as_json: bool, project_root: Path | None, **flags: Any) -> int:
    """The final value of a service's field, and each layer that set it, with its place. Reads only.

    Examples: `hd explain controller`, `hd explain controller.environment.LOG_LEVEL`.
    """
    from hippodrome.config.explain import explain

    found = explain(load_config(open_project(project_root), Choice.of(flags)), path)
    if as_json:
        chain = [{"layer": link.layer, "place": str(link.place), "value": link.value} for link in found.chain]
        print_json({"path": found.path, "value": found.value, "chain": chain})
        return 0
    for line in found.lines:
        echo(line)
    return 0
