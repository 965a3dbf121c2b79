"""`hd stop`."""

from pathlib import Path

import click

from hippodrome.cli.options import root_option, services_argument
from hippodrome.cli.running import open_running, pick
from hippodrome.cli.steering import WAIT_S, show


@click.command("stop")
@services_argument(is_required=True)
@root_option
def command(services: tuple[str, ...], project_root: Path | None) -> int:
    """Stop services, and those that cannot do without them; the rest goes on. Changes what runs."""
    running = open_running(project_root)
    names = pick(running, services)
    running.supervisor.stop(names)
    show(running, running.supervisor.wait(names, "stopped", WAIT_S), running.plan.names)
    return 0
