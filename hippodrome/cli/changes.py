"""How a change of what runs is shown, and when it is asked for a yes."""

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from hippodrome.cli.output import echo, print_json
from hippodrome.cli.project import Choice, Project, compiled
from hippodrome.control import kept
from hippodrome.control.delta import Delta
from hippodrome.control.rpc import is_running
from hippodrome.errors import ExitCode
from hippodrome.secret import redacted

if TYPE_CHECKING:
    from hippodrome.control.change import Change

WORDS = {"added": "green", "changed": "yellow", "removed": "red", "started": "green"}


def change_lines(change: "Change") -> Iterator[str]:
    """What becomes of each service, one a line; of those that are left alone only how many they are."""
    if change.restart:
        yield f"supervisord and every service are restarted: {change.restart}"
    yield from (_line("added", name) for name in change.delta.add)
    yield from (_line("changed", name, reason(change, name)) for name in change.delta.change)
    yield from (_line("started", name, "it rests") for name in change.resume if name not in change.delta.change)
    yield from (_line("removed", name) for name in change.delta.remove)
    for name in change.delta.keep:
        if name in change.fields:
            yield f"  kept     {name} ({', '.join(change.fields[name])}; its process goes on)"
    if change.settings:
        yield f"  of all   {', '.join(change.settings)}"
    if untouched := [n for n in change.delta.keep if n not in change.fields and n not in change.resume]:
        yield click.style(f"  kept     {_count(untouched)}", dim=True)


def nothing_to_change(change: "Change") -> str:
    """For when there is nothing else to say."""
    return f"Nothing to change; {_count(change.delta.keep)} as configured."


def show_change(project: Project, choice: Choice, *, as_json: bool) -> int:
    """What `hd up` would do; nothing is changed. The exit status tells whether it is anything."""
    from hippodrome.control import change as changes  # not on the way of a first start

    plan = compiled(project, choice).plan
    found = changes.foresee(project.instance.layout, plan)
    change = found or changes.Change(delta=Delta(add=plan.names))
    if as_json:
        print_json({"is_running": found is not None, **changes.as_json(change)})
    else:
        for line in [nothing_to_change(change)] if change.is_empty else change_lines(change):
            echo(line)
    return ExitCode.OK if change.is_empty else ExitCode.FAILED


def _line(word: str, name: str, reason: str = "") -> str:
    return f"  {click.style(f'{word:<8}', fg=WORDS[word])} {name}" + (f" ({reason})" if reason else "")


def reason(change: "Change", name: str) -> str:
    """Why a changed service needs a new process."""
    if name in change.follows:
        return f"{change.follows[name]} is run again before it"
    return ", ".join(change.fields.get(name, ())) or "its process is of an earlier configuration"


def _count(names: "tuple[str, ...] | list[str]") -> str:
    return "1 service" if len(names) == 1 else f"{len(names)} services"


def confirm_change(change: "Change", *, is_confirmed: bool) -> None:
    """Asks before what runs is ended and does not come back, or all is restarted; never in a script. Raises Abort."""
    if is_confirmed or not (change.ends or change.restart) or not _is_person_there():
        return
    what = "Everything will be restarted" if change.restart else f"{', '.join(change.ends)} will be stopped"
    click.confirm(f"{what}. Go on?", abort=True, err=True)


def _is_person_there() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("CI")


def command_line() -> str:
    """As it was typed, but for secrets: it is kept, and shown."""
    return redacted(shlex.join(["hd", *sys.argv[1:]]), os.environ)


def cause_of(project: Project, choice: Choice, files: tuple[str, ...] = ()) -> kept.Cause:
    """This command, for the record; `files`: those whose change it follows.

    Where all services were chosen, naming some narrows nothing.
    """
    layout = project.instance.layout
    last = kept.last(layout) if choice.only and is_running(layout) else None
    told = asdict(choice)
    if last:
        before = Choice.from_dict(last.choice).only
        told["only"] = tuple(dict.fromkeys((*before, *choice.only))) if before else ()
    return kept.Cause(command=command_line(), choice=_plain(told), files=files)


def choice_of_running(project: Project) -> Choice:
    """What was chosen when the plan was applied that runs."""
    last = kept.last(project.instance.layout)
    return Choice.from_dict(last.choice) if last else Choice()


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    """As it is read back."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}
