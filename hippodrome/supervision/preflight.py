"""What would keep a program from running, found before its process is started."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hippodrome import listeners
from hippodrome.plan.model import Program

Obstacle = tuple[str, dict[str, Any]]  # a cause's code, and its facts


def obstacle(program: Program, environ: Mapping[str, str]) -> Obstacle | None:
    """The first thing in the way. `environ` is what every program inherits."""
    return _folder(program) or _command(program, environ) or port_obstacle(program)


def port_taken(port: int, holder: listeners.Holder) -> Obstacle:
    """That somebody else holds the port."""
    return "port-taken", {"port": port, "pid": holder.pid, "command": holder.command, "user": holder.user}


def _folder(program: Program) -> Obstacle | None:
    is_there = os.path.isdir(program.directory)  # noqa: PTH112 - Path.is_dir raises where it may not look
    return None if is_there else ("folder-missing", {"folder": program.directory})


def _command(program: Program, environ: Mapping[str, str]) -> Obstacle | None:
    command = program.argv[0]
    # `access` also answers for a folder of PATH that may not be looked into, where Path.exists raises
    there = [path for path in _candidates(program, environ) if os.access(path, os.F_OK)]
    if any(path.is_file() and os.access(path, os.X_OK) for path in there):
        return None
    if there:
        return "not-executable", {"command": str(there[0])}
    return "command-missing", {"command": command}


def _candidates(program: Program, environ: Mapping[str, str]) -> Iterator[Path]:
    command = program.argv[0]
    if "/" in command:
        yield Path(program.directory, command)
        return
    path = program.environment.get("PATH") or environ.get("PATH") or os.defpath
    for folder in path.split(os.pathsep):
        yield Path(program.directory, folder, command)


def port_obstacle(program: Program) -> Obstacle | None:
    """The first of its ports that somebody else holds."""
    for port in () if program.is_external else program.ports.values():
        # a listener that cannot be named is left to the program to find out about
        if not listeners.is_free(port, program.host) and (holder := listeners.holder_of(port, program.host)):
            return port_taken(port, holder)
    return None
