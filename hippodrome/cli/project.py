"""From flags to a plan: the way that every command goes which compiles."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hippodrome.cli.output import echo
from hippodrome.config.root import ProjectRoot, find_project_root
from hippodrome.control.clients import attend, stopped_for_want_of_use
from hippodrome.control.rpc import is_running
from hippodrome.plan.layout import Cache, Layout
from hippodrome.rundir import Instance, locate, read_plan, read_record

if TYPE_CHECKING:  # PyYAML alone takes 15 ms, which commands that only ask the stack should not pay
    from hippodrome.config.load import Request
    from hippodrome.config.model import Config
    from hippodrome.errors import Problem
    from hippodrome.plan.model import Frozen, Plan
    from hippodrome.plan.surroundings import Settled, Surroundings, Whereabouts


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a person chose on the command line; None is not said."""

    profile: str | None = None
    cell: str | None = None
    aws: str | None = None
    table_prefix: str | None = None
    enable_events: bool = False
    events_via: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    external: Mapping[str, str] = field(default_factory=dict)
    debug: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    ports: Mapping[str, int] = field(default_factory=dict)
    port_offset: int | None = None
    idle_stop: str | None = None

    @classmethod
    def of(cls, flags: Mapping[str, Any], *, only: tuple[str, ...] = ()) -> "Choice":
        """From the keywords that `choice_options` hands to a command."""
        known = {each.name for each in fields(cls)} - {"only"}
        return cls(**{name: value for name, value in flags.items() if name in known}, only=only)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "Choice":
        """From its JSON form; what another version has more does not matter."""
        known = {each.name for each in fields(cls)}
        lists = {name: tuple(told.get(name, ())) for name in ("without", "only", "debug")}
        return cls(**{**{name: value for name, value in told.items() if name in known}, **lists})


@dataclass(frozen=True)
class Project:
    """The project root that a command took, and its instance."""

    root: ProjectRoot
    instance: Instance


@dataclass(frozen=True)
class Compiled:
    """A configuration and the plan made from it, for an instance in its place among others."""

    config: "Config"
    plan: "Plan"
    frozen: "Frozen"
    whereabouts: "Whereabouts"


def open_project(project_root: Path | None, *, tells_stop: bool = False) -> Project:
    """Raises UserError when the folder is not there.

    `tells_stop`: a stack that stopped for want of use is told on standard error, for who asks no supervisord.
    """
    root = find_project_root(Path.cwd(), project_root, os.environ)
    instance = locate(root.path, os.environ)
    attend(instance.layout)
    if tells_stop and (found := stopped_for_want_of_use(instance.layout)):
        echo(f"The stack was {found.sentence}; `hd up` brings it back with its data.", err=True)
    return Project(root, instance)


def load_config(project: Project, choice: Choice) -> "Config":
    """The layers merged; what is not said is as in the running stack. Raises UserError with every problem."""
    from hippodrome.config.load import load

    return load(_request(project, choice, _running(project)))


def _running(project: Project) -> "Plan | None":
    """What the instance runs, or ran when it was stopped for want of use: that is what is brought back."""
    layout = project.instance.layout
    return read_plan(layout) if is_running(layout) or stopped_for_want_of_use(layout) else None


def _request(project: Project, choice: Choice, running: "Plan | None") -> "Request":
    from hippodrome.config.load import Request

    said = {
        "profile": choice.profile or os.environ.get("HIPPODROME_PROFILE"),
        "cell": choice.cell or os.environ.get("HIPPODROME_CELL"),
        "events_via": choice.events_via or ("tunnel" if choice.enable_events else None),
        "idle_stop": choice.idle_stop,
    }
    kept = {name: value for name, value in _kept(choice, running).items() if not said[name]} if running else {}
    said |= kept
    return Request(
        project_root=project.root.path,
        environ=os.environ,
        aws=choice.aws,
        table_prefix=choice.table_prefix,
        kept=frozenset(kept),
        profile=said["profile"],
        cell=said["cell"],
        events_via=said["events_via"],
        idle_stop=said["idle_stop"],
    )


def _kept(choice: Choice, running: "Plan") -> "dict[str, str]":
    """What the running stack was told; the way of its events only where that can still be meant."""
    found = {"profile": running.profile, "cell": running.cell}
    found |= {"idle_stop": running.idle_stop_said} if running.idle_stop_said else {}
    is_told = running.events in ("tunnel", "sqs") and choice.aws != "moto"
    return found | {"events_via": running.events} if is_told else found


def _kept_ports(running: "Plan", config: "Config") -> Mapping[str, int]:
    """Those that the running stack was told, of what is still there."""
    from hippodrome.plan.ports import declared_ports

    known = {label for port in declared_ports(config, {}) for label in (port.service, f"{port.service}.{port.name}")}
    return {label: number for label, number in running.port_choices.items() if label in known}


def compiled(project: Project, choice: Choice) -> Compiled:
    """Raises UserError with every problem of the configuration and the choice."""
    from hippodrome.config.load import load
    from hippodrome.plan.choose import Selection
    from hippodrome.plan.compile import compile_plan
    from hippodrome.plan.model import Frozen

    running = _running(project)
    config = load(_request(project, choice, running))
    ports = {**(_kept_ports(running, config) if running else {}), **choice.ports}
    where = _whereabouts(project, config, choice, ports)
    surroundings = _survey(project, config, choice, where)
    only = _with_running(running, choice.only, config)
    selection = Selection(
        only=only,
        without=choice.without,
        sources=choice.sources,
        ports=ports,
        external=choice.external,
        debug=_debugger_ports(running, choice.debug),
        idle_stop=choice.idle_stop or (running.idle_stop_said if running else ""),
    )
    plan = compile_plan(config, surroundings, selection)
    return Compiled(config, plan, Frozen(surroundings.base, plan.table_prefix), where)


def _debugger_ports(running: "Plan | None", names: tuple[str, ...]) -> dict[str, int]:
    """Free ones; what is debugged already keeps its own."""
    if not names:
        return {}
    from hippodrome.listeners import reserve
    from hippodrome.plan.debugger import debugger_of

    known = {each.name: debugger_of(each).rpartition(":")[2] for each in running.programs} if running else {}
    kept = [reserve() for _ in names]  # all at once, so that they differ
    ports = {name: int(known.get(name) or held.getsockname()[1]) for name, held in zip(names, kept, strict=True)}
    for held in kept:
        held.close()
    return ports


def check_all(project: Project, choice: Choice) -> "tuple[tuple[Problem, ...], tuple[str, ...]]":
    """Every problem of every profile and cell, and the warnings."""
    from hippodrome.config.load import examine
    from hippodrome.errors import UserError
    from hippodrome.plan.compile import check

    loaded = examine(_request(project, choice, _running(project)))
    found: tuple[Problem, ...] = ()
    if loaded.is_readable:
        where = _whereabouts(project, loaded.config, choice, choice.ports)
        found = check(loaded.config, _survey(project, loaded.config, choice, where))
    problems = [*loaded.problems, *(each for each in found if not loaded.is_doubtful(each))]
    return UserError(*dict.fromkeys(problems)).problems, loaded.config.warnings


def _whereabouts(project: Project, config: "Config", choice: Choice, ports: Mapping[str, int]) -> "Whereabouts":
    from hippodrome.cli.claiming import whereabouts

    return whereabouts(project.instance, config, ports, choice.port_offset)


def _survey(project: Project, config: "Config", choice: Choice, where: "Whereabouts") -> "Surroundings":
    from hippodrome.plan.surroundings import survey

    layout = project.instance.layout
    return survey(
        config,
        layout,
        Cache.of(os.environ),
        environ=os.environ,
        settled=_settled(layout),
        sources=choice.sources,
        whereabouts=where,
    )


def _settled(layout: Layout) -> "Settled | None":
    from hippodrome.plan.surroundings import Settled

    if not (record := read_record(layout)):
        return None
    plan = read_plan(layout)  # which may have been given another prefix since the start
    return Settled(
        table_prefix=plan.table_prefix if plan else record.frozen.table_prefix,
        base=record.frozen.base if is_running(layout) else None,
        is_ended=record.is_ended,
    )


def _with_running(running: "Plan | None", only: tuple[str, ...], config: "Config") -> tuple[str, ...]:
    """Services that are named are added to those that run; naming some stops no others but those that are gone."""
    there = (name for name in (running.names if running and only else ()) if name in config.settings.services)
    return tuple(dict.fromkeys((*only, *there)))
