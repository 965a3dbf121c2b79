"""The values of secrets, read by running the commands that print them."""

import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from hippodrome.bootstrap.environ import manager_environment
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.model import Plan, Program
from hippodrome.plan.withheld import TEMPLATE, Argv, completed, names_in, said, spelled, withheld
from hippodrome.secret import Secret, redacted

READ_S = 60.0  # a password manager may ask for a fingerprint first
AT_ONCE = 8


class UnreadableError(Exception):
    """A command printed no secret; the text says why."""


def read_secrets(plan: Plan) -> dict[str, Mapping[str, Secret]]:
    """Program → variable → what its command prints, less the last newline. Each different command is run once.

    What is `withheld` from a program's own command is there by that.
    Raises UserError naming every secret that cannot be read.
    """
    wanted = {program.name: _wanted(program) for program in plan.programs}
    commands = {argv for each in wanted.values() for argv in each.values()}
    if not commands:
        return {}
    from concurrent.futures import ThreadPoolExecutor  # most plans have no secrets

    with ThreadPoolExecutor(AT_ONCE) as pool:
        values = dict(zip(commands, pool.map(lambda argv: _read(argv, plan.project_root), commands), strict=True))
    problems = [
        _problem(program, variable, argv, str(value))
        for program, each in wanted.items()
        for variable, argv in each.items()
        if isinstance(value := values[argv], UnreadableError)
    ]
    if problems:
        raise UserError(*problems, exit_code=ExitCode.SETUP_FAILED)
    read = {argv: value for argv, value in values.items() if isinstance(value, Secret)}
    return {
        program: {variable: read[argv] for variable, argv in each.items()} for program, each in wanted.items() if each
    }


def readable_secrets(plans: Iterable[Plan]) -> frozenset[Secret]:
    """Whatever the commands of these plans print now; one that fails keeps no other back."""
    asked = {(argv, plan.project_root) for plan in plans for each in plan.programs for argv in _wanted(each).values()}
    if not asked:
        return frozenset()
    from concurrent.futures import ThreadPoolExecutor  # as above

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda each: _read(*each), asked)
        return frozenset(value for value in found if isinstance(value, Secret))


def _wanted(program: Program) -> dict[str, Argv]:
    """How all is had that the plan lacks of it."""
    of_command = (name for word in program.argv for name in names_in(word))
    return {**program.secrets, **{withheld(name): ("printenv", name) for name in of_command}}


def _read(argv: Argv, folder: str) -> Secret | UnreadableError:
    try:
        if (known := said(argv, os.environ, _text_of)) is not None:
            known.encode()  # bytes that are not UTF-8 could not be written
            return Secret(known)
        argv = tuple(completed(word, os.environ) for word in argv)
        done = subprocess.run(
            argv,
            capture_output=True,
            text=True,
            timeout=READ_S,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            env=manager_environment(os.environ),
        )
    except LookupError as error:
        return UnreadableError(str(error.args[0]))
    except (OSError, subprocess.TimeoutExpired, UnicodeError) as error:
        return UnreadableError(redacted(str(error), os.environ))
    if done.returncode:
        last = next(reversed(done.stderr.strip().splitlines()), f"exit status {done.returncode}")
        return UnreadableError(redacted(last, os.environ))
    return Secret(done.stdout.removesuffix("\n"))


def _text_of(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def _problem(program: str, variable: str, argv: Argv, why: str) -> Problem:
    command = shlex.join(map(spelled, argv))
    if argv[0] == TEMPLATE:
        hint = f"It is put together as `{spelled(argv[1])}`."
    else:
        hint = f"Run its command by hand: `{command}`. It gets few of your variables."
    return Problem(
        "secret-unreadable",
        f"secret `{spelled(variable)}` of `{program}` cannot be read: {why}",
        hint,
    )
