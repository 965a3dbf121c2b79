"""Batches of documents: added or updated one by one, so that a bad one does not keep the others out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.bodies import Kinds, names_in
from hippodrome.services.fake_cell.documents import Document, DocumentError
from hippodrome.services.fake_cell.index import Index
from hippodrome.services.fake_cell.mappings import read_mappings
from hippodrome.services.fake_cell.reading import Recipe, id_of, read
from hippodrome.services.fake_cell.schema import fields_of
from hippodrome.services.fake_cell.updating import (
    absent,
    changed_structured,
    changed_unstructured,
    unstructured_change,
)

ADD: dict[str, Kinds] = {
    "documents": list,
    "tensorFields": list,
    "useExistingTensors": bool,
    "mappings": dict,
    "modelAuth": dict,
    "imageDownloadHeaders": dict,
    "mediaDownloadHeaders": dict,
    "imageDownloadThreadCount": int,
    "mediaDownloadThreadCount": int,
    "textChunkPrefix": str,
}
UPDATE: dict[str, Kinds] = {"documents": list}


@dataclass(frozen=True)
class Refused:
    """A document that was not taken, and why."""

    id: str
    error: DocumentError


Outcome = Document | Refused


def recipe_of(index: Index, body: dict[str, Any]) -> Recipe:
    """How the documents of this request become stored ones. Raises ApiError."""
    if body.get("imageDownloadHeaders") and body.get("mediaDownloadHeaders"):
        what = "'imageDownloadHeaders' is deprecated. Use mediaDownloadHeaders instead."
        raise ApiError(
            400, "invalid_argument", f"Cannot set both imageDownloadHeaders and mediaDownloadHeaders. {what}"
        )
    fields = fields_of(index.settings)
    mappings = read_mappings(body.get("mappings") or {}, fields, is_structured=index.is_structured)
    recipe = Recipe(
        index=index.name,
        settings=index.settings,
        tensor_fields=_tensor_fields(index, body),
        mappings=mappings,
        fields=fields,
        chunk_prefix=body.get("textChunkPrefix", index.settings.get("textChunkPrefix") or ""),
        keeps_vectors=body.get("useExistingTensors", False),
        styles=index.grown.styles,
    )
    for name in mappings.combinations:
        if name not in recipe.tensor_fields:
            raise ApiError(400, "invalid_argument", f"Multimodal field {name} must be a tensor field")
    return recipe


def _tensor_fields(index: Index, body: dict[str, Any]) -> tuple[str, ...]:
    given = names_in(body, "tensorFields")
    if index.is_structured:
        if given is not None:
            what = "'tensorFields' must be defined in structured index schema at index creation time"
            message = f"Cannot specify 'tensorFields' when adding documents to a structured index. {what}"
            raise ApiError(400, "invalid_argument", message)
        return tuple(index.settings["tensorFields"])
    if given is None:
        what = "If you don't want to vectorise any field, please provide an empty list []."
        message = f"tensor_fields must be explicitly provided as a list for unstructured index. {what}"
        raise ApiError(400, "bad_request", message)
    if "_id" in given:
        raise ApiError(400, "bad_request", "`_id` field cannot be a tensor field.")
    return tuple(dict.fromkeys(given))


def read_batch(batch: Sequence[Any], index: Index, recipe: Recipe) -> list[Outcome]:
    """What becomes of each, in order; of several with one id the last counts."""
    found: dict[str, Outcome] = {}
    for place, raw in enumerate(batch):
        name = _said_id(raw)
        outcome: Outcome
        try:
            name = id_of(raw)
            outcome = read(raw, name, recipe, index.get(name))
        except DocumentError as error:
            outcome = Refused(name, error)
        key = name or f"\0{place}"
        found.pop(key, None)
        found[key] = outcome
    return list(found.values())


def update_batch(batch: Sequence[Any], index: Index, recipe: Recipe) -> list[Outcome]:
    """What becomes of each, in order; of several with one id the last counts. Nothing is stored yet."""
    last = {_said_id(raw) or f"\0{place}": raw for place, raw in enumerate(batch)}
    return [_updated(raw, index, recipe) for raw in last.values()]


def _updated(raw: Any, index: Index, recipe: Recipe) -> Outcome:
    name = _said_id(raw)
    try:
        if not isinstance(raw, dict):
            raise DocumentError("Docs must be dicts")
        if "_id" not in raw:
            raise DocumentError("'_id' is a required field but it does not exist")
        id_of(raw)
        known = index.get(name)
        if index.is_structured:
            if known is None:
                raise DocumentError("Document does not exist in the index", "document_not_found")
            return changed_structured(known, raw, recipe)
        change = unstructured_change(raw, index.grown)
        if known is None:
            raise absent(raw)
        return changed_unstructured(known, change, recipe)
    except DocumentError as error:
        return Refused(name, error)


def _said_id(raw: Any) -> str:
    said = raw.get("_id") if isinstance(raw, dict) else None
    return said if isinstance(said, str) else ""
