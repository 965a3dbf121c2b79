"""`hd open`."""

import webbrowser
from pathlib import Path

import click

from hippodrome.cli import names
from hippodrome.cli.options import root_option
from hippodrome.cli.output import echo, shown_url
from hippodrome.cli.running import open_running, pick


@click.command("open")
@click.argument("service", default="dashboard", shell_complete=names.services)
@root_option
def command(service: str, project_root: Path | None) -> int:
    """Open a service, the dashboard when none is named, in the browser; print its address. Reads only."""
    running = open_running(project_root)
    (name,) = pick(running, [service])
    url = shown_url(running.plan.program(name).url)
    if not url:
        raise click.UsageError(f"`{name}` has no port, so there is nothing to open.")
    echo(url)
    webbrowser.open(url)
    return 0
