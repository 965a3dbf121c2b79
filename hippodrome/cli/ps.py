"""`hd ps`."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from hippodrome.cli.options import json_option, root_option, services_argument
from hippodrome.cli.output import cut, echo, print_json, width
from hippodrome.cli.project import open_project
from hippodrome.cli.running import Running, open_running, pick
from hippodrome.cli.table import table
from hippodrome.control.clients import stopped_for_want_of_use
from hippodrome.control.rpc import NotRunning, OtherVersion, Supervisor
from hippodrome.diagnose.why import why
from hippodrome.events.source import look
from hippodrome.plan.conditions import Status
from hippodrome.plan.debugger import debugger_of
from hippodrome.plan.git import branch_of
from hippodrome.rundir import Instance, read_record


@click.command("ps")
@services_argument()
@json_option
@root_option
def command(services: tuple[str, ...], as_json: bool, project_root: Path | None) -> int:
    """State of every service, and why it is so. Reads only.

    Exits with 1 when a service that the profile requires is not ready, 4 when nothing runs, 7 when another version of
    hd has started the stack: then only what supervisord itself tells is listed.
    """
    try:
        running = open_running(project_root)
    except OtherVersion as error:
        _list_foreign(open_project(project_root).instance, as_json=as_json)
        raise error from None
    except NotRunning:
        found = stopped_for_want_of_use(open_project(project_root).instance.layout)
        if found and as_json:
            print_json({"services": [], "stopped": {**asdict(found), "why": found.sentence}})
        raise
    names = pick(running, services)
    snapshot = running.snapshot.only(names)
    events = look(running.plan, running.instance.layout.last_proof, time.time())
    if as_json:
        told = [_told(running, status) for status in snapshot.statuses]
        stack = {**_stack(running), "events": asdict(events)}
        print_json({**stack, "idle_stop_s": running.plan.idle_stop_s, "services": told})
    else:
        if not services:
            echo(click.style(_head(running), dim=True))
        for line in table(running.plan, snapshot):
            echo(line)
        if events.via != "none" and not services:
            echo(click.style(events.sentence, **({"dim": True} if events.is_proven else {"fg": "yellow"})))
    required = {program.name for program in running.plan.programs if program.is_required}
    return 0 if all(s.is_ready for s in snapshot.statuses if s.name in required) else 1


def _stack(running: Running) -> dict[str, Any]:
    plan = running.plan
    told = {"profile": plan.profile, "cell": plan.cell, "port_offset": plan.port_offset}
    return {"name": running.instance.label, "branch": branch_of(plan.project_root), **told}


def _head(running: Running) -> str:
    """What runs here: the branch is that of now."""
    told = _stack(running)
    named = [f"{word} {told[word]}" for word in ("branch", "profile", "cell") if told[word]]
    block = [f"ports {told['port_offset']:+}"] if told["port_offset"] else []
    return cut(", ".join([told["name"], *named, *block]), width())


def _list_foreign(instance: Instance, *, as_json: bool) -> None:
    """What another version of hd has started, as far as supervisord's own words go."""
    record, listed = read_record(instance.layout), Supervisor(instance.layout).listed()
    version = (record and record.version) or "unknown"
    if as_json:
        print_json({"version": version, "services": [asdict(each) for each in listed]})
        return
    echo(f"Started by hd {version}:")
    for each in listed:
        echo(f"  {each.name}  {each.state}{f'  pid {each.pid}' if each.pid else ''}")


def _told(running: Running, status: Status) -> dict[str, Any]:
    program = running.plan.program(status.name)
    return {
        **asdict(status),
        "is_ready": status.is_ready,
        "is_required": program.is_required,
        "why": why(running.plan, running.snapshot, status.name).sentence,
        "url": program.url,
        "ports": dict(program.ports),
        "source": program.origin.shown,
        "debugger": debugger_of(program),
    }
