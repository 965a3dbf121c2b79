"""The plan: what runs, with every value final. Standard library only, for supervisord's process reads it too."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NewType

FORMAT = 1  # raised when an older reader would misread a plan
MAIN = "main"  # the name of `port`

Fingerprint = NewType("Fingerprint", str)
Condition = Literal["started", "healthy", "completed"]
ProbeKind = Literal["http", "tcp", "exec", "log", "listen", "none"]
RestartMode = Literal["always", "on-failure", "no"]


def label_of(service: str, name: str) -> str:
    """What people call a port: `SERVICE`, or `SERVICE.NAME` for one that is not the main one."""
    return service if name == MAIN else f"{service}.{name}"


@dataclass(frozen=True)
class Frozen:
    """What is settled when an instance is made, and holds until it ends."""

    base: Mapping[str, str]  # the environment of supervisord's own process, and so of every program
    table_prefix: str


@dataclass(frozen=True)
class Probe:
    """How a program's health is found. Times are in seconds.

    `target`: an http URL, `HOST:PORT` for tcp, a regular expression for log; `argv` is for exec.
    `listen` (a port and no declared check) asks only that the program's own process holds its port.
    """

    kind: ProbeKind
    target: str = ""
    argv: tuple[str, ...] = ()
    interval_s: float = 5.0
    timeout_s: float = 2.0
    retries: int = 3
    start_period_s: float = 60.0
    start_interval_s: float | None = None  # while starting; None: often at first, then ever slower


@dataclass(frozen=True)
class DependsOn:
    """A dependent may start once `program` meets `condition`; `is_required` says whether it may do without."""

    program: str
    condition: Condition
    is_required: bool = True


@dataclass(frozen=True)
class Restart:
    """The restart policy; `retries` is None when the policy does not say how many."""

    mode: RestartMode = "always"
    retries: int | None = None


@dataclass(frozen=True)
class Origin:
    """Where a program's code comes from: `reference`, `path` (a real component) or `command` (plainly declared).

    `external`: it runs elsewhere, and a process that does nothing stands for it here.
    """

    kind: Literal["reference", "path", "command", "external"]
    folder: str
    shown: str  # as people read it: `reference`, `./components/controller`, `external`


@dataclass(frozen=True)
class SetupStep:
    """One thing to make before the program can start.

    `folder` is the source's folder; `inputs` are the files, relative to it, whose content decides whether
    it must be made again, and `key` is the hash of that content. `product` is the folder that is made: a
    venv, a `node_modules`, a Node distribution. With `is_shared` it is ours alone; else it lies in somebody's
    component, and one that is there without our mark is used as it is. With `is_cloned` it is a copy, by hard links,
    of what the cache has for all checkouts with this key.
    """

    kind: Literal["venv", "npm", "node", "command"]
    folder: str
    inputs: tuple[str, ...]
    key: str
    product: str
    is_shared: bool
    argv: tuple[str, ...] = ()
    is_cloned: bool = False


@dataclass(frozen=True)
class Watched:
    """A folder or file whose change restarts the program; `ignore` holds glob patterns."""

    path: str
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """A named address for the dashboard."""

    name: str
    url: str


@dataclass(frozen=True)
class LogLimits:
    """How much of a program's output is kept: `files` of `size_bytes` each, the one that is written included."""

    size_bytes: int = 20 << 20
    files: int = 4


@dataclass(frozen=True)
class Program:
    """What supervisord runs for a service. `environment` is complete but for the base and the `secrets`."""

    name: str
    description: str
    argv: tuple[str, ...]
    directory: str
    environment: Mapping[str, str]
    secrets: Mapping[str, tuple[str, ...]]  # variable → command whose output is its value; read when applying
    host: str
    ports: Mapping[str, int]  # the first is the main one
    url: str
    origin: Origin
    depends_on: tuple[DependsOn, ...]
    probe: Probe
    restart: Restart
    stop_signal: str
    stop_grace_s: float
    watched: tuple[Watched, ...]
    setup: tuple[SetupStep, ...]
    links: tuple[Link, ...]
    is_required: bool  # `hd up` fails when it never becomes ready
    declared_at: str  # file:line of the service's first declaration, for comments
    log: LogLimits = LogLimits()

    @property
    def port(self) -> int | None:
        """The main port."""
        return next(iter(self.ports.values()), None)

    @property
    def is_external(self) -> bool:
        """Whether it runs elsewhere, and only its health is looked at here."""
        return self.origin.kind == "external"

    @property
    def is_task(self) -> bool:
        """Whether someone waits for its end: a one-shot that ended well is ready."""
        return self.restart.mode == "no" and self.probe.kind == "none"

    @property
    def fingerprint(self) -> Fingerprint:
        """Of the declared values that a running process was started with; a change of it needs a new process."""
        told = asdict(self)
        for shown_only in (
            "description",
            "links",
            "declared_at",
            "watched",
            "is_required",
            "depends_on",
            "probe",
        ):
            del told[shown_only]
        if self.log == LogLimits():
            del told["log"]  # of before there were any: a stack of that time is not restarted for it
        return Fingerprint(_digest(told))


EventsVia = Literal["streams", "tunnel", "sqs", "none"]
FROM_ACCOUNT: frozenset[EventsVia] = frozenset({"tunnel", "sqs"})
Public = Literal["none", "read"]


@dataclass(frozen=True)
class Route:
    """Events that match `pattern`, an EventBridge event pattern, go by POST to `path` of `service`.

    The service need not be part of the plan.
    """

    name: str
    pattern: Mapping[str, Any]
    service: str
    path: str


@dataclass(frozen=True)
class LeftOut:
    """A known service that this plan does not start, and why."""

    name: str
    description: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """One resolved, ordered result. `programs` are in start order: a dependency comes before its dependents."""

    project_root: str
    profile: str
    cell: str
    aws: str
    table_prefix: str
    programs: tuple[Program, ...]
    left_out: tuple[LeftOut, ...] = ()
    is_data_real: bool = False  # the cell's; what would spoil it refuses
    notices: tuple[str, ...] = ()  # what a person should know, one line each
    events: EventsVia = "none"  # the way that events of changed tables come
    routes: tuple[Route, ...] = ()
    public: Public = "none"  # what the dashboard shows to who has no token, beside health
    name: str = ""  # of a second stack of the same project root
    port_offset: int = 0  # what its block adds to declared ports
    port_choices: Mapping[str, int] = field(default_factory=dict)  # of the command line, by SERVICE[.NAME]
    idle_stop_s: float = 0.0  # without use, after which all is stopped; 0: never
    idle_stop_said: str = ""  # on the command line
    format: int = field(default=FORMAT)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def program(self, name: str) -> Program:
        """The program called `name`. Raises KeyError."""
        return self._by_name[name]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(program.name for program in self.programs)

    @property
    def ports(self) -> dict[str, int]:
        """Of all programs, by what people call them."""
        return {label_of(each.name, called): port for each in self.programs for called, port in each.ports.items()}

    @cached_property
    def digest(self) -> str:
        """Equal for plans that run the same, whatever the machine and the moment."""
        told = asdict(self)
        del told["notices"]  # said to a person; a moved branch alone changes nothing that runs
        del told["idle_stop_said"]
        if not self.idle_stop_s:
            del told["idle_stop_s"]  # of before there was any: such a stack is not another for it
        return _digest(told)

    @cached_property
    def _by_name(self) -> dict[str, Program]:
        return {program.name: program for program in self.programs}

    def with_programs(self, programs: tuple[Program, ...]) -> "Plan":
        """The same plan with other programs."""
        return replace(self, programs=programs)

    def to_json(self) -> str:
        """Indented, with sorted keys but for `ports`, whose order has a meaning; and with its digest."""
        return json.dumps({**asdict(self), "digest": self.digest}, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """Raises ValueError for a plan of another format."""
        told = json.loads(text)
        if told.get("format") != FORMAT:
            raise ValueError(f"plan has format {told.get('format')}, this version reads {FORMAT}")
        told["programs"] = tuple(_program(program) for program in told["programs"])
        told["left_out"] = tuple(LeftOut(**left) for left in told["left_out"])
        told["notices"] = tuple(told["notices"])
        told["routes"] = tuple(Route(**route) for route in told.get("routes", ()))  # of before there were any
        digest = told.pop("digest")
        plan = cls(**told)
        plan.__dict__["digest"] = digest  # of a thousand programs it takes 80 ms, in supervisord's one thread
        return plan

    @classmethod
    def read(cls, path: Path) -> "Plan":
        """From a plan.json."""
        return cls.from_json(path.read_text(encoding="utf-8"))


def _digest(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _program(told: dict[str, Any]) -> Program:
    return Program(
        **{
            **told,
            "argv": tuple(told["argv"]),
            "secrets": {name: tuple(argv) for name, argv in told["secrets"].items()},
            "origin": Origin(**told["origin"]),
            "depends_on": tuple(DependsOn(**each) for each in told["depends_on"]),
            "probe": Probe(**{**told["probe"], "argv": tuple(told["probe"]["argv"])}),
            "restart": Restart(**told["restart"]),
            "watched": tuple(Watched(each["path"], tuple(each["ignore"])) for each in told["watched"]),
            "setup": tuple(_setup_step(each) for each in told["setup"]),
            "links": tuple(Link(**each) for each in told["links"]),
            "log": LogLimits(**told.get("log", {})),
        }
    )


def _setup_step(told: dict[str, Any]) -> SetupStep:
    return SetupStep(**{**told, "inputs": tuple(told["inputs"]), "argv": tuple(told["argv"])})
