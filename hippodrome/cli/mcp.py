"""`hd mcp`."""

from pathlib import Path

import click

from hippodrome.cli.options import root_option
from hippodrome.cli.project import Choice, compiled, open_project


@click.command("mcp")
@click.option("--allow-changes", is_flag=True, help="Offer restart, start and stop too.")
@root_option
def command(allow_changes: bool, project_root: Path | None) -> int:
    """Serve the stack to a coding agent: Model Context Protocol on standard input and output. Reads only, unless
    --allow-changes.

    Tools: list_services, status, why, logs, events, plan; docs/agents.md says how an agent is told of it. It needs no
    running stack to begin with, and goes on when the stack ends.
    """
    project = open_project(project_root)
    from hippodrome.agents.server import serve  # the SDK takes a second to load
    from hippodrome.agents.tools import Tools

    serve(Tools(project.instance, lambda: compiled(project, Choice()).plan), allow_changes=allow_changes)
    return 0
