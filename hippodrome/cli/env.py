"""`hd env`."""

import shlex
from pathlib import Path
from typing import Any

import click

from hippodrome.cli import names
from hippodrome.cli.options import choice_options, json_option
from hippodrome.cli.output import echo, print_json
from hippodrome.cli.project import Choice, Compiled, compiled, open_project
from hippodrome.control.rpc import is_running
from hippodrome.errors import ExitCode, Problem, UserError, nearest
from hippodrome.plan.layout import STACK_ID
from hippodrome.rundir import Instance, read_record
from hippodrome.secret import masked


@click.command("env")
@click.argument("service", shell_complete=names.services)
@json_option
@choice_options
def command(service: str, as_json: bool, project_root: Path | None, **flags: Any) -> int:
    """Exactly what environment a service gets, as a shell reads it; secrets are masked. Reads only."""
    project = open_project(project_root, tells_stop=True)
    environment = environment_of(compiled(project, Choice.of(flags)), service) | marks_of(project.instance, service)
    if as_json:
        print_json(environment)
    else:
        for name, value in sorted(environment.items()):
            echo(f"{name}={shlex.quote(value)}")
    return 0


def environment_of(found: Compiled, service: str) -> dict[str, str]:
    """The base, what is declared over it, secrets masked. Raises UserError (USAGE) for an unknown name."""
    if service not in found.plan.names:
        problem = Problem("unknown-service", f"`{service}` is not in the plan", nearest(service, found.plan.names))
        raise UserError(problem, exit_code=ExitCode.USAGE)
    program = found.plan.program(service)
    return masked({**found.frozen.base, **program.environment}, program.secrets)


def marks_of(instance: Instance, service: str) -> dict[str, str]:
    """What a stack that runs adds, supervisord's own part as supervisor.process sets it; empty when none runs."""
    record = read_record(instance.layout) if is_running(instance.layout) else None
    if record is None:
        return {}
    return {
        STACK_ID: record.stack_id,
        "SUPERVISOR_ENABLED": "1",
        "SUPERVISOR_SERVER_URL": f"unix://{instance.layout.socket}",
        "SUPERVISOR_PROCESS_NAME": service,
        "SUPERVISOR_GROUP_NAME": service,
    }
