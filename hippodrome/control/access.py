"""The token of an instance: who holds it may change the stack through the dashboard, and read what it shows."""

import os
import secrets
from contextlib import suppress

from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan

TOKEN_BYTES = 16
TEXT_MAX = 256  # bytes that are read of the file


def token_of(layout: Layout) -> str:
    """Made when there is none yet; two that make one at once agree. Raises OSError, UserError for a foreign file."""
    if token := read_token(layout):
        return token
    staging = layout.token.with_name(f".{layout.token.name}.{secrets.token_hex(4)}")
    descriptor = os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(TOKEN_BYTES) + "\n")
        with suppress(FileExistsError):  # another was quicker
            os.link(staging, layout.token)
    finally:
        staging.unlink()
    return read_token(layout) or _unusable(layout)


def read_token(layout: Layout) -> str | None:
    """None when there is none yet. Raises UserError for a file that others could have written or can read."""
    try:
        descriptor = os.open(layout.token, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError:  # ELOOP: a link
        return _unusable(layout)
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(file.fileno())
        if about.st_uid != os.getuid() or about.st_mode & 0o077:
            return _unusable(layout)
        text = file.read(TEXT_MAX).decode("ascii", "replace").strip()
    return text or _unusable(layout)


def link(plan: Plan | None, token: str) -> str:
    """Where a browser gets in: the dashboard's address with the token; empty where the plan has no dashboard."""
    if plan is None or "dashboard" not in plan:
        return ""
    url = plan.program("dashboard").url.replace("//127.0.0.1:", "//localhost:")
    return f"{url}/?token={token}" if url else ""


def _unusable(layout: Layout) -> str:
    what = f"{layout.token} is empty, a link, or not yours alone"
    hint = "Remove it, and `hd restart dashboard`: a new token is made."
    raise UserError(Problem("unsafe-token", what, hint), exit_code=ExitCode.CONFLICT)
