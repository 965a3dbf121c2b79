"""`hd history`."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import columns, cut, duration, echo, not_shown, print_json, width
from hippodrome.cli.project import open_project
from hippodrome.control import kept
from hippodrome.control.change import Change, as_json
from hippodrome.control.kept import Kept
from hippodrome.plan.use import moment

OTHERS = 64  # columns of what stands beside CHANGED, so that BY always has some
COLOURS = {"healthy": "green", "failed": "red", "pending": "yellow", "replaced": "bright_black"}


@click.command("history")
@json_option
@root_option
def command(as_json: bool, project_root: Path | None) -> int:
    """The last 20 plans that ran here: when, by which command, what changed, how it went. Reads only.

    Of what `hd watch` applied, the files that had changed are named.

    `hd rollback NUMBER` goes back to one. The newest is the last; that is the one that runs, if anything does.
    """
    layout = open_project(project_root, tells_stop=True).instance.layout
    newest = kept.settle(layout)
    entries = [*kept.read_all(layout)[:-1], newest] if newest else []
    if unread := kept.of_another_version(layout):
        echo(not_shown(unread, "plan"), err=True)
    if as_json:
        print_json([_told(entry) for entry in entries])
    elif entries:
        for line in columns(list(_rows(entries)), wraps=True):
            echo(line)
    elif not unread:
        echo("No plan is kept: nothing has run here yet.")
    return 0


def _rows(entries: list[Kept]) -> Iterator[tuple[str, ...]]:
    head = ("", "AT", "AGO", "WENT", "CHANGED", "BY")
    yield tuple(click.style(word, dim=True) for word in head)
    room = max(16, width() - OTHERS)
    for entry in entries:
        went = click.style(_went(entry), fg=COLOURS[entry.verdict])
        ago, by = duration(time.time() - entry.at), ": ".join(filter(None, (entry.command, ", ".join(entry.files))))
        yield str(entry.number), moment(entry.at), ago, went, cut(summary(entry.change), room), by


def _went(entry: Kept) -> str:
    if entry.verdict == "healthy":
        return f"healthy after {duration(entry.after_s or 0.0)}"
    return f"{entry.verdict}: {', '.join(entry.failed)}" if entry.failed else entry.verdict


def summary(change: Change) -> str:
    """In few words, the least expected first."""
    counted = [f"{sign}{name}" for sign, names in _signed(change) for name in names]
    shown = ", ".join(counted[:4]) + (f" and {len(counted) - 4} more" if len(counted) > 4 else "")
    return shown or ", ".join(change.settings) or "-"


def _signed(change: Change) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "-", change.delta.remove
    yield "~", change.delta.change
    yield "+", change.delta.add
    yield "=", tuple(name for name in change.fields if name in change.delta.keep)


def _told(entry: Kept) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": entry.at,
        "again_at": entry.again_at,
        "command": entry.command,
        "files": list(entry.files),
        "back_to": entry.back_to,
        "profile": entry.profile,
        "cell": entry.cell,
        "verdict": entry.verdict,
        "after_s": entry.after_s,
        "failed": list(entry.failed),
        "change": as_json(entry.change),
    }
