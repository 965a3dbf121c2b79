"""From files, environment and flags to a Config: read, check, choose, lay one over the other, check the whole."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hippodrome import resources
from hippodrome.config import reader, schema
from hippodrome.config.environ import environ_document
from hippodrome.config.layers import Layer, Merger
from hippodrome.config.model import Config, Service, Settings
from hippodrome.config.reader import Document
from hippodrome.config.rules import RULES
from hippodrome.errors import Place, Problem, UserError

TEAM, PERSONAL = "hippodrome.yaml", "hippodrome.local.yaml"
PACKAGED = "packaged"
DEFAULT_PROFILE, DEFAULT_CELL = "core", "local"


@dataclass(frozen=True)
class Request:
    """What was chosen on the command line; None is not said. `overrides`: dotted path → value, from flags."""

    project_root: Path
    environ: Mapping[str, str]
    profile: str | None = None
    cell: str | None = None
    aws: str | None = None
    table_prefix: str | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Loaded:
    """A Config and what is wrong with it. Where something is, the Config lacks it."""

    config: Config
    problems: tuple[Problem, ...]
    documents: tuple[Document, ...]

    @property
    def is_readable(self) -> bool:
        """Whether every file could be read, so that what is not there was not said."""
        return not any(problem.code in {"syntax", "unreadable-file"} for problem in self.problems)

    def is_doubtful(self, place: Place | None) -> bool:
        """Whether what is found wrong at `place` may follow from a mistake in the same service."""
        here = self._service_at(place)
        return here is not None and any(self._service_at(problem.place) == here for problem in self.problems)

    def _service_at(self, place: Place | None) -> tuple[str, str] | None:
        """File and name of the last service that begins at or before the line."""
        begun = [
            (each.line, document.file, path)
            for document in self.documents
            for path, each in document.keys.items()
            if place and document.file == place.file and each.line <= place.line and _is_service(path)
        ]
        return max(begun)[1:] if begun else None


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
    choice = _choose(layers, request)
    merger = Merger()
    merged = _merged(layers, merger, choice)
    settings: Settings = schema.build(Settings, merged)
    config = Config(
        project_root=str(request.project_root),
        profile=choice.profile,
        cell=choice.cell,
        settings=settings,
        origins=merger.origins,
        warnings=tuple(warning for _, found, _ in checked for warning in found.warnings),
    )
    problems += [problem for rule in RULES for problem in rule(config)]
    return Loaded(config, tuple(dict.fromkeys(problems)), tuple(document for _, document in documents))


def _documents(request: Request) -> Iterator[tuple[str, Document]]:
    """Name of the layer and its document; the lowest first."""
    root = request.project_root
    own = [(path.name, reader.read(path, _shown(path))) for path in (root / TEAM, root / PERSONAL) if path.is_file()]
    said = [document.value["packaged"] for _, document in own if "packaged" in document.value]
    if not said or said[-1] is not False:
        for path in packaged_files():
            yield PACKAGED, reader.read(path, f"conf/{path.parent.name}/{path.name}")
    yield from own
    yield "environment", environ_document(request.environ)
    yield "flags", _flags(request)


def packaged_files() -> list[Path]:
    """The YAML files that ship with Hippodrome."""
    return sorted(resources.conf().glob("*/*.yaml"))


def _shown(path: Path) -> str:
    """Relative to where the person stands, when the file is there or below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _flags(request: Request) -> Document:
    document = Document("command line")
    said = {name: getattr(request, name) for name in ("profile", "cell", "aws", "table_prefix")}
    for path, value in {**{k: v for k, v in said.items() if v is not None}, **request.overrides}.items():
        document.put(path, value, Place(f"--{path.replace('_', '-')}"))
    return document


@dataclass(frozen=True)
class _Choice:
    profile: str
    cell: str
    profiles: tuple[str, ...]  # what the profile extends first, itself last


def _choose(layers: Iterable[Layer], request: Request) -> _Choice:
    """From a first merge without the changes that profiles and cells make."""
    merged = _merged(layers, Merger(), _Choice("", "", ()))
    profiles = merged.get("profiles", {})
    profile = merged.get("profile") or (DEFAULT_PROFILE if profiles else "all")
    cell = merged.get("cell") or DEFAULT_CELL
    return _Choice(profile, cell, tuple(_extended(profile, profiles)))


def _extended(name: str, profiles: Mapping[str, Any], seen: tuple[str, ...] = ()) -> Iterator[str]:
    if name in profiles and name not in seen:
        for other in profiles[name].get("extends", []):
            yield from _extended(other, profiles, (*seen, name))
        yield name


def _merged(layers: Iterable[Layer], merger: Merger, choice: _Choice) -> dict[str, Any]:
    """In each layer, what a profile and a cell change comes after what the layer says of services."""
    merged: dict[str, Any] = {}
    for layer in layers:
        merged = merger.lay(Settings, merged, layer.value, layer=layer, at="", doc_at="")
        for group, names in (("profiles", choice.profiles), ("cells", (choice.cell,))):
            for name in names:
                changes = _changes(layer, group, name)
                for service, value in changes.items():
                    merged.setdefault("services", {})[service] = merger.lay(
                        Service,
                        merged.get("services", {}).get(service),
                        value,
                        layer=layer,
                        at=f"services.{service}",
                        doc_at=f"{group}.{name}.services.{service}",
                    )
    return merged


def _changes(layer: Layer, group: str, name: str) -> dict[str, Any]:
    section = layer.value.get(group)
    one = section.get(name) if isinstance(section, dict) else None
    changes = one.get("services") if isinstance(one, dict) else None
    return changes if isinstance(changes, dict) else {}
