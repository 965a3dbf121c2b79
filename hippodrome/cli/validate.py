"""`hd validate`."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from hippodrome.cli.options import choice_options, json_option
from hippodrome.cli.output import echo, print_json, print_problems
from hippodrome.cli.project import Choice, Project, check_all, open_project
from hippodrome.errors import ExitCode, Problem


@click.command("validate")
@json_option
@choice_options
def command(as_json: bool, project_root: Path | None, **flags: Any) -> int:
    """All mistakes in the configuration, at once, each with its place and a hint. Reads only.

    Every profile is checked with every cell. Exits with 3 when there is a mistake.
    """
    project = open_project(project_root)
    problems, warnings = check_all(project, Choice.of(flags))
    if as_json:
        print_json({"problems": [_told(problem) for problem in problems], "warnings": warnings})
    else:
        _print(project, problems, warnings)
    return ExitCode.CONFIGURATION if problems else ExitCode.OK


def _print(project: Project, problems: tuple[Problem, ...], warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        echo(f"warning: {warning}", err=True)
    print_problems(problems)
    if problems:
        echo(f"{len(problems)} mistake{'s' * (len(problems) > 1)}.", err=True)
    else:
        echo(f"The configuration of {project.root.path} ({project.root.why}) is valid.")


def _told(problem: Problem) -> dict[str, Any]:
    return {**asdict(problem), "where": str(problem.place) if problem.place else None}
