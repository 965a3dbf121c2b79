"""`hd e2e`."""

import os
from pathlib import Path

import click

from hippodrome.cli.confirm import refuse_real_data
from hippodrome.cli.options import root_option
from hippodrome.cli.output import echo
from hippodrome.cli.project import Choice, compiled, open_project
from hippodrome.cli.running import open_running
from hippodrome.cli.shops import shop_of
from hippodrome.endtoend import suites
from hippodrome.endtoend.own_stack import OwnStack, own_stack
from hippodrome.errors import ExitCode

LOCAL = "hippodrome"  # the ENVIRONMENT that means a stack of this machine


@click.command("e2e")
@click.argument("names", nargs=-1, metavar="[SUITE]...")
@click.option("--up", is_flag=True, help="Bring a stack up for this run, on ports of its own, and take it down.")
@click.option("--profile", default="ecom", show_default=True, metavar="NAME", help="Of the stack that --up starts.")
@click.option("-k", "matching", metavar="EXPRESSION", help="Only the tests that match, as pytest takes it.")
@click.option(
    "--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Results as JUnit XML."
)
@root_option
def command(
    names: tuple[str, ...],
    up: bool,
    profile: str,
    matching: str | None,
    junit: Path | None,
    project_root: Path | None,
) -> int:
    """Run the end-to-end suites, all when none is named, against the running stack. Changes data.

    They make accounts of their own and leave the data of others alone. ENVIRONMENT other than `hippodrome` runs them
    against what `.env.ENVIRONMENT` names. With --up the logs are kept when a test fails.

    Exits with 0 when all pass, 1 when one does not.
    """
    files = suites.chosen(names)
    more = ("-v", *(("-k", matching) if matching else ()), *suites.junit(junit))
    if os.environ.get("ENVIRONMENT", LOCAL) != LOCAL:
        return _exit_code(suites.run(files, more, {}))
    if up:
        return _run_in_own_stack(files, more, profile, project_root)
    running = open_running(project_root)
    refuse_real_data(running.plan, "`hd e2e`")
    shop_of(running, None)  # without one, the suites would turn to the usual ports, where somebody else's may be
    return _exit_code(suites.run(files, more, suites.addresses(running.plan)))


def _run_in_own_stack(files: tuple[Path, ...], more: tuple[str, ...], profile: str, root: Path | None) -> int:
    project = open_project(root)
    plan = compiled(project, Choice(profile=profile)).plan
    listening = [program.name for program in plan.programs if program.ports]
    try:
        with own_stack(project.root.path, profile, listening) as stack:
            _run_or_fail(stack, files, more)
    except SuitesFailedError as failed:
        echo(f"The logs are kept in {failed.logs}.", err=True)
        return ExitCode.FAILED
    return ExitCode.OK


class SuitesFailedError(Exception):
    """A test did not pass. `logs`: what the services wrote meanwhile."""

    def __init__(self, logs: Path) -> None:
        super().__init__(str(logs))
        self.logs = logs


def _run_or_fail(stack: OwnStack, files: tuple[Path, ...], more: tuple[str, ...]) -> None:
    if suites.run(files, more, suites.addresses(stack.plan)):
        raise SuitesFailedError(stack.logs)


def _exit_code(status: int) -> int:
    return ExitCode.FAILED if status else ExitCode.OK
