"""`hd events routes`."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import echo, print_json
from hippodrome.cli.project import open_project
from hippodrome.cli.recorded import plan_of

if TYPE_CHECKING:
    from hippodrome.plan.model import Plan, Route


@click.command("routes")
@json_option
@root_option
def command(as_json: bool, project_root: Path | None) -> int:
    """Which events go to which service. Reads only.

    They are configured below `events.routes`, by EventBridge's event patterns.
    """
    plan = plan_of(open_project(project_root))
    if as_json:
        print_json([{**asdict(route), "is_in_plan": route.service in plan} for route in plan.routes])
        return 0
    if not plan.routes:
        echo("No routes; add one below `events.routes` in hippodrome.yaml.")
    for route in plan.routes:
        for line in _lines(route, plan):
            echo(line)
    return 0


def _lines(route: "Route", plan: "Plan") -> Iterator[str]:
    has = route.service in plan
    where = f"{route.service} :{plan.program(route.service).port}{route.path}" if has else route.service
    left = next((left.reason for left in plan.left_out if left.name == route.service), "is not known")
    problem = "" if has else click.style(f" (not in this stack: {left})", fg="yellow")
    yield f"{click.style(route.name, bold=True)} → {where}{problem}"
    yield f"  {json.dumps(route.pattern, ensure_ascii=False)}"
