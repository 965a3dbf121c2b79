"""`hd why`."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from hippodrome.cli import names
from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import STATE_COLOURS, cut, duration, echo, print_json, width
from hippodrome.cli.running import open_running, pick
from hippodrome.diagnose.history import Event
from hippodrome.diagnose.inquiry import FIRST_CHANGES, Ended, Inquiry, Needed, inquire

LABEL = 11  # columns of what stands before each part


@click.command("why")
@click.argument("service", shell_complete=names.services)
@json_option
@root_option
def command(service: str, as_json: bool, project_root: Path | None) -> int:
    """All that is known of one service: why it is so, and what to try next. Reads only.

    Its state, what it waits for, how it ended last, its last errors, who holds its ports, what changed since it was
    well. Exits with 1 when it is not ready.
    """
    running = open_running(project_root)
    (name,) = pick(running, [service])
    found = inquire(running.plan, running.snapshot, name, running.instance.layout)
    if as_json:
        print_json(asdict(found))
    else:
        for line in lines(found, time.time()):
            echo(line)
    return 0 if running.snapshot.status(name).is_ready else 1


def lines(found: Inquiry, now: float) -> Iterator[str]:
    """The screen, cut to its width but for what to do next."""
    state = click.style(found.state, fg=STATE_COLOURS[found.state])
    yield f"{click.style(found.service, bold=True)}  {state}" + (
        f" for {_age(found.since, now)}" if found.since else ""
    )
    yield from _part("why", [found.sentence], is_whole=True)
    yield from _part("needs", [_needed(each, now) for each in found.needs])
    yield from _part("last exit", [_ended(found.last_exit, now)] if found.last_exit else [])
    yield from _part("ports", [f"{each.number} ({each.name}): {each.holder}" for each in found.ports])
    of_root = f" of {found.root}" if found.root != found.service else ""
    said = [f"{click.style(_clock(line.at), dim=True)} {line.text}" for line in found.lines]
    yield from _part("errors", [f"in the log{of_root}:", *said] if said and of_root else said)
    yield from _part("likely", [found.likely] if found.likely else [], is_whole=True)
    yield from _part("changed", list(_changes(found)))
    yield from _part("next", [found.next], is_whole=True)


def _part(label: str, told: list[str], *, is_whole: bool = False) -> Iterator[str]:
    for index, text in enumerate(told):
        head = click.style((label if index == 0 else "").ljust(LABEL), dim=True)
        yield head + (text if is_whole else cut(text, width() - LABEL))


def _needed(each: Needed, now: float) -> str:
    mark = click.style("✓", fg="green") if each.is_met else click.style("✗" if each.is_required else "–", fg="red")
    held = ", which it waits for" if each.is_holding else ""
    age = f" for {_age(each.since, now)}" if each.since else ""
    said = "" if each.is_met else f": {each.sentence}"
    return f"{mark} {each.program} {each.condition}{held}; it is {each.state}{age}{said}"


def _ended(last: Ended, now: float) -> str:
    means = f" ({last.meaning})" if last.meaning else ""
    return f"{last.words}{means} {_age(last.at, now)} ago, after {duration(last.lived_s)}"


def _changes(found: Inquiry) -> Iterator[str]:
    if found.changes:
        yield f"well until {_clock(found.well_until)}; then:" if found.well_until else "it was not well yet:"
    for index, event in enumerate(found.changes):
        if found.left_out and index == FIRST_CHANGES:
            yield f"… {found.left_out} more …"
        yield f"{click.style(_clock(event.at), dim=True)} {event.program} {words(event)}"


def words(event: Event) -> str:
    """`starting (file changed: app.py)`, `failed (port taken)`."""
    about = event.reason or event.cause.replace("-", " ")
    return f"{event.state} ({about})" if about else event.state


def _age(at: float, now: float) -> str:
    return duration(now - at)


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
