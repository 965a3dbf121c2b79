"""`hd doctor`."""

from dataclasses import asdict
from pathlib import Path

import click

from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import columns, echo, print_json
from hippodrome.cli.project import Choice, Project, compiled, open_project
from hippodrome.diagnose.doctor import examine
from hippodrome.diagnose.facts import gather
from hippodrome.diagnose.findings import Finding
from hippodrome.errors import ExitCode, UserError

SIGNS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "error": ("✗", "red")}


@click.command("doctor")
@json_option
@root_option
def command(as_json: bool, project_root: Path | None) -> int:
    """Look for what keeps a stack from running, and say how to mend each. Reads only.

    Exits with 1 when something must be mended.
    """
    project = open_project(project_root)
    ports, configuration = planned(project)
    findings = (configuration, *examine(gather(project.instance, ports)))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        _print(findings)
    return ExitCode.FAILED if any(finding.severity == "error" for finding in findings) else ExitCode.OK


def planned(project: Project) -> tuple[list[tuple[str, int]], Finding]:
    """Service and port of what would run, and whether the configuration says so."""
    try:
        plan = compiled(project, Choice()).plan
    except UserError as error:
        said = f"{len(error.problems)} {'mistake' if len(error.problems) == 1 else 'mistakes'}"
        return [], Finding("Configuration", "error", said, "`hd validate` shows them all.")
    ports = [(program.name, port) for program in plan.programs for port in program.ports.values()]
    return ports, Finding("Configuration", "ok", f"{project.root.path} ({project.root.why})")


def _print(findings: tuple[Finding, ...]) -> None:
    signs = [click.style(*SIGNS[f.severity][:1], fg=SIGNS[f.severity][1]) for f in findings]
    rows = columns([(sign, f.subject, f.what) for sign, f in zip(signs, findings, strict=True)])
    for finding, row in zip(findings, rows, strict=True):
        echo(row)
        if finding.mend:
            echo(f"   {click.style('mend:', fg='cyan')} {finding.mend}")
