"""The ports of this instance among all those of the box: looked up to compile, and claimed to start."""

import os
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hippodrome.cli.project import Choice, Compiled, Project, compiled
from hippodrome.config.model import Config
from hippodrome.control.blocks import Held, decide
from hippodrome.control.instances import all_users, own
from hippodrome.control.registry import Entry, Found, Registry, with_warden
from hippodrome.control.rpc import is_running
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.git import branch_of
from hippodrome.plan.model import Plan
from hippodrome.plan.ports import declared_ports
from hippodrome.plan.surroundings import Neighbour, Whereabouts
from hippodrome.rundir import Instance, read_plan

FRESH_S = 86400.0  # an entry that is younger need not be written again to say that its instance is used
DASHBOARD = "dashboard"


def whereabouts(instance: Instance, config: Config, ports: Mapping[str, int], said: int | None) -> Whereabouts:
    """What would be claimed now; nothing is changed. `ports`, `said`: of the command line. Raises UserError."""
    others, ours = _parted(all_users(os.environ), instance)
    movable = [port.number for port in declared_ports(config, ports) if not port.is_fixed]
    block = decide(movable, _held(instance, ours), others, said)
    return Whereabouts(
        name=instance.name,
        port_offset=block.port_offset,
        neighbours=tuple(_neighbour(each) for each in others if not each.is_stale),
        lost_to=str(_neighbour(block.lost_to)) if block.lost_to else "",
    )


def claimed(project: Project, choice: Choice, found: Compiled) -> Compiled:
    """`found`, once its ports are registered; compiled again where another instance came in between.

    Raises UserError.
    """
    registry, wanted = Registry.of(os.environ), _entry(project, found)
    before = registry.own(project.instance.id)
    if before and time.time() - before.written_at < FRESH_S and _told(before.entry) == wanted:
        return found
    before = before or next((each for each in own(os.environ) if each.entry.id == project.instance.id), None)
    with registry.locked() as writer:
        layout, chosen = project.instance.layout, found.plan.port_choices
        if whereabouts(project.instance, found.config, chosen, choice.port_offset) != found.whereabouts:
            found = compiled(project, choice)
        for each in registry.look():
            if each.is_own and each.is_stale and each.entry.id != project.instance.id:
                writer.drop(each)
        started_at = before.entry.started_at if before else 0.0
        writer.put(with_warden({**_entry(project, found), "started_at": started_at}, layout))
    return found


def claim_again(instance: Instance, plan: Plan) -> None:
    """Registers the block of a plan that is gone back to; what that plan lacks moves with it.

    Raises UserError where another instance that runs has a port of it.
    """
    registry = Registry.of(os.environ)
    before = registry.own(instance.id)
    if before and before.entry.port_offset == plan.port_offset and before.is_running:
        return
    with registry.locked() as writer:
        others, _ = _parted(all_users(os.environ), instance)
        _refuse_taken(plan.ports, others)
        writer.put(
            _moved(before.entry, plan) if before else with_warden(_facts(instance, plan, plan.ports), instance.layout)
        )


def _moved(entry: Entry, plan: Plan) -> Entry:
    by = plan.port_offset - entry.port_offset
    moved = {label: port + by for label, port in entry.ports.items() if 0 < port + by < 65536}
    facts = {"port_offset": plan.port_offset, "profile": plan.profile, "main_port": _main_port(plan)}
    return Entry(**{**asdict(entry), **facts, "ports": moved | plan.ports})


def _refuse_taken(wanted: Mapping[str, int], others: list[Found]) -> None:
    for neighbour in (_neighbour(each) for each in others if each.is_running):
        for label, port in wanted.items():
            if port in neighbour.ports:
                what = f"`{label}` would have port {port}, which {neighbour} has for `{neighbour.ports[port]}`"
                problem = Problem("port-of-other-instance", what, "Stop that one first, or stay with this plan.")
                raise UserError(problem, exit_code=ExitCode.CONFLICT)


def _parted(found: tuple[Found, ...], instance: Instance) -> tuple[list[Found], Found | None]:
    """Those of others, and this instance's own: the newest where there are several."""
    own = [each for each in found if each.is_own and each.entry.id == instance.id]
    return [each for each in found if each not in own], max(own, key=lambda each: each.written_at, default=None)


def _held(instance: Instance, own: Found | None) -> Held | None:
    """What the registry has; where it was emptied, what the last plan has."""
    if own:
        return Held(own.entry.port_offset, own.entry.ports.values(), own.written_at, own.is_running)
    if plan := read_plan(instance.layout):
        return Held(plan.port_offset, plan.ports.values(), is_running=is_running(instance.layout))
    return None


def _neighbour(found: Found) -> Neighbour:
    ports = {port: label for label, port in found.entry.ports.items()}
    return Neighbour(label=found.entry.label, owner=found.owner, ports=ports, is_running=found.is_running)


def _entry(project: Project, found: Compiled) -> dict[str, Any]:
    """The fields of what is registered, but for what a running stack adds."""
    plan = found.plan
    ports = {
        port.label: number
        for port in declared_ports(found.config, plan.port_choices)
        if 0 < (number := port.moved(plan.port_offset)) < 65536  # of what is not in the plan, and was not checked
    }
    return _facts(project.instance, plan, ports)


def _facts(instance: Instance, plan: Plan, ports: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": instance.id,
        "name": instance.name,
        "project_root": str(instance.project_root),
        "run_dir": str(instance.layout.run_dir),
        "branch": branch_of(plan.project_root),
        "profile": plan.profile,
        "port_offset": plan.port_offset,
        "ports": ports,
        "main_port": _main_port(plan),
    }


def _main_port(plan: Plan) -> int:
    """Of the address that is shown to people; 0 for none."""
    listening = [program.name for program in plan.programs if program.url]
    main = DASHBOARD if DASHBOARD in listening else next(iter(listening), None)
    return (plan.program(main).port or 0) if main else 0


def _told(entry: Entry) -> dict[str, Any]:
    told = asdict(entry)
    for running in ("warden", "boot", "started_at"):
        del told[running]
    return told
