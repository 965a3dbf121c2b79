"""The plan as supervisord reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from hippodrome.files import File
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan, Program
from hippodrome.plan.withheld import filled, withheld
from hippodrome.secret import MASK, Secret
from hippodrome.targets import quoting
from hippodrome.targets.templates import fill

NAME = "supervisord"
HERE = "%(here)s"  # the folder of the file that holds it


@dataclass(frozen=True)
class Section:
    """What `[program:…]` says that needs thought. `launcher`: the script that it runs where one is needed."""

    program: Program
    argv: tuple[str, ...]
    directory: str
    environment: Mapping[str, str]
    launcher: File | None = None


def render(plan: Plan, *, layout: Layout, secrets: Mapping[str, Mapping[str, str]] | None = None) -> list[File]:
    """supervisord.conf, plan.json beside it, and a launcher for each program that supervisord's form cannot hold.

    `secrets`: program → variable, or what is `withheld` from its command → value; what is not given is masked. The
    text is the same wherever the run directory is, unless its path is too long to have the socket in it.
    """
    given = secrets or {}
    sections = [_section_of(program, given.get(program.name, {})) for program in plan.programs]
    conf = fill("supervisord/supervisord.conf", plan=plan, sections=sections, socket=_socket(layout))
    launchers = [section.launcher for section in sections if section.launcher]
    # last what names the others, for whoever reads while they are written
    return [*launchers, File("plan.json", plan.to_json()), File("supervisord.conf", conf)]


def whole(program: Program, known: Mapping[str, str]) -> Program:
    """With what was withheld from its command."""
    argv = (filled(word, lambda name: revealed(known.get(withheld(name), MASK))) for word in program.argv)
    return replace(program, argv=tuple(argv))


def _environment(program: Program, known: Mapping[str, str]) -> dict[str, str]:
    values = {name: known.get(name, MASK) for name in program.secrets}
    return {**program.environment, **{name: revealed(value) for name, value in values.items()}}


def revealed(value: str) -> str:
    """The text itself, of a secret and of any other."""
    return value.reveal() if isinstance(value, Secret) else value


def _section_of(program: Program, known: Mapping[str, str]) -> Section:
    return _section(whole(program, known), _environment(program, known))


def _section(program: Program, environment: Mapping[str, str]) -> Section:
    can_hold = (
        quoting.is_path(program.directory)
        and all(map(quoting.is_word, program.argv))
        and all(map(quoting.is_variable, environment))
        and all(map(quoting.is_value, environment.values()))
    )
    if can_hold:
        return Section(program, program.argv, quoting.quoted_path(program.directory), environment)
    launcher = _launcher(program, environment)
    # relative to the folder, whose own name may be one that `command` cannot hold
    return Section(program, ("/bin/sh", launcher.path), HERE, {}, launcher)


def _launcher(program: Program, environment: Mapping[str, str]) -> File:
    """Named by its content, so that a change of it is a change of the configuration."""
    exported = [(name, value) for name, value in sorted(environment.items()) if quoting.is_variable(name)]
    others = [f"{name}={value}" for name, value in sorted(environment.items()) if not quoting.is_variable(name)]
    argv = ("env", *others, *program.argv) if others else program.argv
    text = fill("supervisord/launch.sh", program=program, exported=exported, argv=argv)
    return File(f"launch/{program.name}-{sha256(text.encode()).hexdigest()[:12]}.sh", text)


def _socket(layout: Layout) -> str:
    if layout.socket.parent == layout.run_dir:
        return f"{HERE}/{layout.socket.name}"
    return quoting.quoted_path(str(layout.socket))
