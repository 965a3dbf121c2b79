"""`hd start`."""

from pathlib import Path

import click

from hippodrome.cli.options import root_option, services_argument
from hippodrome.cli.running import open_running, pick
from hippodrome.cli.steering import wait_ready


@click.command("start")
@services_argument(is_required=True)
@root_option
def command(services: tuple[str, ...], project_root: Path | None) -> int:
    """Start services of the running stack, and what they need. Changes what runs.

    A service that is not part of the running stack is added by `hd up SERVICE`.
    """
    running = open_running(project_root)
    names = pick(running, services)
    running.supervisor.start(names)
    return wait_ready(running, names)
