"""`hd rollback`."""

from pathlib import Path

import click

from hippodrome.cli.applying import apply_and_follow
from hippodrome.cli.changes import command_line, confirm_change, nothing_to_change
from hippodrome.cli.claiming import claim_again
from hippodrome.cli.confirm import confirm_newly_real
from hippodrome.cli.options import json_option, root_option, timeout_option
from hippodrome.cli.preflight import preflight
from hippodrome.cli.running import open_running
from hippodrome.cli.screen import open_screen
from hippodrome.control import kept
from hippodrome.control.apply import Request
from hippodrome.control.change import foresee
from hippodrome.control.set_up import check_made
from hippodrome.plan.model import Frozen
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
    """
    running = open_running(project_root)
    layout = running.instance.layout
    entry, plan = kept.to_go_back_to(layout, number)
    check_made(plan, f"plan {entry.number}")
    confirm_newly_real(running.plan, plan, is_confirmed=yes)
    screen = open_screen(as_json=as_json)
    try:
        change = foresee(layout, plan)
        for notice in (f"Back to plan {entry.number}, by `{entry.command}`.", *filter(None, preflight(plan))):
            screen.notice(notice)
        if change and change.is_empty:
            screen.notice(nothing_to_change(change))
        elif change:
            screen.change(change)
            confirm_change(change, is_confirmed=yes or as_json)
        record = read_record(layout)
        frozen = record.frozen if record else Frozen({}, plan.table_prefix)
        cause = kept.Cause(command=command_line(), choice=entry.choice, back_to=entry.back_to or entry.number)
        claim_again(running.instance, plan)
        request = Request(plan=plan, frozen=frozen, resumes=True, cause=cause)
        outcome = apply_and_follow(running.instance, request, screen, timeout_s=timeout)
        screen.notice("The next `hd up` applies the configuration again.")
        return outcome.exit_code
    finally:
        screen.close()
