"""The layer of `HIPPODROME_*` variables."""

import re
from collections.abc import Mapping
from typing import Any

from hippodrome.config import reader
from hippodrome.config.reader import Document
from hippodrome.errors import Place

CHOICES = ("profile", "cell", "aws", "table_prefix")
PREFIX = "HIPPODROME_"
FIELD = re.compile(r"HIPPODROME_(SERVICES|PROFILES|CELLS)__([A-Za-z0-9_]+)")


def environ_document(environ: Mapping[str, str]) -> Document:
    """`HIPPODROME_PROFILE`, `_CELL`, `_AWS`, `_TABLE_PREFIX`, and `HIPPODROME_SERVICES__API__PORT=8001`.

    The names of a service's own variables, below ENVIRONMENT, keep their case. Values are read as YAML.
    """
    document = Document("environment")
    for choice in CHOICES:
        if value := environ.get(PREFIX + choice.upper()):
            document.put(choice, value, Place(PREFIX + choice.upper()))
    for name in sorted(environ):
        if found := FIELD.fullmatch(name):
            path = ".".join(_segments([found[1], *found[2].split("__")]))
            document.put(path, _value(environ[name]), Place(name))
    return document


def _segments(parts: list[str]) -> list[str]:
    """Lower case but for what comes below `environment` or `secrets`."""
    keep_from = next(
        (i + 1 for i, part in enumerate(parts) if part.lower() in {"environment", "secrets"}), len(parts)
    )
    return [part.lower() if index < keep_from else part for index, part in enumerate(parts)]


def _value(text: str) -> Any:
    document = reader.parse(f"value: {text}", "environment")
    return text if document.problems else document.value.get("value")
