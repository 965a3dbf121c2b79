"""What a field of a document may hold, in an index of either kind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hippodrome.services.fake_cell.bodies import fitted, is_of
from hippodrome.services.fake_cell.documents import DocumentError, is_number
from hippodrome.services.fake_cell.embedding import Vector
from hippodrome.services.fake_cell.names import field_mistake
from hippodrome.services.fake_cell.schema import COMBINATION, Field, SchemaError, checked

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True)
class Brought:
    """A vector that the caller brings, and what is stored and shown in its place."""

    vector: Vector
    content: str


def structured_value(name: str, value: Any, fields: Mapping[str, Field], index: str) -> Any:
    """As the schema has it. Raises DocumentError."""
    _check_name(name)
    if name not in fields:
        known = ", ".join(fields)
        raise DocumentError(
            f"Field {name} is not a valid field for structured index {index}. Valid fields are: {known}"
        )
    if fields[name].type == COMBINATION:
        raise DocumentError(f"Field {name} is a multimodal combination field and cannot be assigned a value.")
    try:
        found = checked(fields[name], value)
    except SchemaError as error:
        raise DocumentError(str(error)) from error
    check_texts(name, found)
    return found


def unstructured_value(name: str, value: Any) -> Any:
    """A text, a number, a truth value, a list of texts, or a mapping of numbers. Raises DocumentError."""
    _check_name(name)
    if isinstance(value, list):
        if not all(isinstance(each, str) for each in value):
            raise DocumentError(f"Field '{name}' is a list that holds more than strings: it may hold strings alone.")
    elif isinstance(value, dict):
        if not all(is_number(each) for each in value.values()):
            hint = "For another object, such as a custom_vector, name the field in mappings."
            raise DocumentError(f"Field '{name}': a map field may hold numbers alone, one level deep. {hint}")
    elif not isinstance(value, str | bool) and not is_number(value):
        kind = type(value).__name__
        allowed = "str, int, float, bool, list, dict"
        raise DocumentError(
            f"Field content of '{name}' of type {kind} is not of valid content type! Allowed: {allowed}"
        )
    check_texts(name, value)
    return value


def brought(name: str, value: Any, dimension: int, *, is_normalised: bool) -> Brought:
    """From `{"vector": […], "content": "…"}`. Raises DocumentError."""
    if not isinstance(value, dict) or value.keys() - {"vector", "content"} or "vector" not in value:
        raise DocumentError(f"Custom vector field '{name}' must be an object of vector and, if need be, content.")
    numbers, content = value["vector"], value.get("content", "")
    if isinstance(numbers, list) and any(isinstance(each, str) for each in numbers):
        numbers = [fitted(each, float) for each in numbers]
    if not isinstance(numbers, list) or not all(is_of(each, (int, float)) for each in numbers):
        raise DocumentError(f"Custom vector field '{name}': 'vector' must be a list of numbers.")
    if len(numbers) != dimension:
        message = f"Custom vector must have dimension of {dimension}, but given vector is of length {len(numbers)}"
        raise DocumentError(f"Field '{name}': {message}")
    if not isinstance(content, str):
        raise DocumentError(f"Custom vector field '{name}': 'content' must be a string.")
    check_texts(name, content)
    return Brought(_vector(name, numbers, is_normalised=is_normalised), content)


def _vector(name: str, numbers: list[Any], *, is_normalised: bool) -> Vector:
    try:
        exact = np.array(numbers, dtype=np.float64)
    except OverflowError as error:
        raise DocumentError(f"Custom vector field '{name}': a number is out of range.") from error
    length = float(np.linalg.norm(exact / (np.abs(exact).max() or 1.0))) * float(np.abs(exact).max())
    if is_normalised:
        if not 0 < length < np.inf:
            raise DocumentError(f"Field {name} has zero magnitude vector, cannot normalize.")
        exact = exact / length
    with np.errstate(over="ignore"):
        vector = exact.astype(np.float32)
    if not np.isfinite(vector).all():
        raise DocumentError(f"Custom vector field '{name}': a number is out of range.")
    return vector


def check_texts(name: str, value: Any) -> None:
    """Raises DocumentError for characters that no text has."""
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and UNPRINTABLE.search(text):
            what = f"Original error: Could not parse field {name}: it has characters that no text has"
            raise DocumentError(f"The document contains invalid characters in the fields. {what}", "vespa_error")


def _check_name(name: str) -> None:
    if mistake := field_mistake(name):
        raise DocumentError(mistake, "invalid_field_name")
