"""Structured indexes: which fields one has, of which type and for what, and what such a field may hold."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.bodies import is_of, number, unprocessable, wanted
from hippodrome.services.fake_cell.names import field_mistake

COMBINATION, VECTOR = "multimodal_combination", "custom_vector"
POINTERS = {"image_pointer", "video_pointer", "audio_pointer"}
NUMBERS = ("int", "long", "float", "double")
MAPS = {f"map<text, {kind}>": kind for kind in NUMBERS}
ARRAYS = {f"array<{kind}>": kind for kind in ("text", *NUMBERS)}
TYPES = {"text", "bool", *NUMBERS, *ARRAYS, *POINTERS, COMBINATION, VECTOR, *MAPS}
FEATURES = {"lexical_search", "score_modifier", "filter"}
WITH_WORDS = {"text", "array<text>", VECTOR}
KEYS = {"name": str, "type": str, "features": list, "dependentFields": dict}
INT_MIN = -(2**31) + 1  # one more would not be found by a filter; marqo 2.13, structured_vespa_index.py
INT_MAX, LONG_MAX, FLOAT_MAX, FLOAT_MIN = 2**31 - 1, 2**63 - 1, 3.4028235e38, 1.4e-45


class SchemaError(ValueError):
    """What a field cannot hold. The message begins with the field."""


@dataclass(frozen=True)
class Field:
    """`parts`: for a combination the fields that it is made of, with their weights."""

    name: str
    type: str
    features: tuple[str, ...] = ()
    parts: tuple[tuple[str, float], ...] = ()

    @property
    def told(self) -> dict[str, Any]:
        """As the settings of the index tell it."""
        told: dict[str, Any] = {"name": self.name, "type": self.type, "features": list(self.features)}
        return {**told, "dependentFields": dict(self.parts)} if self.parts else told


def read_field(said: Any) -> Field:
    """From `allFields`. Raises ApiError 422."""
    if not isinstance(said, dict):
        raise _refused("each entry must be an object")
    for key, value in said.items():
        if key not in KEYS:
            raise _refused(f"extra fields not permitted: '{key}'")
        if value is not None and not is_of(value, KEYS[key]):
            raise _refused(f"'{key}': {wanted(KEYS[key])}")
    if not {"name", "type"} <= said.keys():
        raise _refused("name and type are required")
    kind = re.sub(r"\s*,\s*", ", ", re.sub(r"\s*([<>])\s*", r"\1", said["type"].strip()))
    parts = {name: number(weight) for name, weight in (said.get("dependentFields") or {}).items()}
    weighed = tuple((name, weight) for name, weight in parts.items() if weight is not None)
    if len(weighed) < len(parts):
        raise _refused(f"{said['name']}: dependentFields must have a number each as their weight")
    features = tuple(map(str, said.get("features") or ()))
    field = Field(said["name"], kind, features, weighed)
    if mistake := field_mistake(field.name) or _mistake(field):
        raise _refused(mistake)
    return field


def _mistake(field: Field) -> str | None:
    name, kind, features = field.name, field.type, field.features
    if kind not in TYPES:
        return f"{name}: type must be one of {', '.join(sorted(TYPES))}, not {kind}"
    if not all(each in FEATURES for each in features):
        return f"{name}: features are {', '.join(sorted(FEATURES))}, and nothing else"
    if kind in ("image_pointer", COMBINATION) and features:
        return f"{name}: Cannot specify features for field of type {kind}"
    if kind == COMBINATION and not field.parts:
        return f"{name}: dependentFields must be defined for a field of type {kind}"
    if kind != COMBINATION and field.parts:
        return f"{name}: dependentFields must only be defined for fields of type {COMBINATION}"
    if "lexical_search" in features and kind not in WITH_WORDS:
        return f"{name}: Field with lexical_search feature must be of type text or array<text>"
    if "score_modifier" in features and kind not in (*NUMBERS, *MAPS):
        return f"{name}: Field with score_modifier feature must be a number or a map of numbers"
    return None


def checked(field: Field, value: Any) -> Any:
    """The value as it is stored. Raises SchemaError."""
    if field.type in MAPS:
        return _map(field, value)
    if field.type in ARRAYS:
        if not isinstance(value, list):
            raise _wrong(field, value)
        return [_scalar(field, ARRAYS[field.type], each) for each in value]
    return _scalar(field, field.type, value)


def _map(field: Field, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(field, value)
    return {key: _scalar(field, MAPS[field.type], each) for key, each in value.items()}


def _scalar(field: Field, kind: str, value: Any) -> Any:
    if kind not in CHECKS:
        kind = "text"  # a pointer
    kinds, check = CHECKS[kind]
    if not is_of(value, kinds):
        raise _wrong(field, value)
    return check(field, value)


def _within(least: int, most: int, name: str) -> Callable[[Field, Any], Any]:
    def check(field: Field, value: Any) -> Any:
        if not least <= value <= most:
            raise SchemaError(f"{field.name}: Invalid value {value} for {name} field, it is out of range.")
        return value

    return check


def _float(field: Field, value: Any) -> Any:
    if abs(value) > FLOAT_MAX:
        raise SchemaError(f"{field.name}: Invalid value {value} for float field, it is out of range. Use a double.")
    return 0.0 if value and abs(value) < FLOAT_MIN else value


def _double(field: Field, value: Any) -> Any:
    try:
        float(value)
    except OverflowError as error:
        raise SchemaError(f"{field.name}: Invalid value for double field, it is out of range.") from error
    return value


CHECKS: dict[str, tuple[tuple[type, ...], Callable[[Field, Any], Any]]] = {
    "text": ((str,), lambda _, value: value),
    "bool": ((bool,), lambda _, value: value),
    "int": ((int,), _within(INT_MIN, INT_MAX, "int")),
    "long": ((int,), _within(-(2**63), LONG_MAX, "long")),
    "float": ((int, float), _float),
    "double": ((int, float), _double),
}


def _wrong(field: Field, value: Any) -> SchemaError:
    message = f"{field.name}: Invalid value {str(value)[:100]} for field with Marqo type {field.type}"
    return SchemaError(f"{message}, found {type(value).__name__}.")


def _refused(what: str) -> ApiError:
    return unprocessable(f"allFields: {what}.", "allFields")


def fields_of(settings: dict[str, Any]) -> dict[str, Field]:
    """Of a structured index by name; none of another."""
    fields = settings.get("allFields") or ()
    return {
        each["name"]: Field(
            each["name"], each["type"], tuple(each["features"]), tuple((each.get("dependentFields") or {}).items())
        )
        for each in fields
    }


def collapse_of(settings: dict[str, Any]) -> str | None:
    """The field that the hits of an unstructured index can be collapsed by; None when it has none."""
    return next((str(each["name"]) for each in settings.get("collapseFields") or ()), None)


def with_feature(settings: dict[str, Any], feature: str) -> tuple[str, ...]:
    """The fields of a structured index that are for this."""
    return tuple(field.name for field in fields_of(settings).values() if feature in field.features)
