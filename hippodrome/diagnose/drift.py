"""Whether what runs is what the configuration says; and for each thing that is not, who says otherwise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hippodrome.config.model import Config, Service
from hippodrome.control.change import Change
from hippodrome.diagnose.why import why
from hippodrome.errors import Place
from hippodrome.plan.conditions import SETTLED, Snapshot
from hippodrome.plan.env_files import parse_env_file
from hippodrome.plan.model import Plan

Kind = Literal["changed", "missing", "unwanted", "again", "not-running", "stray", "setting", "supervisord", "version"]
KEYS = {  # of a program → of a service
    "argv": "command",
    "directory": "working_dir",
    "url": "port",
    "origin": "sources",
    "probe": "healthcheck",
    "stop_grace_s": "stop_grace_period",
    "watched": "develop",
    "is_required": "required",
}


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be. `field` is dotted and without its value.

    `layer` and `place` are of the value that is not applied yet; empty and None where nobody sets one.
    """

    kind: Kind
    program: str = ""
    field: str = ""
    why: str = ""
    layer: str = ""
    place: Place | None = None


@dataclass(frozen=True)
class Running:
    """What runs: the plan, the state of its programs, and all that supervisord knows, by name."""

    plan: Plan
    snapshot: Snapshot
    supervised: tuple[str, ...]


def drift(config: Config, wanted: Plan, running: Running, change: Change) -> tuple[Difference, ...]:
    """Of what runs to what is `wanted`; `change` is what `hd up` would do about it."""
    return (
        *_of_all(config, change),
        *(each for name in change.delta.add for each in _missing(config, running.plan, name)),
        *(each for name in change.delta.remove for each in _unwanted(config, wanted, name)),
        *(each for name in change.delta.change for each in _changed(config, wanted, change, name)),
        *(each for name in change.delta.keep for each in _fields(config, wanted, change, name)),
        *_resting(wanted, running),
    )


def _of_all(config: Config, change: Change) -> Iterator[Difference]:
    if change.restart:
        yield Difference("supervisord", why=change.restart)
    for name in change.settings:
        path = {"is_data_real": f"cells.{config.cell}.confirm", "routes": "events.routes", "events": "events.via"}
        yield Difference("setting", "", name, "", *_found(config, [path.get(name, name)]))


def _missing(config: Config, running: Plan, name: str) -> Iterator[Difference]:
    left = next((f"it was left out: {each.reason}" for each in running.left_out if each.name == name), "")
    yield Difference("missing", name, "", left, *_found(config, [f"services.{name}"]))


def _unwanted(config: Config, wanted: Plan, name: str) -> Iterator[Difference]:
    left = next((each.reason for each in wanted.left_out if each.name == name), "no layer defines it any more")
    yield Difference("unwanted", name, "", left, *_found(config, [f"services.{name}.enabled"]))


def _changed(config: Config, wanted: Plan, change: Change, name: str) -> Iterator[Difference]:
    if task := change.follows.get(name):
        yield Difference("again", name, "", f"it must begin anew after {task}")
    elif not change.fields.get(name):
        yield Difference("again", name, "", "its process is of an earlier configuration")
    yield from _fields(config, wanted, change, name)


def _fields(config: Config, wanted: Plan, change: Change, name: str) -> Iterator[Difference]:
    for field in change.fields.get(name, ()):
        layer, place = _set_by(config, wanted, name, field)
        yield Difference("changed", name, field, _why(wanted, name, field, place), layer, place)


def _why(wanted: Plan, name: str, field: str, place: Place | None) -> str:
    head, _, variable = field.partition(".")
    if head == "setup":
        return "what it is made from has changed"
    if head == "environment" and variable not in wanted.program(name).environment:
        return "no longer set"
    return "" if place else "follows from other values"


def _resting(wanted: Plan, running: Running) -> Iterator[Difference]:
    for status in running.snapshot.statuses:
        if status.name in wanted and status.state in SETTLED and not status.has_completed:
            sentence = why(running.plan, running.snapshot, status.name).sentence
            yield Difference("not-running", status.name, "", sentence)
    for name in running.supervised:
        if name not in running.plan:
            yield Difference("stray", name, "", "it is no part of the plan that runs")


def _set_by(config: Config, wanted: Plan, name: str, field: str) -> tuple[str, Place | None]:
    """The layer and place of the new value; a variable may come from a file, or from who gives it."""
    head, _, rest = field.partition(".")
    service = config.settings.services.get(name)
    if service is None:
        return "", None
    paths = [f"services.{name}.{KEYS.get(head, head)}"]
    if head == "ports":
        paths = [f"services.{name}.ports.{rest}", f"services.{name}.port"]
    elif rest:
        paths.insert(0, f"services.{name}.{KEYS.get(head, head)}.{rest.removesuffix('_s')}")
    source = _source(service, wanted, name)
    if source is not None:
        paths = [*(p.replace(f"services.{name}.", f"services.{name}.sources.{source}.", 1) for p in paths), *paths]
    if head == "environment":
        exact = [path for path in paths if path.endswith(f".{rest}")]
        given = [f"services.{each}.gives.{rest}" for each in service.depends_on]
        return _first(config, exact) or _in_file(config, service, rest) or _first(config, given) or ("", None)
    return _found(config, paths)


def _source(service: Service, wanted: Plan, name: str) -> int | None:
    """Which candidate is run, by its kind; several of a kind are told apart by nothing that matters here."""
    kind = wanted.program(name).origin.kind if name in wanted else "command"
    is_it = [bool(source.reference) == (kind == "reference") for source in service.sources]
    return is_it.index(True) if True in is_it else None


def _in_file(config: Config, service: Service, variable: str) -> tuple[str, Place] | None:
    for file in reversed(service.env_file):
        path = Path(config.project_root, Path(file.path).expanduser())
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        for number, line in enumerate(lines, start=1):
            if any(found == variable for found, _ in parse_env_file(line)):
                return file.path, Place(file.path, number)
    return None


def _found(config: Config, paths: Sequence[str]) -> tuple[str, Place | None]:
    """Of the first path that a layer sets, or of what is above the last."""
    if found := _first(config, paths):
        return found
    above = paths[-1].rpartition(".")[0]
    return _first(config, [above]) or ("", None) if above else ("", None)


def _first(config: Config, paths: Sequence[str]) -> tuple[str, Place | None] | None:
    chain = next((config.origins[path] for path in paths if path in config.origins), None)
    return (chain[-1].layer, chain[-1].place) if chain else None
