"""When `hd` itself is at fault: the traceback goes to a file, a sentence to the person; no secret does."""

import os
import platform
import sys
import tempfile
import traceback
from pathlib import Path

import click

from hippodrome.errors import ExitCode
from hippodrome.secret import redacted
from hippodrome.version import version


def report() -> int:
    """Writes the exception being handled, with versions, to a new file. Returns the exit status."""
    kind, error, _ = sys.exc_info()
    told = f"hd {version()}, Python {platform.python_version()}, {platform.platform()}\nhd {sys.argv[1:]}\n\n"
    with tempfile.NamedTemporaryFile("w", prefix="hd-bug-", suffix=".txt", delete=False) as file:
        file.write(redacted(told + traceback.format_exc(), os.environ))
    name = kind.__name__ if kind else "Exception"
    click.echo(f"hd has a bug: {name}: {redacted(str(error), os.environ)}", err=True)
    click.echo(f"  The whole story is in {Path(file.name)}; please send it with your report.", err=True)
    return ExitCode.BUG
