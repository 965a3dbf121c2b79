"""From files, environment and flags to a Config: read, check, choose, lay one over the other, check the whole."""

import os
import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from hippodrome import resources
from hippodrome.config import reader, schema
from hippodrome.config.box import box_files
from hippodrome.config.environ import environ_document, unknown_variables
from hippodrome.config.layers import Layer, Merger
from hippodrome.config.model import RUNNING, Config, Service, Settings
from hippodrome.config.reader import Document, Tagged
from hippodrome.config.rules import RULES
from hippodrome.errors import Place, Problem, UserError, nearest

TEAM, PERSONAL = "hippodrome.yaml", "hippodrome.local.yaml"
PACKAGED = "packaged"
DEFAULT_PROFILE, DEFAULT_CELL = "core", "local"
PLAIN_PROFILE = "default"  # where there is no `core` and none is chosen: the services that name no profile
NO_SERVICES = "There are no services yet: define it below `services:`."
CHANGES = re.compile(r"(?:profiles|cells)\.[^.]+\.(?=services\.)")


@dataclass(frozen=True)
class Request:
    """What was chosen on the command line; None is not said. `overrides`: dotted path → value, from flags.

    `kept`: those that were not said and are as in the running stack.
    """

    project_root: Path
    environ: Mapping[str, str]
    profile: str | None = None
    cell: str | None = None
    aws: str | None = None
    table_prefix: str | None = None
    events_via: str | None = None
    idle_stop: str | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Loaded:
    """A Config and what is wrong with it. Where something is, the Config lacks it: `lacking` are such places."""

    config: Config
    problems: tuple[Problem, ...]
    lacking: tuple[Place | None, ...]
    documents: tuple[Document, ...]

    @property
    def is_readable(self) -> bool:
        """Whether every file could be read, so that what is not there was not said."""
        return not any(problem.code in {"syntax", "unreadable-file"} for problem in self.problems)

    def is_doubtful(self, found: Problem) -> bool:
        """Whether what the plan finds wrong has been told, or may follow from what its service lacks."""
        if found.place and found.place in {problem.place for problem in self.problems}:
            return True
        may_follow = found.code != "dependency-cycle"  # nothing is depended on that was not said
        return may_follow and self._service_at(found.place) in self._lacking_services

    @cached_property
    def _lacking_services(self) -> set[tuple[str, str]]:
        return {here for place in self.lacking if (here := self._service_at(place))}

    def _service_at(self, place: Place | None) -> tuple[str, str] | None:
        """File and name of the last service that begins at or before the line."""
        begun = self._services.get(place.file, []) if place else []
        at = bisect(begun, place.line, key=lambda each: each[0]) if place else 0
        return (place.file, begun[at - 1][1]) if place and at else None

    @cached_property
    def _services(self) -> dict[str, list[tuple[int, str]]]:
        """Of each file, the lines on which services begin."""
        return {
            each.file: sorted((place.line, path) for path, place in each.keys.items() if _is_service(path))
            for each in self.documents
        }


def _is_service(path: str) -> bool:
    return path.startswith("services.") and path.count(".") == 1


def load(request: Request) -> Config:
    """The Config. Raises UserError with every problem of every layer, sorted by place."""
    loaded = examine(request)
    if loaded.problems:
        raise UserError(*loaded.problems)
    return loaded.config


def examine(request: Request) -> Loaded:
    """The Config of what is right, beside every problem of every layer."""
    documents = list(_documents(request))
    checked = [(name, schema.check(document), document) for name, document in documents]
    layers = [Layer(name, found.value, document) for name, found, document in checked]
    problems = [problem for _, found, _ in checked for problem in found.problems]
    lacking = tuple(problem.place for problem in problems)
    problems += _unknown_services(layers)
    choice = _choose(layers)
    merger = Merger()
    merged = _with_profiles(_merged(layers, merger, choice), choice)
    settings: Settings = schema.build(Settings, merged)
    config = Config(
        project_root=str(request.project_root),
        profile=choice.profile,
        cell=choice.cell,
        settings=settings,
        origins=merger.origins,
        warnings=tuple(dict.fromkeys(_warnings(checked, request))),
    )
    wrong = {CHANGES.sub("", path, count=1) for _, found, _ in checked for path in found.wrong}
    problems += _broken_rules(config, wrong)
    return Loaded(config, tuple(dict.fromkeys(problems)), lacking, tuple(document for _, document in documents))


def _warnings(checked: Iterable[tuple[str, schema.Checked, Document]], request: Request) -> Iterator[str]:
    for _, found, _ in checked:
        yield from found.warnings
    yield from unknown_variables(request.environ, (document for _, _, document in checked))


def _broken_rules(config: Config, wrong: Iterable[str]) -> Iterator[Problem]:
    """But for what follows from a mistake that is known: `wrong` has their paths."""
    above = {path[:end] for path in wrong for end in (*(dot.start() for dot in re.finditer(r"\.", path)), len(path))}
    for mistake in (mistake for rule in RULES for mistake in rule(config)):
        if mistake.path not in above:
            yield Problem(mistake.code, mistake.what, mistake.hint, config.place(mistake.path))


def _documents(request: Request) -> Iterator[tuple[str, Document]]:
    """Name of the layer and its document; the lowest first."""
    root = request.project_root
    files = {str(path): path for path in box_files(request.environ)} | {
        name: root / name for name in (TEAM, PERSONAL)
    }
    own = [(name, reader.read(path, _shown(path))) for name, path in files.items() if _is_there(path)]
    said = [document.value["packaged"] for _, document in own if "packaged" in document.value]
    packaged = packaged_files() if not said or said[-1] is not False else []
    conf = resources.conf()
    below = [(PACKAGED, reader.read(path, f"conf/{path.relative_to(conf)}")) for path in packaged] + own
    yield from below
    yield "environment", environ_document(request.environ, [document for _, document in below])
    yield "flags", _flags(request)


def _is_there(path: Path) -> bool:
    """Also as a link that leads nowhere, which would be passed over in silence; not where one may not look."""
    return os.path.lexists(path)


def packaged_files() -> list[Path]:
    """The YAML files that ship with Hippodrome."""
    return sorted((*resources.conf().glob("*.yaml"), *resources.conf().glob("*/*.yaml")))


def _shown(path: Path) -> str:
    """Relative to where the person stands, when the file is there or below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _flags(request: Request) -> Document:
    document = Document("command line")
    said = {name: getattr(request, name) for name in ("profile", "cell", "aws", "table_prefix", "idle_stop")}
    for path, value in {**{k: v for k, v in said.items() if v is not None}, **request.overrides}.items():
        document.put(path, value, _said_at(request, path))
    if request.events_via is not None:
        document.put("events.via", request.events_via, _said_at(request, "events_via"))
    return document


def _said_at(request: Request, name: str) -> Place:
    return RUNNING if name in request.kept else Place(f"--{name.replace('_', '-')}")


@dataclass(frozen=True)
class _Choice:
    profile: str
    cell: str
    profiles: tuple[str, ...]  # what the profile extends first, itself last


def _choose(layers: Iterable[Layer]) -> _Choice:
    """From a first merge without the changes that profiles and cells make."""
    merged = _merged(layers, Merger(), _Choice("", "", ()))
    profiles = merged.get("profiles", {})
    profile = merged.get("profile") or (DEFAULT_PROFILE if DEFAULT_PROFILE in profiles else PLAIN_PROFILE)
    cell = merged.get("cell") or DEFAULT_CELL
    return _Choice(profile, cell, tuple(_extended(profile, profiles)))


def _with_profiles(merged: dict[str, Any], choice: _Choice) -> dict[str, Any]:
    """Also the plain one and, where no layer declares any, those that services name, as in compose."""
    declared = merged.get("profiles", {})
    named = (
        []
        if declared
        else [name for each in merged.get("services", {}).values() for name in each.get("profiles", [])]
    )
    plain = [PLAIN_PROFILE] if choice.profile == PLAIN_PROFILE else []
    return merged | {"profiles": {name: {} for name in (*plain, *named)} | declared}


def _extended(name: str, profiles: Mapping[str, Any], seen: tuple[str, ...] = ()) -> Iterator[str]:
    if name in profiles and name not in seen:
        for other in profiles[name].get("extends", []):
            yield from _extended(other, profiles, (*seen, name))
        yield name


def _merged(layers: Iterable[Layer], merger: Merger, choice: _Choice) -> dict[str, Any]:
    """In each layer, what a profile and a cell change comes after what the layer says of services."""
    merged: dict[str, Any] = {}
    defined = _defined(layers)
    for layer in layers:
        merged = merger.lay(Settings, merged, layer.value, layer=layer, at="", doc_at="")
        for group, names in (("profiles", choice.profiles), ("cells", (choice.cell,))):
            for name in names:
                changes = _changes(layer, group, name)
                for service, value in ((service, changes[service]) for service in changes if service in defined):
                    merged.setdefault("services", {})[service] = merger.lay(
                        Service,
                        merged.get("services", {}).get(service),
                        value,
                        layer=layer,
                        at=f"services.{service}",
                        doc_at=f"{group}.{name}.services.{service}",
                    )
    return merged


def _defined(layers: Iterable[Layer]) -> set[str]:
    """Services that any layer has, be it to take one away."""
    return {name for layer in layers for name in _inside(layer.value, "services")}


def _unknown_services(layers: Iterable[Layer]) -> Iterator[Problem]:
    """What a profile or cell changes, or a cell is, and no layer defines. One that a layer takes away is known."""
    defined = _defined(layers)
    for layer, group in ((layer, group) for layer in layers for group in ("profiles", "cells")):
        for name in _inside(layer.value, group):
            keys, values = layer.document.keys, layer.document.values
            at = f"{group}.{name}.service"
            named = [(each, "changes", keys.get(f"{at}s.{each}")) for each in _changes(layer, group, name)]
            service = _inside(layer.value, group, name).get("service")
            named += [(service, "is", values.get(at))] if isinstance(service, str) else []
            for each, does, place in named:
                if each not in defined:
                    what = f"{group[:-1]} `{name}` {does} the service `{each}`, which nobody defines"
                    yield Problem("unknown-service", what, nearest(each, defined) or NO_SERVICES, place)


def _changes(layer: Layer, group: str, name: str) -> dict[str, Any]:
    return _inside(layer.value, group, name, "services")


def _inside(value: Any, *names: str) -> dict[str, Any]:
    """The mapping there; empty where there is none. Marks for merging do not hide it."""
    for name in (None, *names):
        found = value.get(name, {}) if name and isinstance(value, dict) else value
        value = found.value if isinstance(found, Tagged) else found
    return value if isinstance(value, dict) else {}
