"""`hd events explain`."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import cut, echo, print_json, width
from hippodrome.cli.project import open_project
from hippodrome.cli.recorded import find, open_record, plan_of, read_events
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.events.routes import Explanation, explain

YES, NO = click.style("✓", fg="green"), click.style("✗", fg="red")


@click.command("explain")
@click.argument("event", metavar="ID|FILE|-")
@json_option
@root_option
def command(event: str, as_json: bool, project_root: Path | None) -> int:
    """Why an event goes where it goes: each clause of each route's pattern, and what the event has there. Reads only.

    The event is one of the record, by its id, or one in a file or on standard input.

    Exits with 1 when no service takes it.
    """
    body = _body(event, project_root)
    if not isinstance(body, dict):
        problem = Problem("unreadable-event", "an event is a JSON object", "`hd events show ID` prints one.")
        raise UserError(problem, exit_code=ExitCode.USAGE)
    found = explain(body, plan_of(open_project(project_root)))
    if as_json:
        print_json([asdict(each) for each in found])
    else:
        for line in _lines(found):
            echo(line)
    return 0 if any(each.is_match and not each.problem for each in found) else 1


def _body(event: str, project_root: Path | None) -> Any:
    if event == "-" or Path(event).is_file():
        return read_events(event)[0]
    return find(open_record(project_root), event).body


def _lines(found: tuple[Explanation, ...]) -> Iterator[str]:
    if not found:
        yield "This stack has no routes."
    for each in found:
        route = each.route
        verdict = "matches" if each.is_match else "does not match"
        yield f"{YES if each.is_match else NO} route {route.name} → {route.service}{route.path}: {verdict}"
        for clause in each.clauses:
            wanted, has = (json.dumps(value, ensure_ascii=False) for value in (clause.wanted, clause.found))
            yield cut(f"    {YES if clause.is_met else NO} {clause.path} is {has}", width())
            yield f"      wanted {wanted}"
        if each.is_match and each.problem:
            yield f"    {NO} {each.problem}"
