"""What a plan has in place of the caller's secrets: names, which are replaced by values when it is applied.

In a command, and in the template of a variable, a name stands between two NULs, which neither can have otherwise.
"""

import re
from collections.abc import Callable, Mapping

from hippodrome.plan.env_files import parse_env_file

TEMPLATE = "template:"  # in place of a command that prints a secret; the text follows it
ENV_FILES = "hippodrome/plan/env_files.py"
_MARKED = re.compile("\0([A-Za-z_][A-Za-z0-9_.-]*)\0")

Argv = tuple[str, ...]


def withheld(name: str) -> str:
    """What stands for the value of the caller's variable `name`."""
    return f"\0{name}\0"


def names_in(text: str) -> tuple[str, ...]:
    """Variables whose values `text` lacks."""
    return tuple(_MARKED.findall(text)) if "\0" in text else ()


def filled(text: str, value_of: Callable[[str], str]) -> str:
    """The text with its values."""
    return _MARKED.sub(lambda found: value_of(found[1]), text) if "\0" in text else text


def completed(text: str, environ: Mapping[str, str]) -> str:
    """The text with the values that are in `environ`. Raises LookupError, which says what is not there."""
    return filled(text, lambda name: _of_caller(name, environ))


def spelled(text: str) -> str:
    """As it is written in a configuration."""
    return filled(text, lambda name: f"${{env.{name}}}")


def printed(text: str) -> Argv:
    """The command in whose place a plan has this text: the caller's variable, or a template."""
    names = names_in(text)
    return ("printenv", names[0]) if names and text == withheld(names[0]) else (TEMPLATE, text)


def said(argv: Argv, environ: Mapping[str, str], read: Callable[[str], str | None]) -> str | None:
    """What the command of a secret would print, where none need be run for it; None else.

    `read`: the text of a file. Raises LookupError, which says what is not there.
    """
    if argv[0] == TEMPLATE and len(argv) == 2:
        return completed(argv[1], environ)
    if argv[0] == "printenv" and len(argv) == 2:
        return _of_caller(argv[1], environ)
    if len(argv) == 5 and argv[2].endswith(f"/{ENV_FILES}"):
        values = dict(parse_env_file(read(argv[3]) or ""))
        if argv[4] not in values:
            raise LookupError(f"{argv[3]} has no {argv[4]}")
        return values[argv[4]]
    return None


def _of_caller(name: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise LookupError(f"`{name}` is not set in your environment")
    return environ[name]
