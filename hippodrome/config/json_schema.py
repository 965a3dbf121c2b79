"""The JSON Schema of the configuration, from the same model that the loader checks with."""

import collections.abc
import json
import re
import types
from dataclasses import is_dataclass
from typing import Any, Literal, Union, get_args, get_origin

from hippodrome.config import model
from hippodrome.config.forms import CONTAINER_KEYS
from hippodrome.config.schema import DURATION, NAME, NAMED, NUMBER, PARTIAL, hints, keys, missing_keys

DRAFT = "http://json-schema.org/draft-07/schema#"  # what editors' YAML servers know best
END = r"\Z"  # as Python writes it
NULL = {"type": "null"}  # what lies below goes
TEXT = {"type": ["string", "number", "boolean"]}
STRINGS = {"type": "array", "items": TEXT}
DURATION_TEXT = rf"(?:{NUMBER}|{re.sub(r'P<[a-z]+>', ':', DURATION.pattern.removesuffix(END))})$"
SCALARS: dict[Any, dict[str, Any]] = {
    str: TEXT,
    bool: {"type": ["boolean", "string"], "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"},
    int: {"type": "integer", "minimum": 1},
    Any: {},
    model.Seconds: {"type": ["string", "number"], "minimum": 0, "pattern": f"^{DURATION_TEXT}"},
    model.Span: {"type": ["string", "number"], "exclusiveMinimum": 0, "pattern": f"^(?=.*[1-9]){DURATION_TEXT}"},
    model.PortNumber: {"type": ["integer", "string"], "minimum": 1, "maximum": 65535, "pattern": "^[0-9]{1,5}$"},
    model.Regex: {"type": "string", "format": "regex"},
}
SECRET: dict[str, Any] = {
    "type": "object",
    "properties": {
        "command": {"type": ["string", "array"], "description": "Prints it."},
        "env": {"type": "string", "minLength": 1, "description": "Variable of your environment."},
        "file": {"type": "string", "minLength": 1, "description": "Holds it; relative to the project root."},
    },
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}
VARIABLES = {"type": "array", "items": {"type": "string", "pattern": "^[^=]"}}
LISTS: dict[tuple[str, str], dict[str, Any]] = {  # what compose allows in place of a mapping
    ("Service", "environment"): VARIABLES,
    ("Source", "environment"): VARIABLES,
    ("Service", "gives"): VARIABLES,
    ("Service", "only_if"): VARIABLES,
    ("Service", "depends_on"): {"type": "array", "items": {"type": "string"}},
    ("Service", "ports"): {"type": "array", "items": {"type": ["integer", "string", "object"]}},
}


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
    model.EnvFile,
    model.Develop,
    model.Logging,
    model.Watch,
    model.Events,
    model.Route,
    model.Dashboard,
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
    if where == ("Service", "environment"):
        secret = {"secret": _either(_kind(model.Command), SECRET)}
        as_secret = {"type": "object", "properties": secret, "required": ["secret"], "additionalProperties": False}
        told = {"type": "object", "additionalProperties": _either(TEXT, as_secret, NULL)}
    if where in LISTS:
        told = _either(told, LISTS[where])
    if where == ("Service", "env_file"):
        one = _either({"type": "string"}, _reference(model.EnvFile))
        told = _either(one, _list(one))
    if where == ("Cell", "api_key"):
        told = _either(_kind(model.Command), SECRET)
    if where == ("Service", "secrets"):
        told = {"type": "object", "additionalProperties": _either(_kind(model.Command), SECRET, NULL)}
    if where == ("HealthCheck", "test"):
        told = _either({"type": "string"}, {"type": "array", "items": TEXT, "minItems": 1})
    meta = keys(section)[name].metadata
    return {"description": meta["about"], "examples": [meta["example"]], **_either(told, NULL)}


def _named(section: type) -> dict[str, Any]:
    names = {"pattern": f"^{NAME.pattern.removesuffix(END)}$"}
    return {"type": "object", "propertyNames": names, "additionalProperties": _either(_reference(section), NULL)}


def _either(*told: dict[str, Any]) -> dict[str, Any]:
    """What any of them takes; flat, and each once."""
    flat = [one for each in told for one in (each["anyOf"] if each.keys() == {"anyOf"} else (each,))]
    return {"anyOf": [one for at, one in enumerate(flat) if one not in flat[:at]]}


def _reference(section: type) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{section.__name__}"}


def _kind(kind: Any) -> dict[str, Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _either(_kind(next(each for each in arguments if each is not type(None))), NULL)
    if is_dataclass(kind):
        return _reference(kind)  # type: ignore[arg-type]
    if kind == model.Command:
        return _either({"type": "string", "pattern": "[^ ]"}, {**STRINGS, "minItems": 1})
    if origin is tuple:
        items = _kind(arguments[0])
        return _either(_list(items), {"type": "string"}) if arguments[0] is str else _list(items)
    if origin is collections.abc.Mapping:
        return {"type": "object", "additionalProperties": _either(_kind(arguments[1]), NULL)}
    return {"enum": list(arguments)} if origin is Literal else SCALARS[kind]


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def text() -> str:
    """As conf/schema.json has it."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
