"""`hd setup`."""

import shutil
from pathlib import Path
from typing import Any

import click

from hippodrome.bootstrap.steps import Failure, Progress, pending, run, store_of
from hippodrome.cli.options import choice_options, services_argument
from hippodrome.cli.output import duration, echo
from hippodrome.cli.project import Choice, compiled, open_project
from hippodrome.errors import ExitCode
from hippodrome.plan.model import Plan


@click.command("setup")
@services_argument()
@click.option("--again", is_flag=True, help="Make it from nothing, also when it is complete.")
@choice_options
def command(services: tuple[str, ...], again: bool, project_root: Path | None, **flags: Any) -> int:
    """Make what services need before their first start: environments, node_modules. Changes what it makes.

    `hd up` does this by itself; here its output is shown. What is complete is left alone.
    """
    project = open_project(project_root)
    plan = compiled(project, Choice.of(flags, only=services)).plan
    if again:
        _remove(plan)
    jobs = pending(plan)
    failures = run(jobs, _show, project.instance.layout.setup_log)
    for failure in failures:
        _explain(failure)
    if not jobs:
        echo("Everything is set up.")
    return ExitCode.SETUP_FAILED if failures else ExitCode.OK


def _remove(plan: Plan) -> None:
    """What we made; a person's own environment has no mark, and stays."""
    from hippodrome.bootstrap.cache import MARK

    for step in (step for program in plan.programs for step in program.setup):
        for made in filter(None, (Path(step.product), store_of(step))):
            if (made / MARK).exists():
                shutil.rmtree(made)


def _show(progress: Progress) -> None:
    words = {"started": "…", "going": progress.text, "done": f"done in {duration(progress.seconds)}"}
    echo(f"{progress.job.label}: {words.get(progress.state, progress.text)}")


def _explain(failure: Failure) -> None:
    echo(f"{', '.join(failure.programs)}: {failure.cause}", err=True)
    for line in failure.lines:
        echo(f"  │ {line}", err=True)
    echo(f"  hint: {failure.mend}", err=True)
