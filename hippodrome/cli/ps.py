"""`hd ps`."""

from dataclasses import asdict
from pathlib import Path

import click

from hippodrome.cli.options import json_option, root_option, services_argument
from hippodrome.cli.output import echo, print_json
from hippodrome.cli.running import open_running, pick
from hippodrome.cli.table import table
from hippodrome.diagnose.why import why


@click.command("ps")
@services_argument()
@json_option
@root_option
def command(services: tuple[str, ...], as_json: bool, project_root: Path | None) -> int:
    """State of every service, and why it is so. Reads only.

    Exits with 1 when a service that the profile requires is not ready, 4 when nothing runs.
    """
    running = open_running(project_root)
    names = pick(running, services)
    snapshot = running.snapshot.only(names)
    if as_json:
        told = [
            {
                **asdict(status),
                "is_ready": status.is_ready,
                "why": why(running.plan, running.snapshot, status.name).sentence,
            }
            for status in snapshot.statuses
        ]
        print_json({"profile": running.plan.profile, "cell": running.plan.cell, "services": told})
    else:
        for line in table(running.plan, snapshot):
            echo(line)
    required = {program.name for program in running.plan.programs if program.is_required}
    return 0 if all(s.is_ready for s in snapshot.statuses if s.name in required) else 1
