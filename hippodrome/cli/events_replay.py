"""`hd events replay`."""

from pathlib import Path
from typing import Any

import click

from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import echo, print_json
from hippodrome.cli.recorded import find, open_record
from hippodrome.cli.relaying import Door
from hippodrome.errors import ExitCode
from hippodrome.events.reading import STATES


@click.command("replay")
@click.argument("identifiers", nargs=-1, metavar="[ID]...")
@click.option("--dead", is_flag=True, help="All that their service refused.")
@click.option("--state", type=click.Choice(STATES), help="All of that state.")
@click.option("--type", "detail_type", default="", metavar="TYPE", help="All whose detail type begins so.")
@click.option("--key", default="", help="All whose key begins so.")
@click.option("--text", default="", help="All in which that stands.")
@json_option
@root_option
def command(
    identifiers: tuple[str, ...], as_json: bool, project_root: Path | None, dead: bool, **chosen: str | None
) -> int:
    """Deliver events again, to wherever their routes lead now. Changes what services know.

    By id, or all that fit what is said of them. They are marked as replayed, and come behind what is queued already.
    """
    many = {"type": chosen["detail_type"], "key": chosen["key"], "text": chosen["text"]}
    many |= {"state": "dead" if dead else chosen["state"]}
    wanted = {name: value for name, value in many.items() if value}
    if bool(identifiers) == bool(wanted):
        raise click.UsageError("Name events by their ids, or say which by --dead, --state, --type, --key or --text.")
    reader, door = open_record(project_root), Door(project_root)
    calls = [f"/{find(reader, each).id}/replay" for each in identifiers] or ["/replay"]
    done = [_answered(door, call, wanted) for call in calls]
    events = sum(each.get("events", 1) for each in done)
    deliveries = sum(each["deliveries"] for each in done)
    if as_json:
        print_json({"events": events, "deliveries": deliveries})
    else:
        echo(f"{events} events are delivered again, {deliveries} deliveries in all; `hd events tail` shows how.")
    return ExitCode.OK


def _answered(door: Door, call: str, wanted: dict[str, str]) -> dict[str, Any]:
    response = door.post(f"/api/events{call}", wanted)
    if not response.ok:
        raise click.ClickException(f"The relay refused: {response.json().get('message', response.status_code)}")
    answer: dict[str, Any] = response.json()
    return answer
