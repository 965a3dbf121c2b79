"""What the service speaks, as OpenAPI, from the tables of its routes and of the fields that they take."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from hippodrome.services.fake_cell.asking import SEARCH
from hippodrome.services.fake_cell.batches import ADD, UPDATE
from hippodrome.services.fake_cell.bodies import Kinds
from hippodrome.services.fake_cell.embeds import EMBED, RECOMMEND
from hippodrome.services.fake_cell.settings import KINDS

Schema = dict[str, Any]

PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object"}
NAMES: Schema = {"type": "array", "items": {"type": "string"}}
QUERIES = {
    "eject": ("model_name",),
    "add_documents": ("device", "telemetry"),
    "search": ("device", "telemetry"),
    "embed": ("device",),
    "get_documents": ("expose_facets",),
    "get_document": ("expose_facets",),
}


def described(title: str, version: str, routes: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """The document. `routes`: method, path, name."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, name in routes:
        plain = PARAMETER.sub(r"{\1}", path)
        paths.setdefault(plain, {})[method.lower()] = _operation(path, name)
    return {"openapi": "3.1.0", "info": {"title": title, "version": version}, "paths": paths}


def _operation(path: str, name: str) -> dict[str, Any]:
    body: dict[str, Any] = (
        {"requestBody": {"content": {"application/json": {"schema": BODIES[name]}}}} if name in BODIES else {}
    )
    text = {"type": "string"}
    return {
        "operationId": f"{name}_{len(PARAMETER.findall(path))}",
        "parameters": [
            *({"name": each, "in": "path", "required": True, "schema": text} for each in PARAMETER.findall(path)),
            *({"name": each, "in": "query", "schema": text} for each in QUERIES.get(name, ())),
        ],
        **body,
        "responses": {"200": {"description": "well"}, "4XX": {"description": "refused, with message, code and type"}},
    }


def _object(fields: Mapping[str, Kinds], *required: str) -> Schema:
    properties = {name: _field(kinds) for name, kinds in fields.items()}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _field(kinds: Kinds) -> Schema:
    """Null is as good as nothing everywhere."""
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    return {"type": [*(TYPES[kind] for kind in wanted), "null"]}


BODIES: dict[str, Schema] = {
    "create": _object(KINDS),
    "create_batch": {"type": "array", "items": _object({**KINDS, "indexName": str}, "indexName")},
    "delete_batch": NAMES,
    "add_documents": _object(ADD, "documents"),
    "update_documents": _object(UPDATE, "documents"),
    "get_documents": NAMES,
    "get_batch": _object({"documentIds": list}, "documentIds"),
    "delete_documents": NAMES,
    "search": _object(SEARCH),
    "recommend": _object(RECOMMEND, "documents"),
    "embed": _object(EMBED, "content"),
}
