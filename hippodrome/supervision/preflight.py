"""What would keep a program from starting, looked at before it is started."""

import os
import shlex
import shutil
import socket
from typing import Any

from hippodrome.listeners import holder_of
from hippodrome.plan.model import Program

Obstacle = tuple[str, dict[str, Any]]  # cause, its facts


def obstacle(program: Program) -> Obstacle | None:
    """The first thing in the way, in microseconds when there is none."""
    return _folder(program) or _command(program) or _ports(program)


def _folder(program: Program) -> Obstacle | None:
    return None if os.path.isdir(program.directory) else ("folder-missing", {"folder": program.directory})  # noqa: PTH112


def _command(program: Program) -> Obstacle | None:
    command = program.argv[0]
    path = program.environment.get("PATH") or os.environ.get("PATH", os.defpath)
    if shutil.which(command, path=path):
        return None
    if "/" in command and os.path.exists(command):  # noqa: PTH110
        return "not-executable", {"command": command}
    return "command-missing", {"command": shlex.quote(command)}


def _ports(program: Program) -> Obstacle | None:
    for port in program.ports.values():
        if not is_free(program.host, port):
            holder = holder_of(port)
            facts = {"pid": holder.pid, "command": holder.command, "user": holder.user} if holder else {"pid": None}
            return "port-taken", {"port": port, **facts}
    return None


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now; one that is closing does not count."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True
