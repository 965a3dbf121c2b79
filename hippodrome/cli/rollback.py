"""`hd rollback`."""

import os
from pathlib import Path

import click

from hippodrome.cli.applying import apply_and_follow
from hippodrome.cli.changes import command_line, confirm_change, nothing_to_change
from hippodrome.cli.claiming import claim_again
from hippodrome.cli.confirm import confirm_newly_real
from hippodrome.cli.options import json_option, root_option, timeout_option
from hippodrome.cli.preflight import preflight
from hippodrome.cli.project import Choice, Project, compiled, open_project
from hippodrome.cli.running import Running, open_running
from hippodrome.cli.screen import Screen, open_screen
from hippodrome.control import kept
from hippodrome.control.apply import Request
from hippodrome.control.change import compared, foresee
from hippodrome.control.delta import delta, fingerprints
from hippodrome.control.instances import note_started
from hippodrome.control.processes import warden_of
from hippodrome.control.rpc import NotRunning
from hippodrome.control.set_up import check_made
from hippodrome.errors import UserError
from hippodrome.plan.base import base_environment
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Frozen, Plan
from hippodrome.rundir import read_record


@click.command("rollback")
@click.argument("number", type=click.IntRange(min=1), required=False)
@timeout_option(300)
@click.option("-y", "--yes", is_flag=True, help="Do not ask where services are ended.")
@json_option
@root_option
def command(number: int | None, timeout: float, yes: bool, as_json: bool, project_root: Path | None) -> int:
    """Go back to an earlier plan: to NUMBER of `hd history`, or the last that was healthy. Changes what runs.

    Only what differs is stopped and started. Files are not touched, so that the code is what it is now, and the next
    `hd up`, or `hd watch` at the next change, applies the configuration again.

    Where nothing runs, after `hd down` or a stop for want of use, it starts that plan, as `hd up -d` would the
    configuration, and says first in what the configuration differs from it.
    """
    project = open_project(project_root)
    instance, running = project.instance, _running(project_root, project.instance.layout)
    entry, plan = kept.to_go_back_to(instance.layout, number, is_running=running is not None)
    check_made(plan, f"plan {entry.number}")
    confirm_newly_real(running.plan if running else None, plan, is_confirmed=yes)
    screen = open_screen(as_json=as_json)
    try:
        does = "Back to" if running else "Nothing runs here. Starting"
        for notice in (f"{does} plan {entry.number}, by `{entry.command}`.", *filter(None, preflight(plan))):
            screen.notice(notice)
        if running:
            _tell_change(instance.layout, plan, screen, is_confirmed=yes or as_json)
        else:
            _tell_configuration(project, entry, plan, screen)
        cause = kept.Cause(command=command_line(), choice=entry.choice, back_to=entry.back_to or entry.number)
        claim_again(instance, plan)
        request = Request(plan=plan, frozen=_frozen(running, plan), resumes=True, cause=cause)
        outcome = apply_and_follow(instance, request, screen, timeout_s=timeout)
        note_started(instance)
        screen.notice("The next `hd up` applies the configuration again.")
        return outcome.exit_code
    finally:
        screen.close()


def _running(project_root: Path | None, layout: Layout) -> Running | None:
    """None where a stack ran, and ended. Raises UserError where none ever did, or one runs that does not answer."""
    try:
        return open_running(project_root)
    except NotRunning:
        if warden_of(layout.warden_pid) or not kept.last(layout):
            raise
        return None


def _frozen(running: Running | None, plan: Plan) -> Frozen:
    """What was settled for a stack that runs; for one that is started, as `hd up` does."""
    record = read_record(running.instance.layout) if running else None
    base = base_environment(os.environ, with_aws=plan.aws == "account")
    return record.frozen if record else Frozen(base, plan.table_prefix)


def _tell_change(layout: Layout, plan: Plan, screen: Screen, *, is_confirmed: bool) -> None:
    """Shows what becomes of what runs, and asks where it must."""
    change = foresee(layout, plan)
    if change and change.is_empty:
        screen.notice(nothing_to_change(change))
    elif change:
        screen.change(change)
        confirm_change(change, is_confirmed=is_confirmed)


def _tell_configuration(project: Project, entry: kept.Kept, plan: Plan, screen: Screen) -> None:
    """In what the configuration, as it was chosen for this plan, says otherwise by now."""
    try:
        now = compiled(project, Choice.from_dict(entry.choice)).plan
    except UserError as error:
        screen.notice("The configuration of now has mistakes, and is not applied:")
        screen.problems(error.problems)
        return
    change = compared(plan, now, delta(now, fingerprints(plan)))
    if change.is_same_plan:
        screen.notice("That is what the configuration says, too.")
    else:
        screen.notice("The configuration differs from it in this, which is not applied:")
        screen.change(change)
