"""A service's own command, folder and environment, for a process in the foreground."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from hippodrome.control.secret_values import read_secrets
from hippodrome.plan.model import Plan, Program
from hippodrome.targets.supervisord import revealed, whole

OF_TERMINAL = ("TERM", "COLORTERM")  # what a terminal's programs need to know of it


@dataclass(frozen=True)
class Foreground:
    """What to run, secrets and all."""

    argv: tuple[str, ...]
    directory: str
    environ: Mapping[str, str]


def foreground(plan: Plan, name: str, base: Mapping[str, str], command: tuple[str, ...] = ()) -> Foreground:
    """`command`, or the program's own, as the program `name` would be run with `base` below its environment.

    Its secrets' commands are run for it. Raises UserError when one cannot be read.
    """
    program = plan.program(name)
    known = read_secrets(plan.with_programs((program,))).get(name, {})
    secrets = {each: revealed(known[each]) for each in program.secrets}
    environ = {**base, **program.environment, **secrets}
    if command:
        environ["PATH"] = _path(program, environ.get("PATH", os.defpath))
    return Foreground(command or whole(program, known).argv, program.directory, environ)


def of_terminal(environ: Mapping[str, str]) -> dict[str, str]:
    """What is handed on of the caller's own environment."""
    return {name: environ[name] for name in OF_TERMINAL if name in environ}


def _path(program: Program, path: str) -> str:
    """With the folder of its interpreter first, so that `python` is the one that the service runs on."""
    own = PurePath(program.argv[0])
    is_python = own.is_absolute() and own.name.startswith("python")
    return f"{own.parent}:{path}" if is_python and path.split(":")[0] != str(own.parent) else path
