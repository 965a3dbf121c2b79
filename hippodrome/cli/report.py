"""`hd report`."""

import os
import time
from pathlib import Path

import click

from hippodrome.cli.gathering import documents, gathered
from hippodrome.cli.options import root_option
from hippodrome.cli.output import echo
from hippodrome.cli.project import open_project
from hippodrome.diagnose.known_secrets import masker_of
from hippodrome.diagnose.pack import write_pack


@click.command("report")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("-n", "count", type=click.IntRange(min=0), default=2000, show_default=True, help="Lines of each log.")
@root_option
def command(file: Path | None, count: int, project_root: Path | None) -> int:
    """Pack what is known of the stack into FILE, for an issue or a CI run: plan, versions, states, logs, events.

    Secrets are masked everywhere, logs included: the declared ones, what well-known names have, passwords in URLs,
    and what looks like a token. A zip where FILE ends so, else a tar.gz. Reads only, also when nothing runs.
    """
    found = gathered(open_project(project_root, tells_stop=True))
    path = file or Path(time.strftime("hippodrome-report-%Y%m%d-%H%M%S.tar.gz"))
    masker = masker_of(found.plans, found.snapshot, found.layout, os.environ)
    write_pack(path, documents(found, count), masker)
    echo(f"{path}: {path.stat().st_size / 1024:.0f} KiB. Secrets are masked; look through it before you send it.")
    return 0
