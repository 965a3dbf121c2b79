"""`hd watch`."""

from pathlib import Path

import click

from hippodrome.cli.options import json_option, root_option, timeout_option
from hippodrome.cli.project import open_project
from hippodrome.cli.running import open_running
from hippodrome.cli.screen import open_screen
from hippodrome.cli.signals import interruptible
from hippodrome.errors import ExitCode


@click.command("watch")
@timeout_option(300)
@json_option
@root_option
def command(timeout: float, as_json: bool, project_root: Path | None) -> int:
    """Apply the configuration to the running stack whenever it changes. Changes what runs.

    Watched are all layers that are files, also those that are not there yet: conf/, the files of the box and of the
    user (/etc/xdg/hippodrome/ and ~/.config/hippodrome/hippodrome.yaml), hippodrome.yaml, hippodrome.local.yaml, and
    the env files that services name. It is `hd up` with the choice that the stack was brought up with, and asks
    nothing. A mistake is shown with its place and changes nothing. Ctrl+C ends it; the stack goes on.
    """
    from hippodrome.cli.watching import Watching  # the watcher's library

    open_running(project_root)
    screen = open_screen(as_json=as_json)
    with interruptible():
        try:
            Watching(open_project(project_root), screen, timeout).run()
        except KeyboardInterrupt:
            screen.close()
            screen.notice("No longer watching; the stack goes on.")
            return ExitCode.INTERRUPTED
        finally:
            screen.close()
    return ExitCode.OK
