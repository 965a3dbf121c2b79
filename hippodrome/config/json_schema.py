"""The JSON Schema of the configuration, from the same model that the loader checks with."""

import collections.abc
import json
import types
from dataclasses import is_dataclass
from typing import Any, Literal, Union, get_args, get_origin

from hippodrome.config import model
from hippodrome.config.forms import CONTAINER_KEYS
from hippodrome.config.schema import NAMED, PARTIAL, hints, keys, missing_keys

DRAFT = "http://json-schema.org/draft-07/schema#"  # what editors' YAML servers know best
TEXT = {"type": ["string", "number", "boolean"]}
STRINGS = {"type": "array", "items": TEXT}
SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": ["string", "number", "boolean"]},
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": 0},
    Any: {},
    model.Seconds: {"type": ["string", "number"], "examples": ["5s", "1m30s"]},
    model.PortNumber: {"type": ["integer", "string"], "minimum": 1, "maximum": 65535},
    model.Regex: {"type": "string", "format": "regex"},
}
LISTS = {("Service", "environment"), ("Source", "environment"), ("Service", "depends_on"), ("Service", "ports")}


def json_schema() -> dict[str, Any]:
    """Draft 7. What a file may say; `hd validate` also checks what only the whole can show."""
    return {
        "$schema": DRAFT,
        "title": "Hippodrome",
        **_section(model.Settings),
        "definitions": {each.__name__: _section(each) for each in SECTIONS},
    }


SECTIONS = (
    model.Service,
    model.Profile,
    model.Cell,
    model.Source,
    model.Setup,
    model.HealthCheck,
    model.Dependency,
    model.Develop,
    model.Watch,
)


def _section(section: type) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": "object",
        "description": (section.__doc__ or "").strip(),
        "additionalProperties": False,
        "patternProperties": {"^x-": {}},
        "properties": {name: _key(section, name) for name in keys(section)},
    }
    ignored = {"description": "Means nothing without a container; it is ignored."}
    told["properties"] |= dict.fromkeys(sorted(CONTAINER_KEYS.get(section.__name__, ())), ignored)
    if required := missing_keys(section, {}):
        told["required"] = required
    return told


def _key(section: type, name: str) -> dict[str, Any]:
    kind = hints(section)[name]
    where = (section.__name__, name)
    if where in PARTIAL:
        told = _named(model.Service)
    elif where in NAMED:
        told = _named(get_args(kind)[1])
    else:
        told = _kind(kind)
    if where in LISTS:
        told = {"anyOf": [told, {"type": "array"}]}
    if where == ("Service", "env_file"):
        told = {"anyOf": [{"type": "string"}, _list({"anyOf": [{"type": "string"}, _reference(model.EnvFile)]})]}
    if where == ("HealthCheck", "test"):
        told = {"anyOf": [{"type": "string"}, STRINGS]}
    meta = keys(section)[name].metadata
    return {"description": meta["about"], "examples": [meta["example"]], **told}


def _named(section: type) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": {"anyOf": [_reference(section), {"type": "null"}]}}


def _reference(section: type) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{section.__name__}"}


def _kind(kind: Any) -> dict[str, Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = _kind(next(each for each in arguments if each is not type(None)))
        return {"anyOf": [inner, {"type": "null"}]}
    if is_dataclass(kind):
        return _reference(kind)  # type: ignore[arg-type]
    if kind == model.Command:
        return {"anyOf": [{"type": "string"}, {**STRINGS, "minItems": 1}]}
    if origin is tuple:
        items = _kind(arguments[0])
        return {"anyOf": [{"type": "array", "items": items}, items]} if arguments[0] is str else _list(items)
    if origin is collections.abc.Mapping:
        return {"type": "object", "additionalProperties": _kind(arguments[1])}
    return {"enum": list(arguments)} if origin is Literal else SCALARS[kind]


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def text() -> str:
    """As conf/schema.json has it."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
