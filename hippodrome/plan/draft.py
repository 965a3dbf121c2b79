"""A plan in the making: what the steps of the compiler hand to each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from hippodrome.config.model import Cell, Command, Config, Service, Setup, Watch
from hippodrome.errors import Place, Problem
from hippodrome.plan.model import EventsVia, LeftOut, Origin, Plan, Program, Route, SetupStep
from hippodrome.plan.surroundings import Surroundings, aws_of


@dataclass(frozen=True)
class Selection:
    """What the command line chooses among the services. `sources`: `reference`, or a folder, by service.

    `ports`: by `SERVICE` or `SERVICE.NAME`.
    `external`: the address of what runs elsewhere; `debug`: the port for the debugger of what is run under one.
    `idle_stop`: as it was said, which is kept; the configuration has its value.
    """

    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    external: Mapping[str, str] = field(default_factory=dict)
    debug: Mapping[str, int] = field(default_factory=dict)
    idle_stop: str = ""


@dataclass(frozen=True, kw_only=True)
class Sourced:
    """Where a service's code is, and what that source says about running it."""

    origin: Origin
    command: Command
    at: str  # dotted path of what decided, for places
    working_dir: str | None = None  # absolute, references unresolved
    environment: Mapping[str, str | None] = field(default_factory=dict)
    setup: tuple[Setup, ...] = ()
    watch: tuple[Watch, ...] = ()


@dataclass(frozen=True)
class Address:
    """Where a service listens. `ports`: the first is the main one."""

    host: str
    ports: Mapping[str, int]
    given_url: str = ""  # of what runs elsewhere

    @property
    def port(self) -> int | None:
        return next(iter(self.ports.values()), None)

    @property
    def reachable_host(self) -> str:
        """What to connect to: a service that listens everywhere is reached by loopback."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)

    @property
    def url(self) -> str:
        """Empty without a port."""
        if self.given_url:
            return self.given_url
        return f"http://{bracketed(self.reachable_host)}:{self.port}" if self.port else ""


def bracketed(host: str) -> str:
    """As a URL wants it: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Filled step by step, each field by the step that its comment names. Every step leaves out what is `broken`.

    A service in which a step found a mistake is `broken`: later steps pass it over and do not report it again.
    """

    config: Config
    surroundings: Surroundings
    selection: Selection
    problems: tuple[Problem, ...] = ()
    broken: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()
    services: Mapping[str, Service] = field(default_factory=dict)  # choose
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)  # choose
    events: EventsVia = "none"  # events
    routes: tuple[Route, ...] = ()  # events
    table_prefix: str = ""  # prefix
    sourced: Mapping[str, Sourced] = field(default_factory=dict)  # sources
    setup: Mapping[str, tuple[SetupStep, ...]] = field(default_factory=dict)  # setup
    addresses: Mapping[str, Address] = field(default_factory=dict)  # ports
    programs: Mapping[str, Program] = field(default_factory=dict)  # programs, dependencies
    order: tuple[str, ...] = ()  # order

    @property
    def cell(self) -> Cell | None:
        return self.config.settings.cells.get(self.config.cell)

    @property
    def aws(self) -> str:
        return aws_of(self.config)

    @property
    def known(self) -> Mapping[str, Service]:
        """Every service that is configured, chosen or not."""
        return self.config.settings.services

    def place(self, path: str) -> Place | None:
        return self.config.place(path)

    def written(self, path: str, step: int) -> str:
        """`file:line` of one step of a value's history; own files without the way to them from the current folder."""
        chain = self.config.origins.get(path)
        if not chain:
            return ""
        place, layer = chain[step].place, chain[step].layer
        file = layer if place.file.endswith(f"/{layer}") else place.file
        return f"{file}:{place.line}" if place.line else file

    def meant(self, name: str) -> str | None:
        """The service that a name in `depends_on` or a reference means; None when it is a deployed cell."""
        if name != "cell" or "cell" in self.known or self.cell is None:
            return name
        return self.cell.service

    def reported(self, problems: Iterable[Problem], broken: Iterable[str] = ()) -> "Draft":
        """With these problems added, and the services that they are about set aside."""
        return replace(self, problems=(*self.problems, *problems), broken=self.broken | set(broken))

    def close(self) -> Plan:
        """The plan. Every step has been taken, and none found a problem."""
        return Plan(
            project_root=self.config.project_root,
            profile=self.config.profile,
            cell=self.config.cell,
            aws=self.aws,
            table_prefix=self.table_prefix,
            programs=tuple(self.programs[name] for name in self.order),
            left_out=tuple(self.left_out.values()),
            is_data_real=self.cell is not None and self.cell.confirm,
            notices=self.notices,
            events=self.events,
            routes=self.routes,
            public=self.config.settings.dashboard.public,
            name=self.surroundings.name,
            port_offset=self.surroundings.port_offset,
            port_choices=self.selection.ports,
            idle_stop_s=self.config.settings.idle_stop or 0.0,
            idle_stop_said=self.selection.idle_stop,
        )
