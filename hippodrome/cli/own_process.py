"""What `hd run` and `hd exec` share: a service's process in this terminal, of a stack that runs or of none."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hippodrome.cli.env import marks_of
from hippodrome.cli.output import echo
from hippodrome.cli.project import Choice, Project, compiled, open_project
from hippodrome.cli.running import Running, open_running, pick
from hippodrome.control.foreground import Foreground, foreground, of_terminal
from hippodrome.control.rpc import is_running
from hippodrome.control.set_up import set_up
from hippodrome.errors import ExitCode, Problem, UserError, nearest
from hippodrome.plan.model import Program
from hippodrome.rundir import prepare, read_plan, read_record

if TYPE_CHECKING:
    from hippodrome.plan.model import Plan


@dataclass(frozen=True)
class Own:
    """The process to be; `running` is None where no stack runs."""

    program: Program
    process: Foreground
    running: Running | None


def own_process(root: Path | None, name: str, command: tuple[str, ...], flags: Mapping[str, Any]) -> Own:
    """Of the running stack as it was started; where none runs, as it is configured, and set up. Raises UserError."""
    project = open_project(root, tells_stop=True)
    if is_running(project.instance.layout):
        running = open_running(root)
        pick(running, (name,))
        record = read_record(running.instance.layout)
        plan, base = running.plan, record.frozen.base if record else {}
        if plan.program(name).is_external:  # its environment is what it should have where it runs
            plan = compiled(project, Choice.of(flags)).plan
    else:
        running = None
        found = compiled(project, Choice.of(flags))
        plan, base = found.plan, found.frozen.base
        _check(plan, name)
        _set_up(project, plan, name)
    process = foreground(plan, name, base, command)
    process = replace(process, environ={**process.environ, **of_terminal(os.environ)})
    return Own(plan.program(name), process, running)


def marked(own: Own) -> Foreground:
    """As one of the service's own processes: what is left of it ends with the service, and with the stack."""
    marks = marks_of(own.running.instance, own.program.name) if own.running else {}
    return replace(own.process, environ={**own.process.environ, **marks})


def refuse_external(root: Path | None, name: str) -> None:
    """Raises UserError when the running stack uses one that runs elsewhere."""
    layout = open_project(root).instance.layout
    running = read_plan(layout) if is_running(layout) else None
    if running and name in running and running.program(name).is_external:
        what = f"`{name}` runs elsewhere, at {running.program(name).url}"
        problem = Problem("runs-elsewhere", what, "End it there and say `hd up`, without `--external`.")
        raise UserError(problem, exit_code=ExitCode.CONFLICT)


def resolved(process: Foreground) -> str:
    """The file to execute. Raises UserError where there is none, or no folder to run it in."""
    if not Path(process.directory).is_dir():
        problem = Problem("no-folder", f"the folder {process.directory} is not there", "Make it, or correct it.")
        raise UserError(problem, exit_code=ExitCode.FAILED)
    command = process.argv[0]
    path = str(Path(process.directory, command)) if "/" in command else command
    if found := shutil.which(path, path=process.environ.get("PATH", os.defpath)):
        return found
    hint = "`hd env SERVICE` shows the PATH on which it was looked for."
    raise UserError(Problem("no-such-command", f"there is no command `{command}`", hint), exit_code=ExitCode.USAGE)


def _check(plan: "Plan", name: str) -> None:
    if name in plan.names:
        return
    left = next((left.reason for left in plan.left_out if left.name == name), "")
    what = f"`{name}` is not in the plan" + (f": {left}" if left else "")
    hint = "`hd plan` tells more." if left else nearest(name, plan.names)
    raise UserError(Problem("unknown-service", what, hint), exit_code=ExitCode.USAGE)


def _set_up(project: Project, plan: "Plan", name: str) -> None:
    prepare(project.instance)
    told = _Told()
    set_up(plan.with_programs((plan.program(name),)), project.instance.layout, vital=(name,), tell=told)


class _Told:
    """Set-up that takes long is said, on standard error."""

    def notice(self, text: str) -> None:
        echo(text, err=True)

    def progress(self, progress: Any) -> None:
        if progress.state == "started":
            echo(f"Setting up {progress.job.label} …", err=True)
