"""`hd wait`."""

from pathlib import Path

import click

from hippodrome.cli.options import root_option, services_argument, timeout_option
from hippodrome.cli.output import echo
from hippodrome.cli.running import open_running, pick
from hippodrome.cli.table import table
from hippodrome.errors import ExitCode
from hippodrome.plan.conditions import verdict


@click.command("wait")
@services_argument()
@click.option(
    "--status",
    type=click.Choice(["started", "healthy", "completed"]),
    default="healthy",
    show_default=True,
    help="What to wait for.",
)
@timeout_option(120)
@root_option
def command(services: tuple[str, ...], status: str, timeout: float, project_root: Path | None) -> int:
    """Wait until services, all when none is named, have reached a status. Reads only.

    Exits with 0 when they have, 1 when one never will, 4 when nothing runs, 5 when time is over.
    """
    running = open_running(project_root)
    names = pick(running, services)
    snapshot = running.supervisor.wait(names, status, timeout)
    verdicts = {name: verdict(status, snapshot.status(name)) for name in names}  # type: ignore[arg-type]
    held_up = [name for name, found in verdicts.items() if found != "met"]
    if not held_up:
        return ExitCode.OK
    for line in table(running.plan, snapshot.only(held_up)):
        echo(line, err=True)
    return ExitCode.FAILED if "never" in verdicts.values() else ExitCode.TIMED_OUT
