"""The table of services, as `hd up` draws it while they start and `hd ps` prints it."""

import time

import click

from hippodrome.cli.output import STATE_COLOURS, columns, cut, duration, shown_folder, width
from hippodrome.diagnose.why import why
from hippodrome.plan.conditions import Snapshot, Status
from hippodrome.plan.debugger import debugger_of
from hippodrome.plan.model import Plan, Program

CALM = {"healthy", "running", "starting", "stopping"}  # states that need no sentence


def table(plan: Plan, snapshot: Snapshot) -> list[str]:
    """Lines: a header, one a service, and a sentence below each that is not well. Plan order."""
    programs = {program.name: program for program in plan.programs}
    told = [status for status in snapshot.statuses if status.name in programs]
    header = tuple(click.style(word, dim=True) for word in ("SERVICE", "STATE", "SINCE", "PORT", "SOURCE"))
    rows = columns([header, *(_row(programs[status.name], status) for status in told)])
    lines = rows[:1]
    for status, row in zip(told, rows[1:], strict=True):
        lines.append(row)
        if _needs_sentence(programs[status.name], status):
            lines.append(_sentence(plan, snapshot, status.name))
        if address := debugger_of(programs[status.name]):
            lines.append(cut(f"  └ a debugger can attach at {address}", width()))
    return lines


def _row(program: Program, status: Status) -> tuple[str, str, str, str, str]:
    since = duration(time.time() - status.since) if status.since else "-"
    again = f" ↻{status.restarts}" if status.restarts else ""
    state = "done" if status.has_completed else status.state
    return (
        program.name,
        click.style(state, fg=STATE_COLOURS[status.state]) + again,
        since,
        str(program.port or "-"),
        shown_folder(program.origin.shown),
    )


def _needs_sentence(program: Program, status: Status) -> bool:
    if status.state in CALM:
        return status.cause == "by-hand" or (program.is_external and status.state == "starting")
    return not status.has_completed


def _sentence(plan: Plan, snapshot: Snapshot, name: str) -> str:
    return cut(f"  └ {why(plan, snapshot, name).sentence}", width())
