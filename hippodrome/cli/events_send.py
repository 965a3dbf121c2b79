"""`hd events send`."""

import json
from pathlib import Path
from typing import Any

import click

from hippodrome.cli.options import json_option, pairs, root_option
from hippodrome.cli.output import echo, print_event
from hippodrome.cli.recorded import read_events
from hippodrome.cli.relaying import Door
from hippodrome.errors import ExitCode
from hippodrome.events.envelope import image, made
from hippodrome.events.names import feeds
from hippodrome.plan.model import Plan

SAID = {"forwarded": ("✓", "green"), "queued": ("…", "yellow"), "dead": ("✗", "red")}


@click.command("send")
@click.argument("what", metavar="TYPE|FILE|-")
@click.option("--key", "keys", multiple=True, callback=pairs, metavar="NAME=VALUE", help="Of the item: pk=INDEX#1.")
@click.option("--new", multiple=True, callback=pairs, metavar="NAME=VALUE", help="Of the item as it is now.")
@click.option("--old", multiple=True, callback=pairs, metavar="NAME=VALUE", help="Of the item as it was.")
@click.option("--table", metavar="NAME", help="Else the one that goes with the type.")
@json_option
@root_option
def command(what: str, as_json: bool, project_root: Path | None, **parts: Any) -> int:
    """Send an event by hand: one made from TYPE and keys, or those of a file or of standard input. Changes what
    services know.

    Values are JSON, or else text. A file has one JSON object, a list of them, or one a line.

    Example: `hd events send EcomIndexSettings.MODIFY --key pk=INDEX#1 --key sk=SETTINGS`

    Exits with 0 when all are delivered, 1 when one is not taken, 5 when one is queued.
    """
    door = Door(project_root)
    if what == "-" or Path(what).is_file():
        if parts["keys"] or parts["new"] or parts["old"] or parts["table"]:
            raise click.UsageError("--key, --new, --old and --table are for an event made from a type.")
        bodies = read_events(what)
    else:
        bodies = [_made(what, door.plan, **parts)]
    return max(_send(door, body, as_json=as_json) for body in bodies)


def _made(
    what: str, plan: Plan, *, keys: dict[str, str], new: dict[str, str], old: dict[str, str], table: str | None
) -> dict[str, Any]:
    word, _, _name = what.rpartition(".")
    if not word:
        raise click.UsageError(f"`{what}` is no file, and a type is such as EcomIndexSettings.MODIFY.")
    known = {feed.word: feed.table for feed in feeds(plan.table_prefix)}
    images = {"newImage": new, "oldImage": old}
    told = {each: image({**keys, **values}) for each, values in images.items() if values}
    return made(what, table or known.get(word, f"{plan.table_prefix}{word}Table"), keys, told)


def _send(door: Door, body: Any, *, as_json: bool) -> ExitCode:
    response = door.post("/webhook/eventbridge", body)
    answer = response.json()
    identifier = response.headers.get("X-Event-Id", "")
    status = answer.get("webhook_status") or answer.get("status") or "rejected"
    is_repeat = "X-Event-Repeated" in response.headers
    if as_json:
        print_event({"id": identifier, "http_status": response.status_code, "is_repeat": is_repeat, **answer})
    else:
        sign, colour = SAID.get(status, ("✗", "red"))
        where = f" {'to' if status == 'forwarded' else 'for'} {answer['target']}" if "target" in answer else ""
        why = f": {answer.get('reason') or answer.get('message')}" if status != "forwarded" else _said(answer)
        again = " (came before; told from the record)" if is_repeat else ""
        echo(f"{click.style(sign, fg=colour)} {status}{where}{why}{again} [{identifier}]")
    return {"forwarded": ExitCode.OK, "queued": ExitCode.TIMED_OUT}.get(status, ExitCode.FAILED)


def _said(answer: dict[str, Any]) -> str:
    return f": {json.dumps(answer['service_response'], ensure_ascii=False)}"
