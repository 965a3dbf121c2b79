"""`hd events show`."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import echo, print_json
from hippodrome.cli.recorded import SIGNS, find, moment, open_record, told
from hippodrome.events.reading import Recorded, Sent


@click.command("show")
@click.argument("identifier", metavar="ID")
@json_option
@root_option
def command(identifier: str, as_json: bool, project_root: Path | None) -> int:
    """One event: its body, its deliveries, and each try. The beginning of an id will do. Reads only."""
    event = find(open_record(project_root), identifier)
    if as_json:
        print_json(told(event))
        return 0
    for line in _lines(event):
        echo(line)
    return 0


def _lines(event: Recorded) -> Iterator[str]:
    yield f"{click.style(event.detail_type, bold=True)} {event.key}".rstrip()
    yield f"id {event.id}, came {moment(event.received_at)} by {event.origin}"
    if event.repeats and event.repeated_at:
        yield f"came {event.repeats} times more, last {moment(event.repeated_at)}; delivered once"
    for sent in event.deliveries:
        yield from _delivery(sent)
    if not event.deliveries:
        yield f"ignored: no route took it; `hd events explain {event.id[:8]}` says why"
    yield ""
    yield json.dumps(event.body, indent=2, ensure_ascii=False)


def _delivery(sent: Sent) -> Iterator[str]:
    sign, colour = SIGNS[sent.state]
    replays = f", replayed {sent.replays} times" if sent.replays else ""
    head = f"{click.style(sign, fg=colour)} route {sent.route} → {sent.service}{sent.path}: {sent.state}"
    yield f"{head} after {sent.attempts} {'try' if sent.attempts == 1 else 'tries'}{replays}"
    for each in sent.tries:
        yield f"    {moment(each.at)}  {each.status or '-'}  {each.took_ms:.0f} ms  {each.reason}".rstrip()
    if sent.said is not None:
        yield f"    answered {json.dumps(sent.said, ensure_ascii=False)}"
