"""Fields that are more than their value: combinations, vectors that the caller brings, texts with a language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.bodies import is_of
from hippodrome.services.fake_cell.names import field_mistake
from hippodrome.services.fake_cell.schema import COMBINATION, VECTOR, Field
from hippodrome.services.fake_cell.stems import Style

TEXT = "text_field"
KEYS = {COMBINATION: ("type", "weights"), VECTOR: ("type",), TEXT: ("type", "language", "stemming")}
NAMES = {COMBINATION: "multimodal combination", VECTOR: "custom vector", TEXT: "text field"}
STEMMINGS = ("none", "best", "shortest", "multiple")


@dataclass(frozen=True)
class Mappings:
    """`combinations`: by field the weights of its parts; `vectors`: fields that hold a vector of the caller's;
    `styles`: by field how its words are stemmed."""

    combinations: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    vectors: frozenset[str] = frozenset()
    styles: Mapping[str, Style] = field(default_factory=dict)

    @property
    def parts(self) -> frozenset[str]:
        """The fields that a combination is made of."""
        return frozenset(part for weights in self.combinations.values() for part in weights)


def read_mappings(said: dict[str, Any], fields: Mapping[str, Field], *, is_structured: bool) -> Mappings:
    """What a request says, over what a structured index says of its fields. Raises ApiError 400."""
    combinations = {name: dict(each.parts) for name, each in fields.items() if each.type == COMBINATION}
    vectors, styles = {name for name, each in fields.items() if each.type == VECTOR}, dict[str, Style]()
    for how in said.values():
        _check_type(how)
    for name, how in said.items():
        if mistake := field_mistake(name):
            raise _refused(mistake)
        if how["type"] == TEXT and is_structured:
            raise _refused(f"Unknown mappings object type `{TEXT}` for field `{name}`")
        _check_keys(how)
        if how["type"] == TEXT:
            styles[name] = _style(how)
        elif how["type"] == VECTOR:
            vectors.add(name)
        else:
            weights = _weights(how)
            if is_structured:
                _check_parts(name, weights, combinations)
            combinations[name] = weights
    return Mappings(combinations, frozenset(vectors), styles)


def _check_type(how: Any) -> None:
    if not isinstance(how, dict):
        raise _refused(f"{how!r} is not of type 'object'")
    if "type" not in how:
        raise _refused("'type' is a required property")
    if not isinstance(how["type"], str) or how["type"] not in KEYS:
        raise _refused(f"{how['type']!r} is not one of {[*KEYS]}")


def _check_keys(how: dict[str, Any]) -> None:
    if unknown := [each for each in how if each not in KEYS[how["type"]]]:
        few = "was" if len(unknown) == 1 else "were"
        names = ", ".join(map(repr, unknown))
        raise _wrong(how, f"Additional properties are not allowed ({names} {few} unexpected)")


def _style(how: dict[str, Any]) -> Style:
    if how.keys() == {"type"}:
        raise _wrong(how, f"{how} is not valid under any of the given schemas: 'language' or 'stemming' is required")
    for key in ("language", "stemming"):
        if key in how and not isinstance(how[key], str):
            raise _wrong(how, f"{how[key]!r} is not of type 'string'")
    if how.get("language") == "":
        raise _wrong(how, "'' is too short")
    if "stemming" in how and how["stemming"] not in STEMMINGS:
        raise _wrong(how, f"{how['stemming']!r} is not one of {[*STEMMINGS]}")
    return Style(how.get("language"), how.get("stemming"))


def _weights(how: dict[str, Any]) -> dict[str, float]:
    if "weights" not in how:
        raise _wrong(how, "'weights' is a required property")
    weights = how["weights"]
    if not isinstance(weights, dict):
        raise _wrong(how, f"{weights!r} is not of type 'object'")
    for weight in weights.values():
        if not is_of(weight, (int, float)):
            raise _wrong(how, f"{weight!r} is not of type 'number'")
    return {part: float(weight) for part, weight in weights.items()}


def _check_parts(name: str, weights: Mapping[str, float], known: Mapping[str, Mapping[str, float]]) -> None:
    if name not in known:
        raise _refused(f"Invalid mapping {name}. Index has no multimodal combination field {name}")
    for part in weights:
        if part not in known[name]:
            raise _refused(f"Invalid mapping {name}. Field {part} is not a dependent field of {name}")


def _wrong(how: dict[str, Any], why: str) -> ApiError:
    message = f"Error validating {NAMES[how['type']]} mappings object. Reason: \n{why}"
    return ApiError(400, "invalid_argument", message)


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", f"Error validating mappings object. Reason: {message}.")
