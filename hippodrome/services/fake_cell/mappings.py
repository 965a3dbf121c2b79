"""Fields that are more than their value: combinations of others, and vectors that the caller brings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.bodies import is_of
from hippodrome.services.fake_cell.names import field_mistake
from hippodrome.services.fake_cell.schema import COMBINATION, VECTOR, Field

KEYS = {COMBINATION: {"type", "weights"}, VECTOR: {"type"}}


@dataclass(frozen=True)
class Mappings:
    """`combinations`: by field the weights of its parts; `vectors`: fields that hold a vector of the caller's."""

    combinations: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    vectors: frozenset[str] = frozenset()

    @property
    def parts(self) -> frozenset[str]:
        """The fields that a combination is made of."""
        return frozenset(part for weights in self.combinations.values() for part in weights)


def read_mappings(said: dict[str, Any], fields: Mapping[str, Field], *, is_structured: bool) -> Mappings:
    """What a request says, over what a structured index says of its fields. Raises ApiError 400."""
    combinations = {name: dict(each.parts) for name, each in fields.items() if each.type == COMBINATION}
    vectors = {name for name, each in fields.items() if each.type == VECTOR}
    for name, how in said.items():
        kind = how.get("type") if isinstance(how, dict) else None
        if kind not in KEYS or how.keys() - KEYS[kind]:
            raise _refused(
                f"'{name}' must be an object of type {' or '.join(KEYS)}, with weights for the former alone"
            )
        if mistake := field_mistake(name):
            raise _refused(mistake)
        if kind == VECTOR:
            vectors.add(name)
            continue
        weights = _weights(name, how)
        if is_structured:
            _check_parts(name, weights, combinations)
        combinations[name] = weights
    return Mappings(combinations, frozenset(vectors))


def _weights(name: str, how: dict[str, Any]) -> dict[str, float]:
    weights = how.get("weights")
    if not isinstance(weights, dict) or not all(is_of(each, (int, float)) for each in weights.values()):
        raise _refused(f"'{name}' must have weights: an object with a number for each of its fields")
    return {part: float(weight) for part, weight in weights.items()}


def _check_parts(name: str, weights: Mapping[str, float], known: Mapping[str, Mapping[str, float]]) -> None:
    if name not in known:
        raise _refused(f"Invalid mapping {name}. Index has no multimodal combination field {name}")
    for part in weights:
        if part not in known[name]:
            raise _refused(f"Invalid mapping {name}. Field {part} is not a dependent field of {name}")


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", f"Error validating mappings object. Reason: {message}.")
