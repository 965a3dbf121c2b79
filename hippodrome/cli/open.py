"""`hd open`."""

import webbrowser
from pathlib import Path

import click

from hippodrome.cli import names
from hippodrome.cli.options import root_option
from hippodrome.cli.output import echo, shown_url
from hippodrome.cli.running import Running, open_running, pick
from hippodrome.control.access import link, token_of


@click.command("open")
@click.argument("service", default="dashboard", shell_complete=names.services)
@click.option("--print", "is_printed", is_flag=True, help="Print the link alone; the dashboard's lets a browser in.")
@click.option("--token", "is_token", is_flag=True, help="Print the dashboard's token alone, for scripts.")
@root_option
def command(service: str, is_printed: bool, is_token: bool, project_root: Path | None) -> int:
    """Open a service, the dashboard when none is named, in the browser; print its address. Reads only.

    The dashboard's link lets a browser in that has not been there yet: it is for you alone.
    """
    running = open_running(project_root)
    (name,) = pick(running, [service])
    if is_token:
        echo(token_of(running.instance.layout))
        return 0
    address = shown_url(running.plan.program(name).url)
    if not address:
        raise click.UsageError(f"`{name}` has no port, so there is nothing to open.")
    if is_printed:
        echo(link(running.plan, token_of(running.instance.layout)) if name == "dashboard" else address)
        return 0
    echo(address)
    if not webbrowser.open(link_once(running, project_root) if name == "dashboard" else address):
        echo("No browser could be started from here: `hd open --print` prints the link for one elsewhere.", err=True)
    return 0


def link_once(running: Running, project_root: Path | None) -> str:
    """The dashboard's, which works once: everybody can read a browser's command line."""
    from hippodrome.cli.relaying import Door  # requests takes long to load

    answer = Door(project_root).post("/api/ticket", {})
    return link(running.plan, answer.json()["ticket"] if answer.ok else "")
