"""Partial updates: fields that have no vectors change, all else of a document stays."""

from dataclasses import replace
from typing import Any

from hippodrome.services.fake_cell.documents import Document, DocumentError
from hippodrome.services.fake_cell.reading import Recipe
from hippodrome.services.fake_cell.values import structured_value, unstructured_value


def changed(known: Document, raw: dict[str, Any], recipe: Recipe) -> Document:
    """The document with these fields in place of its own; mappings are merged. Raises DocumentError."""
    fields = dict(known.fields)
    for name, value in raw.items():
        if name == "_id":
            continue
        _check_may_change(name, known, recipe)
        new = _new(name, value, known, recipe)
        fields[name] = {**fields[name], **new} if isinstance(new, dict) and name in fields else new
    return replace(known, fields=fields)


def _check_may_change(name: str, known: Document, recipe: Recipe) -> None:
    if name in recipe.tensor_fields or name in {chunk.field for chunk in known.chunks}:
        raise DocumentError(f"You cannot modify '{name}' field as this is a tensor field")
    parts = recipe.mappings.parts | {part for weights in known.weights.values() for part in weights}
    if name in parts:
        what = "as this is a dependent field of a multimodal combination field"
        raise DocumentError(f"You cannot modify '{name}' field {what}")
    if recipe.is_structured and name not in recipe.fields:
        known_fields = ", ".join(recipe.fields)
        raise DocumentError(
            f"Invalid field name {name} for index {recipe.index}. Valid field names are {known_fields}"
        )


def _new(name: str, value: Any, known: Document, recipe: Recipe) -> Any:
    if recipe.is_structured:
        return structured_value(name, value, recipe.fields, recipe.index)
    new, old = unstructured_value(name, value), known.fields.get(name)
    if old is not None and _kind(new) != _kind(old):
        raise DocumentError(f"Field '{name}' holds a {_kind(old)}, and cannot become a {_kind(new)} in an update.")
    return new


def _kind(value: Any) -> str:
    names = {bool: "bool", str: "string", list: "list", dict: "map"}
    return names.get(type(value), "number")
