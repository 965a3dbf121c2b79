"""`hd events dead`."""

from pathlib import Path

import click

from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import columns, echo, print_json, width
from hippodrome.cli.recorded import ID_SHOWN, moment, open_record, told, told_plainly
from hippodrome.events.reading import Wanted


@click.command("dead")
@click.option("-n", "count", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@json_option
@root_option
def command(count: int, as_json: bool, project_root: Path | None) -> int:
    """Events that their service refused, with its reason. Reads only.

    They are not tried again until `hd events replay ID`, or `--dead` for all.

    Exits with 1 when there are any.
    """
    with told_plainly():
        found = open_record(project_root).events(Wanted(count=count, state="dead"))[::-1]
    if as_json:
        print_json([told(event) for event in found])
        return 1 if found else 0
    if not found:
        echo("No dead letters.")
    for event in found:
        head = (moment(event.received_at), event.detail_type, event.key or "-", event.id[:ID_SHOWN])
        echo(columns([head])[0])
        for sent in (each for each in event.deliveries if each.state == "dead"):
            said = f": {sent.said}" if sent.said else ""
            echo(columns([("  " + click.style("✗", fg="red"), f"{sent.reason}{said}")], limit=width())[0])
    return 1 if found else 0
