"""The record of events, as the commands below `hd events` read and print it."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hippodrome.cli.output import columns
from hippodrome.cli.project import Choice, Project, compiled, open_project
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.events.reading import Reader, Recorded, Sent, UnreadableError
from hippodrome.rundir import read_plan

if TYPE_CHECKING:
    from hippodrome.plan.model import Plan

SIGNS = {
    "delivered": ("✓", "green"),
    "dead": ("✗", "red"),
    "queued": ("…", "yellow"),
    "ignored": ("-", "bright_black"),
}
ID_SHOWN = 8  # characters: enough to name one, and `hd events show` takes them


@contextmanager
def told_plainly() -> Iterator[None]:
    """A record that cannot be read becomes a UserError."""
    try:
        yield
    except UnreadableError as error:
        hint = "`hd down`, move that file away, and `hd up`: a new one is begun."
        raise UserError(Problem("unreadable-record", str(error), hint), exit_code=ExitCode.FAILED) from error


def open_record(project_root: Path | None) -> Reader:
    """Of the project's instance, whether it runs or not."""
    return Reader(open_project(project_root, tells_stop=True).instance.layout.spool)


def find(reader: Reader, identifier: str) -> Recorded:
    """Raises UserError where there is no such event, or several begin so."""
    with told_plainly():
        found = reader.event(identifier)
    if found is None:
        what = f"the record has no event `{identifier}`, or several that begin so"
        problem = Problem("unknown-event", what, "`hd events list` shows their ids.")
        raise UserError(problem, exit_code=ExitCode.USAGE)
    return found


def plan_of(project: Project) -> "Plan":
    """Of the stack that runs or ran last, else the one that the configuration gives."""
    return read_plan(project.instance.layout) or compiled(project, Choice()).plan


def told(event: Recorded) -> dict[str, Any]:
    """As JSON."""
    document = asdict(event)
    if event.body is None:
        del document["body"]
    return document


def rows(events: list[Recorded], plan: "Plan | None") -> list[str]:
    """Lines of a table, with a header."""
    header = tuple(click.style(word, dim=True) for word in ("TIME", "STATE", "EVENT", "TO", "ID", "KEY"))
    return columns([header, *(_row(event, plan) for event in events)])


def _row(event: Recorded, plan: "Plan | None") -> tuple[str, ...]:
    sign, colour = SIGNS[event.state]
    last = event.deliveries[-1] if event.deliveries else None
    status = str(last.status) if last and last.status else event.state
    repeats = f" ×{event.repeats + 1}" if event.repeats else ""
    took = f" {last.took_ms:.0f} ms" if last and last.status and last.took_ms is not None else ""
    return (
        moment(event.received_at),
        click.style(f"{sign} {status}", fg=colour) + took + repeats,
        event.detail_type,
        _to(last, plan) if last else "-",
        event.id[:ID_SHOWN],
        event.key or "-",
    )


def _to(sent: Sent, plan: "Plan | None") -> str:
    return f":{plan.program(sent.service).port}" if plan and sent.service in plan else sent.service


def moment(at: float) -> str:
    """The time of day, with the day where it is another."""
    day = "" if time.time() - at < 43200 else "%m-%d "
    return time.strftime(f"{day}%H:%M:%S", time.localtime(at))


def read_events(source: str) -> list[Any]:
    """From a file, or from standard input for `-`: one JSON object, a list of them, or one a line.

    Raises UserError naming file and line.
    """
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem("unreadable-event", f"{source} cannot be read: {error}", "Name a file with JSON, or `-`.")
        raise UserError(problem, exit_code=ExitCode.USAGE) from error
    return _parsed(text, "standard input" if source == "-" else source)


def _parsed(text: str, name: str) -> list[Any]:
    lines = text.splitlines()
    if sum(bool(line.strip()) for line in lines) > 1 and all(line.lstrip()[:1] in ("{", "") for line in lines):
        return [_json(line, f"{name}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    whole = _json(text, name)
    return whole if isinstance(whole, list) else [whole]


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        what = f"{where}: no JSON: {error}"
        problem = Problem("unreadable-event", what, "One object, a list of them, or one object a line.")
        raise UserError(problem, exit_code=ExitCode.USAGE) from error
