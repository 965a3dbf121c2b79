"""When `hd` itself is at fault: the traceback goes to a file, a sentence to the person; no secret does."""

import errno
import os
import platform
import sys
import tempfile
import traceback
from pathlib import Path

import click

from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.secret import redacted
from hippodrome.version import version

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}
NOT_OURS = {errno.EACCES, errno.EPERM}


def cannot_write(error: Exception) -> UserError | None:
    """What there is to say of a disk that is full or read-only, which is no fault of `hd`; None for other errors."""
    if not isinstance(error, OSError) or error.errno not in NO_ROOM | (NOT_OURS if error.filename else set()):
        return None
    where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else "a file of the stack"
    hint = "Make room or mend its rights; or set XDG_STATE_HOME and XDG_CACHE_HOME to folders on another disk."
    problem = Problem("cannot-write", f"{where} cannot be written: {error.strerror}", hint)
    return UserError(problem, exit_code=ExitCode.FAILED)


def report() -> int:
    """Writes the exception being handled, with versions, to a new file. Returns the exit status."""
    kind, error, _ = sys.exc_info()
    told = f"hd {version()}, Python {platform.python_version()}, {platform.platform()}\nhd {sys.argv[1:]}\n\n"
    name = kind.__name__ if kind else "Exception"
    click.echo(f"hd has a bug: {name}: {redacted(str(error), os.environ)}", err=True)
    story = redacted(told + traceback.format_exc(), os.environ)
    try:
        with tempfile.NamedTemporaryFile("w", prefix="hd-bug-", suffix=".txt", delete=False) as file:
            file.write(story)
    except OSError:  # no room for it
        click.echo(story, err=True)
        return ExitCode.BUG
    click.echo(f"  The whole story is in {Path(file.name)}; please send it with your report.", err=True)
    return ExitCode.BUG
