"""`hd events list`."""

import time
from dataclasses import asdict
from pathlib import Path

import click

from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import echo, print_json
from hippodrome.cli.project import open_project
from hippodrome.cli.recorded import moment, rows, told, told_plainly
from hippodrome.events import source
from hippodrome.events.reading import STATES, EventState, Reader, Totals, Wanted
from hippodrome.rundir import read_plan


@click.command("list")
@click.option("-n", "count", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@click.option("--state", type=click.Choice(STATES), help="Only those.")
@click.option("--type", "detail_type", default="", metavar="TYPE", help="Detail types that begin so.")
@click.option("--key", default="", help="Keys that begin so, as the list shows them.")
@click.option("--text", default="", help="That stands anywhere in the event.")
@click.option("--proofs", is_flag=True, help="Also those that prove that events come.")
@json_option
@root_option
def command(as_json: bool, project_root: Path | None, proofs: bool, **chosen: str | int | None) -> int:
    """Events that came, the newest last, with how far they are. Reads only, also when nothing runs."""
    wanted = Wanted(with_proofs=proofs, **chosen)  # type: ignore[arg-type]
    show(project_root, wanted, as_json=as_json)
    return 0


def show(project_root: Path | None, wanted: Wanted, *, as_json: bool) -> None:
    """Prints the events, the totals, and whether events come."""
    layout = open_project(project_root, tells_stop=True).instance.layout
    reader, plan = Reader(layout.spool), read_plan(layout)
    with told_plainly():
        found, totals = reader.events(wanted)[::-1], reader.totals()
    comes = source.look(plan, layout.last_proof, time.time()) if plan else None
    if as_json:
        events = [told(event) for event in found]
        print_json({"events": events, "totals": asdict(totals), "source": asdict(comes) if comes else None})
        return
    for line in rows(found, plan) if found else ["No events here yet; `hd events send` makes one."]:
        echo(line)
    echo("")
    for line in (*_summary(totals), *((comes.sentence,) if comes else ())):
        echo(click.style(line, dim=True))


def _summary(totals: Totals) -> list[str]:
    counts: dict[EventState, int] = totals.by_state
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count) or "none"
    repeats = f"; {totals.repeats} came more than once" if totals.repeats else ""
    lines = [f"Events: {told}{repeats}."]
    if totals.dropped and totals.dropped_at:
        lines.append(f"Dropped {totals.dropped}, the last {moment(totals.dropped_at)}: {totals.dropped_why}.")
    return lines
