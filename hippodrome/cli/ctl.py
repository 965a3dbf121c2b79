"""`hd ctl`."""

import os
import sys
from pathlib import Path

import click

from hippodrome.cli.options import root_option
from hippodrome.cli.output import echo
from hippodrome.cli.project import open_project
from hippodrome.control.rpc import Supervisor


@click.command("ctl", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENT]...")
@click.option("--config-path", is_flag=True, help="Print the path of supervisord.conf, for `supervisorctl -c`.")
@root_option
def command(arguments: tuple[str, ...], config_path: bool, project_root: Path | None) -> int:
    """Run supervisorctl on this stack: `hd ctl status`, `hd ctl tail controller`. Changes what you tell it to."""
    layout = open_project(project_root).instance.layout
    if config_path:
        echo(str(layout.supervisord_conf))
        return 0
    Supervisor(layout).status()  # raises when nothing runs, where supervisorctl would only complain
    sys.stdout.flush()
    supervisorctl = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(layout.supervisord_conf)]
    return os.execv(sys.executable, [*supervisorctl, *arguments])
