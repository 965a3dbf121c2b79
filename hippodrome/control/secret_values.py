"""The values of secrets, read by running the commands that print them."""

import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping

from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.model import Plan, Program
from hippodrome.secret import Secret, redacted

READ_S = 60.0  # a password manager may ask for a fingerprint first
AT_ONCE = 8

Argv = tuple[str, ...]


class UnreadableError(Exception):
    """A command printed no secret; the text says why."""


def read_secrets(plan: Plan) -> dict[str, Mapping[str, Secret]]:
    """Program → variable → what its command prints, less the last newline. Each different command is run once.

    Raises UserError naming every secret that cannot be read.
    """
    commands = {argv for program in plan.programs for argv in program.secrets.values()}
    if not commands:
        return {}
    from concurrent.futures import ThreadPoolExecutor  # most plans have no secrets

    with ThreadPoolExecutor(AT_ONCE) as pool:
        values = dict(zip(commands, pool.map(lambda argv: _read(argv, plan.project_root), commands), strict=True))
    problems = [
        _problem(program, variable, str(value))
        for program in plan.programs
        for variable, argv in program.secrets.items()
        if isinstance(value := values[argv], UnreadableError)
    ]
    if problems:
        raise UserError(*problems, exit_code=ExitCode.SETUP_FAILED)
    read = {argv: value for argv, value in values.items() if isinstance(value, Secret)}
    return {
        program.name: {variable: read[argv] for variable, argv in program.secrets.items()}
        for program in plan.programs
        if program.secrets
    }


def readable_secrets(plans: Iterable[Plan]) -> frozenset[Secret]:
    """Whatever the commands of these plans print now; one that fails keeps no other back."""
    asked = {(argv, plan.project_root) for plan in plans for each in plan.programs for argv in each.secrets.values()}
    if not asked:
        return frozenset()
    from concurrent.futures import ThreadPoolExecutor  # as above

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda each: _read(*each), asked)
        return frozenset(value for value in found if isinstance(value, Secret))


def _read(argv: Argv, folder: str) -> Secret | UnreadableError:
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=READ_S, stdin=subprocess.DEVNULL, cwd=folder
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
        return UnreadableError(str(error))
    if done.returncode:
        said = next(reversed(done.stderr.strip().splitlines()), f"exit status {done.returncode}")
        return UnreadableError(redacted(said, os.environ))
    return Secret(done.stdout.removesuffix("\n"))


def _problem(program: Program, variable: str, said: str) -> Problem:
    command = shlex.join(program.secrets[variable])
    return Problem(
        "secret-unreadable",
        f"secret `{variable}` of `{program.name}` cannot be read: {said}",
        f"Run its command by hand: `{command}`.",
    )
