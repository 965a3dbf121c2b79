"""What `hd report` packs: everything that is known, whatever of it can be found."""

import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from hippodrome.cli.doctor import planned
from hippodrome.cli.project import Choice, Project, compiled
from hippodrome.control.rpc import Supervisor
from hippodrome.diagnose.doctor import examine
from hippodrome.diagnose.facts import gather
from hippodrome.diagnose.pack import Document
from hippodrome.diagnose.why import why
from hippodrome.errors import UserError
from hippodrome.events.reading import Reader, UnreadableError, Wanted
from hippodrome.logs.read import tail
from hippodrome.plan.conditions import Snapshot
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan
from hippodrome.rundir import read_plan, read_record
from hippodrome.version import version

T = TypeVar("T")

EVENTS = 200
PARTS = ("supervisor", "click", "jinja2", "pyyaml", "flask", "moto", "boto3", "watchfiles")
ABOUT = """\
What `hd report` found, secrets masked (as ********).

report.json      versions, and what could not be found
plan.json        what runs, or ran last
configured.json  what the configuration comes to now
states.json      state of every service, and why
doctor.json      what `hd doctor` says
journal.jsonl    every change of state
events.json      EventBridge events and their deliveries, without their bodies
logs/            the last lines of each service, with their times, of set-up steps, and of supervisord
"""


@dataclass(frozen=True)
class Gathered:
    """`mistakes`: why the configuration cannot be compiled."""

    project: Project
    running: Plan | None
    configured: Plan | None
    snapshot: Snapshot | None
    mistakes: tuple[str, ...] = ()

    @property
    def layout(self) -> Layout:
        return self.project.instance.layout

    @property
    def plans(self) -> tuple[Plan, ...]:
        return tuple(filter(None, (self.running, self.configured)))


def gathered(project: Project) -> Gathered:
    """Nothing that is missing or broken raises: that may be what is reported."""
    mistakes: list[str] = []

    def found(ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except UserError as error:
            mistakes.extend(map(str, error.problems))
            return None

    snapshot = found(Supervisor(project.instance.layout).status)
    configured = found(lambda: compiled(project, Choice()).plan)
    return Gathered(project, read_plan(project.instance.layout), configured, snapshot, tuple(mistakes))


def documents(found: Gathered, count: int) -> Iterator[Document]:
    """`count`: lines of each log."""
    yield Document("README.txt", ABOUT)
    yield Document("report.json", _about(found))
    if found.running:
        yield Document("plan.json", asdict(found.running))
    if found.configured:
        yield Document("configured.json", asdict(found.configured))
    if found.snapshot:
        yield Document("states.json", _states(found, found.snapshot))
    ports, configuration = planned(found.project)
    facts = gather(found.project.instance, ports)
    yield Document("doctor.json", [asdict(each) for each in (configuration, *examine(facts))])
    journal = found.layout.events
    yield Document("journal.jsonl", _end_of(journal.with_name(f"{journal.name}.1"), journal, count=count))
    yield Document("events.json", _events(found.layout))
    yield from _logs(found.layout, count)


def _about(found: Gathered) -> dict[str, object]:
    record = read_record(found.layout)
    return {
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "hd": version(),
        "python": sys.version,
        "platform": platform.platform(),
        "packages": {name: _version_of(name) for name in PARTS},
        "instance": found.project.instance.id,
        "project_root": str(found.project.root.path),
        "is_running": found.snapshot is not None,
        "started_with": {"hd": record.version, "python": record.python, "at": record.made_at} if record else None,
        "problems": found.mistakes,
    }


def _version_of(name: str) -> str:
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed(name)
    except PackageNotFoundError:
        return ""


def _states(found: Gathered, snapshot: Snapshot) -> dict[str, object]:
    plan = found.running
    words = {each.name: asdict(why(plan, snapshot, each.name)) for each in snapshot.statuses} if plan else {}
    return {**asdict(snapshot), "why": words}


def _events(layout: Layout) -> object:
    reader = Reader(layout.spool)
    try:
        events = [asdict(event) for event in reader.events(Wanted(count=EVENTS, with_proofs=True))]
        return {"totals": asdict(reader.totals()), "events": events}
    except UnreadableError as error:
        return {"problem": str(error)}


def _logs(layout: Layout, count: int) -> Iterator[Document]:
    for path in sorted(layout.logs.glob("*.log")):
        name = path.name.removesuffix(".log")
        if name.endswith(".setup"):
            yield Document(f"logs/{path.name}", _end_of(path, count=count))
        else:
            lines = (f"{_moment(line.at)} {line.text}\n" for line in tail(layout, (name,), count))
            yield Document(f"logs/{path.name}", "".join(lines))
    for path in (layout.supervisord_log, layout.warden_log):
        yield Document(f"logs/{path.name}", _end_of(path, count=count))


def _moment(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(at)) + f".{int(at % 1 * 1000):03}"


def _end_of(*paths: Path, count: int) -> str:
    """Of files that follow each other; what is not there is empty."""
    lines: list[str] = []
    for path in paths:
        with suppress(OSError):
            lines += path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    return "".join(lines[-count:] if count else [])
