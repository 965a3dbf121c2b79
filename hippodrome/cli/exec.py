"""`hd exec`."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from hippodrome.cli import names
from hippodrome.cli.options import choice_options
from hippodrome.cli.own_process import own_process, resolved
from hippodrome.control.clients import attend_beyond_exec


@click.command("exec", context_settings={"allow_interspersed_args": False})
@click.argument("service", shell_complete=names.services)
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="[--] COMMAND...")
@choice_options
def command(service: str, words: tuple[str, ...], project_root: Path | None, **flags: Any) -> int:
    """Run a command as SERVICE would be run: its environment, secrets included, its folder, its venv first on PATH.

    Options of `hd` stand before SERVICE. Where no stack runs, the environment is as configured, and they say of what;
    one that runs keeps the environment it was started with.

    Exits as the command does. Changes what that changes.
    """
    words = words[1:] if words[0] == "--" else words
    process = own_process(project_root, service, words, flags).process
    file = resolved(process)
    sys.stdout.flush()
    sys.stderr.flush()
    attend_beyond_exec()
    os.chdir(process.directory)
    os.execve(file, process.argv, dict(process.environ))
