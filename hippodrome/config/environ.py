"""The layer of `HIPPODROME_*` variables."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hippodrome.config import reader
from hippodrome.config.reader import Document
from hippodrome.errors import Place, nearest

CHOICES = ("profile", "cell", "aws", "table_prefix", "idle_stop")
PREFIX = "HIPPODROME_"
OTHERS = tuple(  # read elsewhere
    f"HIPPODROME_{name}" for name in ("PROJECT_ROOT", "PYTHON", "PATIENCE_S", "NAME", "NOTIFY", "REGISTRY")
)
FIELD = re.compile(r"HIPPODROME_(SERVICES|PROFILES|CELLS|EVENTS)__([A-Za-z0-9_]+)")
REFERRED = re.compile(r"(?:\$\{env\.|')(HIPPODROME_\w+)")  # in a reference, or as a key
KEEP_CASE_BELOW = frozenset({"environment", "secrets", "gives", "only_if"})  # the names of variables


def environ_document(environ: Mapping[str, str], below: Iterable[Document] = ()) -> Document:
    """`HIPPODROME_PROFILE`, `_CELL`, `_AWS`, `_TABLE_PREFIX`, `_IDLE_STOP`; `HIPPODROME_SERVICES__API__PORT=8001`.

    `below`: the layers whose services, profiles and cells are meant, however they write `-` and capitals, which
    names of variables cannot tell. The names of a service's own variables keep their case. Values are read as YAML.
    """
    document = Document("environment")
    for choice in CHOICES:
        if value := environ.get(PREFIX + choice.upper()):
            document.put(choice, value, Place(PREFIX + choice.upper()))
    names = {_folded(path): path for each in below for path in each.keys if path.count(".") == 1}
    for name in sorted(environ):
        if found := FIELD.fullmatch(name):
            name_of, *rest = found[2].split("__")
            thing = f"{found[1]}.{name_of}".lower()
            path = ".".join((names.get(thing, thing), *_segments(rest)))
            document.put(path, _value(environ[name]), Place(name))
    return document


def unknown_variables(environ: Mapping[str, str], documents: Iterable[Document] = ()) -> Iterator[str]:
    """A warning for each `HIPPODROME_*` that sets nothing, and that no value of the documents refers to."""
    known = {*(PREFIX + choice.upper() for choice in CHOICES), *OTHERS}
    unknown = {name for name in environ if name.startswith(PREFIX) and not FIELD.fullmatch(name)} - known
    if unknown:
        known.update(name for document in documents for name in REFERRED.findall(repr(document.value)))
    for name in sorted(unknown - known):
        yield f"{name} sets nothing. {nearest(name, known)}"


def _folded(path: str) -> str:
    return path.lower().replace("-", "_")


def _segments(parts: list[str]) -> Iterator[str]:
    """Lower case but for what comes below `environment` or `secrets`."""
    is_name = False
    for part in parts:
        yield part if is_name else part.lower()
        is_name = is_name or part.lower() in KEEP_CASE_BELOW


def _value(text: str) -> Any:
    """Text that is no YAML, or has several lines, is itself."""
    document = reader.parse(f"value: {text}", "environment")
    return text if document.problems or "\n" in text else document.value.get("value")
