"""Partial updates: fields that have no vectors change, all else of a document stays."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.documents import Document, DocumentError
from hippodrome.services.fake_cell.grown import Grown
from hippodrome.services.fake_cell.names import field_mistake
from hippodrome.services.fake_cell.reading import Recipe
from hippodrome.services.fake_cell.stems import PLAIN
from hippodrome.services.fake_cell.values import structured_value, unstructured_value

NOT_UPDATED = "Marqo vector store couldn't update the document."


def unstructured_change(raw: dict[str, Any], grown: Grown) -> dict[str, Any]:
    """The new values, read before their document is looked for.

    Raises DocumentError, and ApiError for a field that cannot be called so: the server then refuses the whole batch.
    """
    change = {name: value for name, value in raw.items() if name != "_id"}
    for name, value in change.items():
        if mistake := field_mistake(name):
            raise ApiError(400, "invalid_field_name", mistake)
        unstructured_value(name, value)
        if isinstance(value, str) and name not in grown.names["lexical"]:
            what = "Marqo does not support adding new lexical fields in partial updates"
            raise DocumentError(f"{name} of type str does not exist in the original document. {what}")
        if isinstance(value, list) and name not in grown.names["string array"]:
            what = "Unstructured index updates only support updating existing string array fields"
            raise DocumentError(f"Field '{name}': {what}")
    return change


def absent(raw: dict[str, Any]) -> DocumentError:
    """A document that is not there. A mapping is looked up first, which the server answers otherwise."""
    if any(isinstance(value, dict) for value in raw.values()):
        return DocumentError(f"{NOT_UPDATED} It does not exist in the index.")
    return DocumentError("Document does not exist in the index", "document_not_found")


def changed_unstructured(known: Document, change: Mapping[str, Any], recipe: Recipe) -> Document:
    """The document with these in place of its own. Raises DocumentError for a value of another type."""
    for name, value in change.items():
        _check_has_no_vector(name, known, recipe)
        old = known.fields.get(name)
        for place, kind in _kinds(name, value).items():
            was = _kinds(name, old).get(place, kind)
            if was != kind:
                raise DocumentError(f"{NOT_UPDATED} '{place}' holds a {was}, and cannot become a {kind}.")
    texts = [name for name, value in change.items() if isinstance(value, str)]
    styles = {name: recipe.styles[name] for name in texts if recipe.styles.get(name, PLAIN) != PLAIN}
    return replace(known, fields={**known.fields, **change}, styles={**known.styles, **styles})


def changed_structured(known: Document, raw: dict[str, Any], recipe: Recipe) -> Document:
    """The document with these in place of its own; mappings are merged. Raises DocumentError."""
    fields = dict(known.fields)
    for name, value in raw.items():
        if name == "_id":
            continue
        _check_has_no_vector(name, known, recipe)
        if name not in recipe.fields:
            valid = f"Valid field names are {', '.join(recipe.fields)}"
            raise DocumentError(f"Invalid field name {name} for index {recipe.index}. {valid}")
        new = structured_value(name, value, recipe.fields, recipe.index)
        fields[name] = {**fields[name], **new} if isinstance(new, dict) and name in fields else new
    return replace(known, fields=fields)


def _check_has_no_vector(name: str, known: Document, recipe: Recipe) -> None:
    if name in recipe.tensor_fields or name in {chunk.field for chunk in known.chunks}:
        raise DocumentError(f"You cannot modify '{name}' field as this is a tensor field")
    parts = recipe.mappings.parts | {part for weights in known.weights.values() for part in weights}
    if name in parts:
        what = "as this is a dependent field of a multimodal combination field"
        raise DocumentError(f"You cannot modify '{name}' field {what}")


def _kinds(name: str, value: Any) -> dict[str, str]:
    """The types that the server notes of a value: of each member of a mapping, and of the last as the mapping's."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        return {name: "text" if isinstance(value, str) else type(value).__name__}
    members = {f"{name}.{key}": f"mapping of {type(each).__name__}s" for key, each in value.items()}
    return {**members, name: next(reversed(members.values()))} if members else {}
