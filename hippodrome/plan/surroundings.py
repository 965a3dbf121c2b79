"""What a plan depends on besides the configuration: the machine, as a value."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from hippodrome.config.model import Config, EventsVia, Service, Setup
from hippodrome.plan.base import base_environment
from hippodrome.plan.git import Head, read_head
from hippodrome.plan.layout import Cache, Layout
from hippodrome.plan.look import Folder, Inputs, look_at, read_inputs, read_text, reference_folder
from hippodrome.plan.node import NodeBin, find_node
from hippodrome.plan.pointing import own_names
from hippodrome.resources import PACKAGE_ROOT, is_checkout


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """Another instance of this machine. `ports`: by number, what it has there."""

    label: str
    owner: str
    ports: Mapping[int, str]
    is_running: bool

    def __str__(self) -> str:
        return f"stack `{self.label}` of user {self.owner}"


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """Which instance is compiled: its name in its project root, its block of ports, and who is beside it.

    `lost_to`: who was given its earlier ports, where it gets others for that.
    """

    name: str = ""
    port_offset: int = 0
    neighbours: tuple[Neighbour, ...] = ()
    lost_to: str = ""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What the instance's last stack began with. `base`: the base environment, while it runs.

    `is_ended`: somebody ended it (`hd down`); one that stopped otherwise is to come back as it was.
    """

    table_prefix: str
    base: Mapping[str, str] | None = None
    is_ended: bool = False


@dataclass(frozen=True, kw_only=True)
class Surroundings(Whereabouts):
    """All that a compilation may know of the machine. Paths are absolute text.

    `references` is keyed by a reference's name, `folders` by path, `inputs` by folder and set-up step, `env_files`
    by path (None where there is no such file). `settled` is None where the instance had no stack yet.
    """

    project_root: str
    run_dir: str
    cache: Cache
    python: str
    python_tag: str = ""  # implementation, version and platform: what a venv is bound to
    home: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    base: Mapping[str, str] = field(default_factory=dict)
    head: Head | None = None
    node: NodeBin | None = None
    host_names: tuple[str, ...] = ()  # its own
    package_root: str = ""  # the folder that holds the package
    is_installed: bool = False  # so that `python` finds the package by itself
    settled: Settled | None = None
    references: Mapping[str, str] = field(default_factory=dict)
    folders: Mapping[str, Folder] = field(default_factory=dict)
    inputs: Mapping[tuple[str, Setup], Inputs] = field(default_factory=dict)
    env_files: Mapping[str, str | None] = field(default_factory=dict)

    def absolute(self, path: str, below: str | None = None) -> str:
        """`path` as the configuration has it: relative to `below` or the project root, `~` understood."""
        if path == "~" or path.startswith("~/"):
            path = self.home + path[1:]
        return os.path.normpath(os.path.join(below or self.project_root, path))  # noqa: PTH118 - 8 times as quick

    def shown(self, path: str) -> str:
        """An absolute path as people read it."""
        for folder, short in ((self.project_root, "."), (self.home, "~")):
            if path == folder or path.startswith(f"{folder}/"):
                return short + path[len(folder) :]
        return path


def survey(
    config: Config,
    layout: Layout,
    cache: Cache,
    *,
    environ: Mapping[str, str],
    settled: Settled | None = None,
    sources: Mapping[str, str] | None = None,
    whereabouts: Whereabouts | None = None,
) -> Surroundings:
    """What is there now. `sources`: the folder (or `reference`) that the command line names for a service."""
    here = whereabouts or Whereabouts()
    found = Surroundings(
        project_root=config.project_root,
        run_dir=str(layout.run_dir),
        cache=cache,
        python=sys.executable,
        python_tag=f"{sys.implementation.cache_tag}-{sys.platform}-{os.uname().machine}",
        home=environ.get("HOME") or str(Path.home()),
        environ=environ,
        base=(settled and settled.base) or base_environment(environ, with_aws=aws_of(config) == "account"),
        head=read_head(Path(config.project_root)),
        node=find_node(environ.get("PATH", ""), cache.folder) if _needs_node(config) else None,
        host_names=own_names(),
        package_root=str(PACKAGE_ROOT),
        is_installed=not is_checkout(),
        settled=settled,
        name=here.name,
        port_offset=here.port_offset,
        neighbours=here.neighbours,
        lost_to=here.lost_to,
    )
    return _with_files(found, config, sources or {})


def aws_of(config: Config) -> str:
    """Which AWS the plan uses: what is said, else the one that events are to come from, else the cell's."""
    cell = config.settings.cells.get(config.cell)
    if config.settings.aws is None and events_via(config) in ("tunnel", "sqs"):
        return "account"
    return config.settings.aws or (cell.aws if cell else "moto")


def events_via(config: Config) -> EventsVia | None:
    """The way that is said for events to come."""
    return config.settings.events.via


def _needs_node(config: Config) -> bool:
    return any(step.npm is not None for service in config.settings.services.values() for step in _all_setup(service))


def _all_setup(service: Service) -> Iterator[Setup]:
    yield from service.setup
    for source in service.sources:
        yield from source.setup


def _with_files(found: Surroundings, config: Config, chosen: Mapping[str, str]) -> Surroundings:
    services = config.settings.services.items()
    references = {
        source.reference: str(reference_folder(source.reference))
        for _, service in services
        for source in service.sources
        if source.reference
    }
    found = replace(found, references=references)
    wanted = {
        (name, folder): service for name, service in services for folder in _folders(found, name, service, chosen)
    }
    return replace(
        found,
        folders=_look_at_all(wanted),
        inputs={
            (folder, step): read_inputs(Path(folder), step, found.base.get("PATH", ""))
            for (_, folder), service in wanted.items()
            for step in _all_setup(service)
        },
        env_files={
            path: read_text(Path(path))
            for _, service in services
            for path in (found.absolute(file.path) for file in service.env_file)
        },
    )


def _folders(found: Surroundings, name: str, service: Service, chosen: Mapping[str, str]) -> Iterator[str]:
    if not service.sources:
        yield found.project_root
    for source in service.sources:
        yield found.references[source.reference] if source.reference else found.absolute(source.path or "")
    if (explicit := chosen.get(name, "reference")) != "reference":
        yield found.absolute(explicit)


def _look_at_all(wanted: Mapping[tuple[str, str], Service]) -> dict[str, Folder]:
    """Each folder once, with the markers that any service asks of it."""
    markers: dict[str, set[str]] = {}
    for (_, folder), service in wanted.items():
        asked = {source.marker for source in service.sources if source.marker}
        markers.setdefault(folder, set()).update(asked)
    return {folder: look_at(Path(folder), frozenset(names)) for folder, names in markers.items()}
