"""`hd restart`."""

from pathlib import Path

import click

from hippodrome.cli.options import choice_options, services_argument
from hippodrome.cli.output import echo
from hippodrome.cli.project import Choice, compiled, open_project
from hippodrome.cli.running import open_running, pick
from hippodrome.cli.steering import wait_ready
from hippodrome.cli.unusual import is_unusual
from hippodrome.control.delta import changed_fields
from hippodrome.plan.model import Plan


@click.command("restart")
@services_argument()
@choice_options
def command(services: tuple[str, ...], project_root: Path | None, **chosen: object) -> int:
    """Restart services, all of them when none is named. Changes what runs.

    They come back with the environment they were started with; what has changed since is named.
    """
    running = open_running(project_root)
    names = pick(running, services)
    wanted = compiled(open_project(project_root), Choice.of(chosen)).plan
    for name in names:
        if stale := _stale(running.plan, wanted, name):
            echo(f"{name}: {', '.join(stale)} changed since it started; `hd up -d` applies that.")
    running.supervisor.restart(names, "by hand")
    return wait_ready(running, names)


def _stale(running: Plan, wanted: Plan, name: str) -> tuple[str, ...]:
    if name not in wanted.names or is_unusual(running.program(name)):
        return ()
    return changed_fields(running.program(name), wanted.program(name))
