"""`hd events tail`."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import echo, print_event
from hippodrome.cli.project import open_project
from hippodrome.cli.recorded import plan_of, told, told_plainly
from hippodrome.events.following import Follower, News
from hippodrome.events.reading import Reader, Sent, Try
from hippodrome.events.routes import Explanation, explain
from hippodrome.plan.model import Plan
from hippodrome.wait import Deadline

LOOK_S = 0.2


@click.command("tail")
@click.option("-n", "count", type=click.IntRange(0), default=10, show_default=True, help="Events from the end first.")
@click.option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="End after that; else by Ctrl+C.")
@click.option("--proofs", is_flag=True, help="Also those that prove that events come.")
@json_option
@root_option
def command(count: int, timeout: float | None, proofs: bool, as_json: bool, project_root: Path | None) -> int:
    """Events as they come: --> what came, === which routes took it, <-- what their service answered. Reads only.

    --json prints one object a line whenever something has become of an event.
    """
    project = open_project(project_root)
    follower = Follower(Reader(project.instance.layout.spool), count, with_proofs=proofs)
    deadline = Deadline(timeout if timeout is not None else float("inf"))
    with suppress(KeyboardInterrupt), told_plainly():
        plan = plan_of(project)
        while True:
            for news in follower.look():
                _print(news, plan, as_json=as_json)
            if deadline.is_over:
                return 0
            time.sleep(min(LOOK_S, deadline.left))
    return 0


def _print(news: News, plan: Plan, *, as_json: bool) -> None:
    if as_json:
        print_event({"event": news.kind, **told(news.event)})
        return
    for line in _lines(news, plan):
        echo(line)


def _lines(news: News, plan: Plan) -> Iterator[str]:
    event = news.event
    name = click.style(f"[{event.id}]", dim=True)
    what = f"{event.detail_type} {event.key}".rstrip()
    if news.kind == "repeated":
        yield f"--> {what} ×{event.repeats + 1}, came before {name}"
        return
    if news.kind == "came":
        yield f"--> {what} {name}"
        yield from map(_route, explain(event.body, plan))
        if event.state == "ignored":
            yield "<-- [---] ignored: no service takes it"
    for sent in event.deliveries:
        for each in news.fresh.get(sent.route, ()):
            again = "" if news.kind == "came" else f" {name}"
            yield f"{_answered(sent, each, plan)}{again}"


def _answered(sent: Sent, each: Try, plan: Plan) -> str:
    program = plan.program(sent.service) if sent.service in plan else None
    where = f"POST :{program.port}{sent.path}" if program else sent.service
    colour = None if each.status is None else "green" if each.status < 300 else "red"
    status = each.status or "---"
    took = f" {each.took_ms:.0f} ms" if each.took_ms else ""
    kept = ", a dead letter" if sent.state == "dead" and each == sent.tries[-1] else ", to be tried again"
    why = f": {each.reason}{kept}" if each.reason else ""
    return f"<-- {click.style(f'[{status}]', fg=colour)} {where}{took}{why}"


def _route(found: Explanation) -> str:
    head = f"=== route {found.route.name}"
    if found.is_match and not found.problem:
        return f"{head} {click.style('✓', fg='green')}"
    unmet = next((clause for clause in found.clauses if not clause.is_met), None)
    why = f"{unmet.path} is {json.dumps(unmet.found, ensure_ascii=False)}" if unmet else found.problem
    return click.style(f"{head} ✗ {why}", dim=True)
