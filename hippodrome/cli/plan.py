"""`hd plan`."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hippodrome.cli.changes import reason
from hippodrome.cli.options import choice_options, json_option, services_argument
from hippodrome.cli.output import columns, echo, print_json, width
from hippodrome.cli.project import Choice, Project, compiled, open_project
from hippodrome.control.change import Change, compared
from hippodrome.control.delta import delta, fingerprints, with_followers
from hippodrome.control.masking import masked_plan
from hippodrome.control.rpc import is_running
from hippodrome.rundir import read_plan

if TYPE_CHECKING:
    from hippodrome.plan.model import Plan


@click.command("plan")
@services_argument()
@json_option
@choice_options
def command(services: tuple[str, ...], as_json: bool, project_root: Path | None, **flags: Any) -> int:
    """What would start, in which order and why, on which ports, from which source. Reads only.

    When the stack runs, also what `hd up` would change.
    """
    project = open_project(project_root, tells_stop=True)
    found = compiled(project, Choice.of(flags, only=services))
    running = read_plan(project.instance.layout) if is_running(project.instance.layout) else None
    change = _compared(running, found.plan) if running else None
    if as_json:
        print_json({"plan": asdict(masked_plan(found.plan)), "delta": asdict(change.delta) if change else None})
        return 0
    for line in (*_head(project, found.plan), *_table(found.plan), *_left_out(found.plan)):
        echo(line)
    for line in _change(change) if change else ():
        echo(line)
    return 0


def _head(project: Project, plan: "Plan") -> Iterator[str]:
    yield f"{project.root.path} ({project.root.why})"
    of = f"profile {plan.profile}, cell {plan.cell}, AWS {plan.aws}, tables {plan.table_prefix}…"
    yield of if plan.events == "none" else f"{of}, events by {plan.events}"
    yield from plan.notices
    yield ""


def _table(plan: "Plan") -> Iterator[str]:
    from hippodrome.plan.explain_order import rows

    dim = [click.style(word, dim=True) for word in ("", "SERVICE", "PORT", "SOURCE", "STARTS WHEN")]
    told = [
        (
            str(row.place),
            row.name,
            ", ".join(map(str, row.ports)) or "-",
            row.source,
            " and ".join(row.waits_for) or "at once",
        )
        for row in sorted(rows(plan), key=lambda row: row.place)
    ]
    yield from columns([dim, *told], wraps=True)
    made = [(row.name, step) for row in rows(plan) for step in row.setup]
    if made:
        yield ""
        yield click.style("Set up first, where that was not done yet:", dim=True)
        yield from (f"  {line}" for line in columns(made, limit=width() - 2))


def _left_out(plan: "Plan") -> Iterator[str]:
    if plan.left_out:
        yield ""
        yield click.style("Left out:", dim=True)
        rows = [(left.name, left.reason) for left in plan.left_out]
        yield from (f"  {line}" for line in columns(rows, limit=width() - 2, wraps=True))


def _compared(running: "Plan", plan: "Plan") -> Change:
    return compared(running, plan, with_followers(delta(plan, fingerprints(running)), plan))


def _change(change: Change) -> Iterator[str]:
    yield ""
    if change.delta.is_empty:
        yield "The stack runs, and `hd up` would change nothing."
        return
    yield click.style("The stack runs; `hd up` would", dim=True)
    for verb, names in (("start", change.delta.add), ("stop", change.delta.remove)):
        yield from (f"  {verb} {name}" for name in names)
    for name in change.delta.change:
        yield f"  restart {name} ({reason(change, name)})"
