"""A tunnel gives a local port a public address. What one must be able to do, and which one is taken."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.events.tunnels import cloudflared, ngrok
from hippodrome.events.tunnels.child import Opened


class Tunnel(Protocol):
    """Modules satisfy it."""

    NAME: str

    def missing(self, environ: Mapping[str, str]) -> Problem | None:
        """What keeps it from being used on this machine, with the mend."""

    def start(self, port: int, environ: Mapping[str, str], folder: Path) -> Opened:
        """To `port` of 127.0.0.1. `folder` is for files of its own. Raises OSError."""


TUNNELS: tuple[Tunnel, ...] = (cloudflared, ngrok)  # the first that can be used is taken


def choose(environ: Mapping[str, str]) -> Tunnel:
    """The first that can be used. Raises UserError with what would make one so."""
    found = [(tunnel, tunnel.missing(environ)) for tunnel in TUNNELS]
    for tunnel, problem in found:
        if problem is None:
            return tunnel
    problems = [problem for _, problem in found if problem]
    unfinished = [each for each in problems if each.code != "no-tunnel"]  # installed, and not yet set up
    raise UserError(*(unfinished or problems[:1]), exit_code=ExitCode.FAILED)
