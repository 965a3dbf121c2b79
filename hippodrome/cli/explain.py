"""`hd explain`."""

import re
from pathlib import Path
from textwrap import fill
from typing import Any

import click

from hippodrome import resources
from hippodrome.cli import names
from hippodrome.cli.options import choice_options, json_option
from hippodrome.cli.output import echo, print_json
from hippodrome.cli.project import Choice, load_config, open_project

LINE = 79  # characters


@click.command("explain")
@click.argument("path", metavar="SERVICE[.FIELD]|CODE", shell_complete=names.services)
@json_option
@choice_options
def command(path: str, as_json: bool, project_root: Path | None, **flags: Any) -> int:
    """The final value of a service's field, and each layer that set it, with its place. Reads only.

    For the code of a message: why it comes, and what mends it.

    Examples: `hd explain controller`, `hd explain controller.environment.LOG_LEVEL`, `hd explain unknown-key`.
    """
    from hippodrome.config.explain import explain

    if (entry := _entry(path)) is not None:
        if as_json:
            print_json({"code": path, "means": entry})
        else:
            echo(f"{path}\n\n{fill(entry, width=LINE)}")
        return 0
    found = explain(load_config(open_project(project_root), Choice.of(flags)), path)
    if as_json:
        chain = [{"layer": link.layer, "place": str(link.place), "value": link.value} for link in found.chain]
        print_json({"path": found.path, "value": found.value, "chain": chain})
        return 0
    for line in found.lines:
        echo(line)
    return 0


def _entry(code: str) -> str | None:
    """What the page about errors says of this one."""
    page = resources.docs() / "errors.md"
    form = re.compile(rf"^### {re.escape(code)}\n\n(.+?)(?=\n#|\Z)", re.MULTILINE | re.DOTALL)
    found = form.search(page.read_text(encoding="utf-8"))
    return " ".join(found[1].split()) if found else None
