"""`hd drift`."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from hippodrome.cli.changes import choice_of_running
from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import columns, echo, print_json
from hippodrome.cli.project import compiled, open_project
from hippodrome.cli.running import open_running
from hippodrome.control import kept
from hippodrome.control.change import foresee
from hippodrome.diagnose.drift import Difference, Running, drift
from hippodrome.errors import ExitCode
from hippodrome.plan.layout import Layout
from hippodrome.rundir import read_record
from hippodrome.version import version

WORDS = {
    "changed": "has changed",
    "missing": "is configured, and not part of what runs",
    "unwanted": "runs, and is not configured",
    "again": "is not as it was configured",
    "not-running": "does not run",
    "stray": "is supervised, and unknown",
    "setting": "has changed",
    "supervisord": "must be restarted",
    "version": "is another",
}


@click.command("drift")
@json_option
@root_option
def command(as_json: bool, project_root: Path | None) -> int:
    """Whether what runs is what the configuration says now; each difference with who set it, and where. Reads only.

    The configuration is read as chosen when the stack was brought up: its profile, cell, sources, and services named
    or left out. Values of secrets are not read.

    Exits with 0 when all is as configured, 1 when something is not.
    """
    running = open_running(project_root)
    project = open_project(project_root)
    found = compiled(project, choice_of_running(project))
    change = foresee(project.instance.layout, found.plan)
    runs = Running(running.plan, running.snapshot, running.supervisor.supervised())
    differences = (
        *_version(running.instance.layout),
        *(drift(found.config, found.plan, runs, change) if change else ()),
    )
    last = kept.last(project.instance.layout)
    back_to = last.back_to if last else None
    if as_json:
        told = [_told(each) for each in differences]
        print_json({"has_drift": bool(differences), "rolled_back_to": back_to, "differences": told})
    else:
        for line in _lines(differences, back_to):
            echo(line)
    return ExitCode.FAILED if differences else ExitCode.OK


def _version(layout: Layout) -> Iterator[Difference]:
    record = read_record(layout)
    if record and record.version != version():
        what = f"it was started by hd {record.version or 'of an unknown version'}, this is {version()}"
        yield Difference("version", why=what)


def _lines(differences: tuple[Difference, ...], back_to: int | None) -> Iterator[str]:
    if not differences:
        yield "What runs is what the configuration says."
        return
    if back_to:
        yield f"What runs was put back to plan {back_to}; `hd up` applies the configuration again."
    yield from columns([_row(each) for each in differences])
    if any(each.kind != "version" for each in differences):
        yield "`hd up` brings it about; `hd explain SERVICE.FIELD` shows a value and its layers."


def _row(each: Difference) -> tuple[str, str, str]:
    who = each.program or {"setting": "the stack", "version": "hd"}.get(each.kind, "supervisord")
    where = f"{each.place} ({each.layer})" if each.place else ""
    if each.kind in {"changed", "setting"}:
        return who, each.field, ": ".join(filter(None, (each.why, where)))
    return who, WORDS[each.kind], ": ".join(filter(None, (each.why, where)))


def _told(each: Difference) -> dict[str, Any]:
    return {**asdict(each), "place": str(each.place) if each.place else None}
