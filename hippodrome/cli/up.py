"""`hd up`."""

from pathlib import Path
from typing import Any, Literal

import click

from hippodrome.cli.options import choice_options, json_option, notify_option, services_argument, timeout_option
from hippodrome.cli.project import Choice, open_project
from hippodrome.control import daemon
from hippodrome.control.clients import attend
from hippodrome.control.rpc import is_running


@click.command("up")
@services_argument()
@click.option("-d", "--detach", is_flag=True, help="Leave it running and return once it is healthy.")
@timeout_option(300)
@click.option("--strict", is_flag=True, help="Fail where a service would be left out for want of Node.")
@click.option("--plan-only", is_flag=True, help="Show what would change, and change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask, be the data real or services ended.")
@click.option(
    "--data-from",
    metavar="STACK[@SNAPSHOT]",
    help="Begin with a copy of another stack's data, as it is now or as a snapshot of it.",
)
@notify_option
@json_option
@choice_options
def command(
    services: tuple[str, ...],
    detach: bool,
    timeout: float,
    strict: bool,
    plan_only: bool,
    yes: bool,
    data_from: str | None,
    notify: Literal["bell", "desktop"] | None,
    as_json: bool,
    project_root: Path | None,
    **flags: Any,
) -> int:
    """Start the stack, or bring a running one up to date. Changes what runs.

    With SERVICE, start only these and what they need. In the foreground Ctrl+C stops what this command started;
    with --detach, or attached to a running stack, the stack goes on. --json prints one event a line.

    On a running stack it shows what becomes of each service, and touches none that has not changed. It asks first,
    on a terminal and without --detach, where that ends a service for good or restarts everything.

    --data-from takes what `hd instances` lists, of yours, and what `hd data list` does there. The other stack's
    services that have data stand still while it is copied; this one must have none yet.

    --plan-only exits with 0 when there is nothing to do and 1 when something would change. Else it exits
    with 1 when a service that the profile requires does not become healthy, 5 when time is over, 6 when one
    could not be set up; the others run all the same.
    """
    project = open_project(project_root)
    choice = Choice.of(flags, only=services)
    if plan_only:
        if data_from:
            from hippodrome.cli.data_from import origin_of

            origin_of(project.instance, data_from)
        from hippodrome.cli.changes import show_change

        return show_change(project, choice, as_json=as_json)
    is_first = not is_running(project.instance.layout)
    launch = daemon.prelaunch(project.instance) if is_first else None
    attend(project.instance.layout)  # again: before the very first start there was no place to say so
    # supervisord loads its code while this does: 0.1 s that the first service need not wait
    from hippodrome.cli.screen import open_screen
    from hippodrome.cli.session import Session, Wishes

    wishes = Wishes(
        choice=choice,
        is_detached=detach,
        is_strict=strict,
        is_confirmed=yes,
        is_script=as_json,
        timeout_s=timeout,
        notify=notify,
        data_from=data_from or "",
    )
    return Session(project, open_screen(as_json=as_json), launch).run(wishes)
