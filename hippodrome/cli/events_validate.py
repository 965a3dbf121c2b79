"""`hd events validate`."""

import os
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hippodrome.cli.confirm import refuse_real_data
from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import echo, print_json, shown_url, width
from hippodrome.cli.project import Choice, Project, compiled, open_project
from hippodrome.cli.running import open_running
from hippodrome.control.rpc import is_running
from hippodrome.errors import UserError
from hippodrome.events.deployed import Aws, account, moto_at
from hippodrome.events.flow import flow
from hippodrome.events.names import feeds
from hippodrome.events.reading import Reader
from hippodrome.events.validate import Check, Outcome, validate, verdict
from hippodrome.plan.prefix import mistakes_of
from hippodrome.rundir import read_plan

if TYPE_CHECKING:
    from hippodrome.plan.model import Plan

SIGNS: dict[Outcome, tuple[str, str]] = {"ok": ("✓", "green"), "failed": ("✗", "red"), "unchecked": ("?", "yellow")}
SAID: dict[Outcome, str] = {"ok": "are well", "failed": "failed", "unchecked": "could not be checked"}
EXITS: dict[Outcome, int] = {"ok": 0, "failed": 1, "unchecked": 2}
INDENT = "    "


@click.command("validate")
@click.option("--table-prefix", metavar="PREFIX", help="Of what is checked; else that of the stack.")
@click.option("--aws", "which", type=click.Choice(["moto", "account"]), help="Which AWS; the stack decides else.")
@click.option("--verbose", is_flag=True, help="Also ARNs and settings.")
@click.option("--flow", "has_flow", is_flag=True, help="Also put a marker item, and follow its event to its service.")
@json_option
@root_option
def command(
    table_prefix: str | None,
    which: str | None,
    verbose: bool,
    has_flow: bool,
    as_json: bool,
    project_root: Path | None,
) -> int:
    """Check what carries events in AWS: tables, streams, pipes, buses. Reads only; with --flow, an item of a table is
    made and taken away.

    Asks moto where the running stack has it (or, when none runs, would have it), else your AWS account. A mend stands
    below each check that failed.

    Exits with 1 when a check failed, 2 when none failed but some could not be made.
    """
    plan = _plan(open_project(project_root), table_prefix, which)
    prefix = plan.table_prefix if table_prefix is None else table_prefix
    aws = _aws(plan, which)
    checks = (*validate(aws, prefix), *(_flow(aws, prefix, project_root) if has_flow else ()))
    if as_json:
        print_json(
            {
                "table_prefix": prefix,
                "asked": aws.shown,
                "verdict": verdict(checks),
                "checks": [asdict(c) for c in checks],
            }
        )
    else:
        _print(checks, f"{prefix} in {shown_url(aws.shown)}", is_verbose=verbose)
    return EXITS[verdict(checks)]


def _flow(aws: Aws, prefix: str, project_root: Path | None) -> Iterator[Check]:
    """Raises UserError where no stack runs that events could come to, or its data is real."""
    running = open_running(project_root)
    refuse_real_data(running.plan, "`hd events validate --flow`")
    return flow(aws, feeds(prefix)[0].table, Reader(running.instance.layout.spool))


def _plan(project: Project, table_prefix: str | None, which: str | None) -> "Plan":
    """That of the running stack, else the one that would run; with moto when it is asked for."""
    if table_prefix is not None and (mistakes := mistakes_of(table_prefix)):
        raise UserError(*mistakes)
    layout = project.instance.layout
    running = read_plan(layout) if is_running(layout) else None
    plan = running or compiled(project, Choice(table_prefix=table_prefix)).plan
    if which == "moto" and "moto" not in plan:
        return compiled(project, Choice(table_prefix=table_prefix, aws="moto", only=("moto",))).plan
    return plan


def _aws(plan: "Plan", which: str | None) -> Aws:
    has_moto = "moto" in plan and (which or plan.aws) == "moto"
    return moto_at(plan.program("moto").url) if has_moto else account(os.environ)


def _print(checks: Iterable[Check], where: str, *, is_verbose: bool) -> None:
    checks, told = tuple(checks), set[object]()
    echo(f"Checking {where}")
    for check in checks:
        sign, colour = SIGNS[check.outcome]
        is_said = check.outcome == "ok" and check.found in check.name
        first, *more = _wrapped(check.name if is_said else f"{check.name}: {check.found}", "  ", first="  ")
        echo(click.style(sign, fg=colour, bold=check.outcome != "ok") + first[1:])
        for line in [*more, *(_details(check) if is_verbose else ())]:
            echo(line)
        for line in _mend(check) if (check.mend, check.commands) not in told else ():
            echo(line)
        told |= {(check.mend, check.commands)}
    counted = {outcome: sum(check.outcome == outcome for check in checks) for outcome in SAID}
    echo(", ".join(f"{count} {SAID[outcome]}" for outcome, count in counted.items() if count) + ".")


def _details(check: Check) -> Iterator[str]:
    for name, value in check.details.items():
        yield from _wrapped(f"{name}: {value}", INDENT + "  ", first=INDENT)


def _mend(check: Check) -> Iterator[str]:
    if check.mend:
        first, *more = _wrapped(f"mend: {check.mend}", INDENT, first=INDENT)
        yield first.replace("mend:", click.style("mend:", fg="cyan"), 1)
        yield from more
    for each in check.commands:
        lines = _wrapped(each, INDENT + "    ", first=INDENT + "  ", room=2)
        yield from [line + " \\" for line in lines[:-1]]  # it can be copied as it stands
        yield lines[-1]


def _wrapped(text: str, indent: str, *, first: str, room: int = 0) -> list[str]:
    """Lines as wide as the screen; names, ARNs and options are never broken."""
    return textwrap.wrap(
        text,
        width() - room,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
