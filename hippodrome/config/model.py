"""The configuration: what each key is called, holds and means. Loader, JSON Schema and reference docs walk it."""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field
from typing import Annotated, Any, Literal, NewType

from hippodrome.errors import Place

Seconds = NewType("Seconds", float)  # written `5s`, `1m30s`, `500ms`, or a plain number
Span = NewType("Span", float)  # as Seconds, above zero
PortNumber = NewType("PortNumber", int)  # 1 to 65535
ServiceName = NewType("ServiceName", str)  # letters, digits, `_`, `-`; starts with a letter
Regex = NewType("Regex", str)
Command = Annotated[tuple[str, ...], "command"]  # a list, or a string split as a shell splits words; no mere list
EventsVia = Literal["streams", "tunnel", "sqs", "none"]
LOG_SIZE = re.compile(r"([0-9]{1,12})([kmg]?)b?")
LOG_FILES_MAX = 20
DependencyCondition = Literal["service_started", "service_healthy", "service_completed_successfully"]


def key(about: str, *, example: object, default: Any = MISSING, factory: Any = MISSING) -> Any:
    """A field whose YAML key means `about`; `example` is loaded by a test and shown in the reference."""
    meta = {"about": about, "example": example}
    if factory is not MISSING:
        return field(default_factory=factory, metadata=meta)
    return field(default=default, metadata=meta)


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """When a service counts as healthy. One of `http`, `tcp`, `test` and `log`."""

    http: str | None = key("Path or URL that answers 2xx or 3xx.", example="/health", default=None)
    tcp: str | None = key("Port, or HOST:PORT, that accepts a connection.", example="${port}", default=None)
    test: Command | None = key(
        'Command that exits 0: `["CMD", …]`, `["CMD-SHELL", "…"]`, `["NONE"]`, or a string for a shell.',
        example=["CMD", "pg_isready", "-q"],
        default=None,
    )
    log: Regex | None = key("Pattern of a line that its output brings.", example="ready in", default=None)
    interval: Span = key("Between checks, once healthy.", example="5s", default=Span(5))
    timeout: Span = key("After which one check counts as failed.", example="2s", default=Span(2))
    retries: int = key("Failures in a row that make it unhealthy.", example=3, default=3)
    start_period: Seconds = key(
        "How long it may take to become healthy after its start; failures in it do not count.",
        example="60s",
        default=Seconds(60),
    )
    start_interval: Span | None = key(
        "Between checks during the start; by default they come every 10 ms at first, then ever slower.",
        example="100ms",
        default=None,
    )
    disable: bool = key("Whether to have no check at all.", example=True, default=False)


@dataclass(frozen=True, kw_only=True)
class Dependency:
    """What another service must have reached before this one starts."""

    condition: DependencyCondition | None = key(
        "Healthy where the other has a health check, else started, when not said.",
        example="service_healthy",
        default=None,
    )
    required: bool = key(
        "Whether this service cannot do without it.",
        example=False,
        default=True,
    )


@dataclass(frozen=True, kw_only=True)
class Setup:
    """One thing to make before the first start. One of `venv`, `npm` and `run`."""

    venv: str | None = key(
        "Requirements file to make a Python environment from.", example="requirements.txt", default=None
    )
    npm: str | None = key("Folder of a package-lock.json to run `npm ci` in.", example=".", default=None)
    run: Command | None = key("A command of one's own.", example="make assets", default=None)
    inputs: tuple[str, ...] = key(
        "Files and glob patterns whose change makes it run again (for `run`).",
        example=["assets/*.svg"],
        default=(),
    )
    unless: tuple[str, ...] = key(
        "Programs of which any makes it needless: a name on your PATH, or an absolute glob pattern.",
        example=["postgres", "/usr/lib/postgresql/*/bin/postgres"],
        default=(),
    )


@dataclass(frozen=True, kw_only=True)
class EnvFile:
    """A file of variables; its name alone will do."""

    path: str = key("Relative to the project root.", example=".env")
    required: bool = key("Whether it is a mistake when it is not there.", example=False, default=True)


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Files whose change restarts the service."""

    path: str = key("File or folder, relative to the source's folder.", example="app")
    action: Literal["restart", "rebuild", "sync", "sync+restart", "sync+exec"] = key(
        "What a change does: all restart it, but for `sync`, where there is nothing to do without a container.",
        example="restart",
        default="restart",
    )
    ignore: tuple[str, ...] = key("Glob patterns below it that do not count.", example=["*.tmp"], default=())


@dataclass(frozen=True, kw_only=True)
class Develop:
    """What helps while its code is being written."""

    watch: tuple[Watch, ...] = key(
        "What restarts it when it changes.", example=[{"path": "app", "action": "restart"}], default=()
    )


@dataclass(frozen=True, kw_only=True)
class Source:
    """One place its code may be in. The first candidate that is there is run."""

    path: str | None = key(
        "Folder of the component; relative to the project root, `~` and absolute paths work too.",
        example="components/controller",
        default=None,
    )
    reference: str | None = key(
        "Name of a reference service that ships with Hippodrome.", example="controller", default=None
    )
    marker: str | None = key(
        "File that must lie in the folder for it to count as the component.",
        example="manage.py",
        default=None,
    )
    setup: tuple[Setup, ...] = key(
        "What to make before the first start.", example=[{"venv": "requirements.txt"}], default=()
    )
    command: Command | None = key(
        "What to run; the service's own command when not said.",
        example=["python", "manage.py", "runserver", "${host}:${port}"],
        default=None,
    )
    working_dir: str | None = key("Folder to run in, relative to the source's.", example="src", default=None)
    environment: Mapping[str, str | None] = key(
        "Variables for this source alone, over the service's.", example={"DEBUG": "1"}, factory=dict
    )
    develop: Develop | None = key("In place of the service's.", example={"watch": []}, default=None)


@dataclass(frozen=True, kw_only=True)
class Logging:
    """How much of its output is kept. There is one file a service, whatever the driver."""

    driver: str | None = key("Compose's; it changes nothing here.", example="json-file", default=None)
    options: Mapping[str, str] = key(
        "`max-size` of one file (`20m` when not said; `k`, `m`, `g`), and `max-file`, how many are kept (4).",
        example={"max-size": "20m", "max-file": "4"},
        factory=dict,
    )

    @property
    def size_bytes(self) -> int | None:
        """`max-size` as compose counts it; None for what is no size that a log may have."""
        found = LOG_SIZE.fullmatch(self.options.get("max-size", "20m").strip().lower())
        size = int(found[1]) * {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}[found[2]] if found else 0
        return size if 4 << 10 <= size <= 1 << 30 else None

    @property
    def files(self) -> int | None:
        """`max-file`, the one that is written included; None for what is no such number."""
        told = self.options.get("max-file", "4")
        return int(told) if told.isdecimal() and 1 <= int(told) <= LOG_FILES_MAX else None


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service. Spelled and meant as in compose files wherever they have the thing."""

    description: str = key("What it is, in a few words.", example="Control plane API", default="")
    enabled: bool = key("Whether it exists at all; a layer sets `false` to drop it.", example=False, default=True)
    profiles: tuple[str, ...] = key("Profiles it is part of; in every one when empty.", example=["core"], default=())
    cells: tuple[str, ...] = key("Cells it is run with; every one when empty.", example=["local"], default=())
    aws: tuple[Literal["moto", "account"], ...] = key(
        "Which AWS it is run with; either when empty.", example=["moto"], default=()
    )
    events: tuple[EventsVia, ...] = key(
        "Which way events must come for it to be run; any, and none, when empty.", example=["streams"], default=()
    )
    only_if: Mapping[str, str] = key(
        "Values that variables of your environment must have for it to be run; an empty one also means unset.",
        example={"STORE": "postgres", "DATABASE_URL": ""},
        factory=dict,
    )
    port: PortNumber | None = key("The port it listens on.", example=9002, default=None)
    ports: Mapping[str, PortNumber] = key(
        "More ports by name, or a compose list, whose container side counts.",
        example={"admin": 9102},
        factory=dict,
    )
    host: str = key("The address it listens on.", example="127.0.0.1", default="127.0.0.1")
    sources: tuple[Source, ...] = key(
        "Where its code may be; the first that is there is run.",
        example=[{"path": "components/controller", "marker": "manage.py"}, {"reference": "controller"}],
        default=(),
    )
    command: Command | None = key(
        "What to run: a list, or a string split as a shell splits words.",
        example="uvicorn app:api --port ${port}",
        default=None,
    )
    shell: bool = key("Whether to run the command, a string, by `/bin/sh -c`.", example=True, default=False)
    working_dir: str | None = key(
        "Folder to run in, relative to the project root.", example="services/api", default=None
    )
    environment: Mapping[str, str | None] = key(
        "Variables, a mapping or a list of `NAME=value`; a name without value takes the caller's, and "
        "`{secret: …}` is the same as the name below `secrets`.",
        example={"LOG_LEVEL": "${env.LOG_LEVEL:-info}"},
        factory=dict,
    )
    gives: Mapping[str, str | None] = key(
        "Variables for the services that depend on it, while it is part of the plan; below what they declare.",
        example={"DATABASE_URL": "postgres://localhost:${port}/app"},
        factory=dict,
    )
    env_file: tuple[EnvFile, ...] = key(
        "Files of `NAME=value` lines, below `environment`; one name, or a list.", example=[".env"], default=()
    )
    secrets: Mapping[str, Command] = key(
        "Variables whose value a command prints (alone, or `{command: …}`), your environment has (`{env: NAME}`), or "
        "a file holds (`{file: PATH}`); never shown, nor part of plan.json, and above `environment`.",
        example={"API_TOKEN": "op read op://dev/api/token", "STRIPE_KEY": {"env": "STRIPE_TEST_KEY"}},
        factory=dict,
    )
    depends_on: Mapping[str, Dependency] = key(
        "Services it needs: names, or a mapping with conditions.",
        example={"cell": {"condition": "service_healthy"}},
        factory=dict,
    )
    healthcheck: HealthCheck | None = key("When it counts as healthy.", example={"http": "/health"}, default=None)
    restart: str = key(
        "`always`, `on-failure`, `on-failure:N`, `unless-stopped` (as `always`) or `no`.",
        example="on-failure:3",
        default="always",
    )
    stop_signal: str = key("Signal that asks it to end.", example="SIGINT", default="SIGTERM")
    stop_grace_period: Seconds = key("Between that and SIGKILL.", example="5s", default=Seconds(5))
    logging: Logging = key(
        "How much of its output is kept.", example={"options": {"max-size": "5m", "max-file": "3"}}, factory=Logging
    )
    setup: tuple[Setup, ...] = key("What to make before the first start.", example=[{"npm": "."}], default=())
    develop: Develop = key(
        "What helps while its code is being written.",
        example={"watch": [{"path": "app", "action": "restart"}]},
        factory=Develop,
    )
    required: bool = key("Whether `hd up` fails when it never becomes healthy.", example=False, default=True)
    links: Mapping[str, str] = key(
        "Addresses to show on the dashboard.", example={"admin": "${url}/admin/"}, factory=dict
    )


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A named choice of services."""

    description: str = key("What it is for.", example="E-commerce development", default="")
    extends: tuple[str, ...] = key("Profiles whose services it has too.", example=["core"], default=())
    all_services: bool = key("Whether it has every service known.", example=True, default=False)
    services: Mapping[str, Any] = key(
        "Changes to services under this profile, in the form of `services`.",
        example={"controller": {"environment": {"DEBUG": "1"}}},
        factory=dict,
    )


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A data plane that the stack is pointed at."""

    description: str = key("What it is.", example="Deployed staging cell", default="")
    service: str | None = key(
        "The local service that is the cell; `${services.cell…}` means it.", example="fake_cell", default=None
    )
    url: str | None = key("Address of a deployed cell.", example="https://cell.staging.example.com", default=None)
    api_key: Command | None = key(
        "The key of a deployed cell, as in `secrets`; services that name its `${services.cell.url}` get it as "
        "the secret `CELL_API_KEY`.",
        example="op read op://dev/marqo/key",
        default=None,
    )
    aws: Literal["moto", "account"] = key("Which AWS it goes with by default.", example="moto", default="moto")
    confirm: bool = key("Whether `hd up` asks first, for its data is real.", example=True, default=False)
    services: Mapping[str, Any] = key(
        "Changes to services with this cell, in the form of `services`.",
        example={"controller": {"environment": {"READ_ONLY": "1"}}},
        factory=dict,
    )


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where events of a pattern go."""

    pattern: Mapping[str, Any] = key(
        "An EventBridge event pattern; an event must match all of it.",
        example={"detail-type": [{"prefix": "Merchandising."}]},
        factory=dict,
    )
    service: str = key("The service that takes them.", example="merchandising_exporter", default="")
    path: str = key("Where it takes them, by POST.", example="/events", default="/events")


@dataclass(frozen=True, kw_only=True)
class Events:
    """How events of changed tables come to local services."""

    via: EventsVia | None = key(
        "`streams`: of the AWS on this machine; `tunnel`, `sqs`: of an account; `none`: only those posted by hand. "
        "When not said: `streams` with moto where a service takes events, else `none`.",
        example="sqs",
        default=None,
    )
    routes: Mapping[str, Route] = key(
        "Which events go to which service, by name; an event goes wherever a pattern matches.",
        example={"prices": {"pattern": {"source": ["shop.prices"]}, "service": "api", "path": "/prices"}},
        factory=dict,
    )


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """Who sees what on the dashboard."""

    public: Literal["none", "read"] = key(
        "What is shown to who has not the instance's token: `none` but health; `read`, all, and changes to none.",
        example="read",
        default="none",
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The top level of a configuration file."""

    packaged: bool = key("Whether the services that ship with Hippodrome exist.", example=False, default=True)
    profile: str | None = key("The profile to start when none is named.", example="ecom", default=None)
    cell: str | None = key("The cell to use when none is named.", example="staging", default=None)
    aws: Literal["moto", "account"] | None = key("Which AWS to use.", example="account", default=None)
    table_prefix: str | None = key(
        "Prefix of DynamoDB table names; `dev-{branch}-` when not said.", example="my-feature-", default=None
    )
    idle_stop: Seconds | None = key(
        "How long nobody must have used the stack for it to be stopped; `0`: never.",
        example="8h",
        default=None,
    )
    registry: str | None = key(
        "The folder in which all stacks of a box are registered; in the file of the box, for all users alike.",
        example="/srv/hippodrome",
        default=None,
    )
    services: Mapping[str, Service] = key(
        "Services by name.", example={"api": {"command": "python api.py", "port": 8000}}, factory=dict
    )
    profiles: Mapping[str, Profile] = key(
        "Profiles by name.", example={"web": {"description": "The site alone"}}, factory=dict
    )
    cells: Mapping[str, Cell] = key(
        "Cells by name.", example={"staging": {"url": "https://cell.example.com"}}, factory=dict
    )
    events: Events = key("How events of changed tables come to services.", example={"via": "streams"}, factory=Events)
    dashboard: Dashboard = key("Who sees what on the dashboard.", example={"public": "read"}, factory=Dashboard)


@dataclass(frozen=True)
class Link:
    """One step of a value's history: which layer set it, where, and to what."""

    layer: str
    place: Place
    value: Any


RUNNING = Place("running stack")  # of what nobody said, so that it is as in the stack that runs


@dataclass(frozen=True)
class Config:
    """The layers merged, for one chosen profile and cell, with the history of every value.

    `origins` is keyed by dotted path (`services.controller.environment.LOG_LEVEL`); lowest layer first.
    `warnings` are worth saying and stop nothing.
    """

    project_root: str
    profile: str
    cell: str
    settings: Settings
    origins: Mapping[str, tuple[Link, ...]]
    warnings: tuple[str, ...] = ()

    def place(self, path: str) -> Place | None:
        """Where the value at `path`, or the nearest thing above it, was last set."""
        while path:
            if chain := self.origins.get(path):
                return chain[-1].place
            path = path.rpartition(".")[0]
        return None
