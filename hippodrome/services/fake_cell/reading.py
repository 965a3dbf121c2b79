"""From what a request says of a document to the document that is stored, with its vectors."""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hippodrome.services.fake_cell.chunks import chunks
from hippodrome.services.fake_cell.documents import Chunk, Document, DocumentError, id_mistake
from hippodrome.services.fake_cell.embedding import Vector, embed
from hippodrome.services.fake_cell.mappings import Mappings
from hippodrome.services.fake_cell.media import modality_of, why_not
from hippodrome.services.fake_cell.models import NO_MODEL, NO_VECTORS, Modality, dimension_of, modalities_of
from hippodrome.services.fake_cell.schema import POINTERS, Field, collapse_of
from hippodrome.services.fake_cell.stems import PLAIN, Style
from hippodrome.services.fake_cell.values import Brought, brought, structured_value, unstructured_value

BYTES_MAX = 100_000
Pieces = Iterator[tuple[Chunk, Vector]]


@dataclass(frozen=True)
class Recipe:
    """How the documents of one request become stored ones. `fields` has those of a structured index, `styles` the
    fields of texts that an unstructured one has already."""

    index: str
    settings: dict[str, Any]
    tensor_fields: tuple[str, ...]
    mappings: Mappings = field(default_factory=Mappings)
    fields: dict[str, Field] = field(default_factory=dict)
    chunk_prefix: str = ""
    keeps_vectors: bool = False
    styles: Mapping[str, Style] = field(default_factory=dict)

    @property
    def is_structured(self) -> bool:
        return bool(self.settings["type"] == "structured")

    @property
    def dimension(self) -> int:
        return dimension_of(self.settings)


def id_of(raw: Any) -> str:
    """Its `_id`, or a new one. Raises DocumentError."""
    if not isinstance(raw, dict):
        raise DocumentError("Docs must be dicts")
    if not raw:
        raise DocumentError("Can't index an empty dict.")
    name = raw["_id"] if "_id" in raw else str(uuid.uuid4())
    if mistake := id_mistake(name):
        raise DocumentError(mistake, "invalid_document_id")
    return str(name)


def read(raw: dict[str, Any], name: str, recipe: Recipe, known: Document | None = None) -> Document:
    """The document with its vectors. `known` is the one that it takes the place of. Raises DocumentError."""
    size = len(json.dumps(raw, default=str))
    if size > BYTES_MAX:
        what = f"with length `{size}` exceeds the allowed document size limit of [{BYTES_MAX}]."
        raise DocumentError(f"Document _id:`{name}` {what}", "doc_too_large")
    _check_collapse(raw, recipe)
    values = {each: _value(each, value, recipe) for each, value in raw.items() if each != "_id"}
    _check_combinations(values, recipe)
    pieces = [piece for each in recipe.tensor_fields for piece in _pieces(each, values, recipe, known)]
    vectors = [vector for _, vector in pieces]
    fields = {each: value.content if isinstance(value, Brought) else value for each, value in values.items()}
    made = {chunk.field for chunk, _ in pieces}
    return Document(
        name,
        fields,
        tuple(chunk for chunk, _ in pieces),
        np.stack(vectors) if vectors else np.zeros((0, recipe.dimension), dtype=np.float32),
        {each: weights for each, weights in recipe.mappings.combinations.items() if each in made},
        _styles(fields, recipe),
    )


def _styles(fields: dict[str, Any], recipe: Recipe) -> dict[str, Style]:
    """Those that are not plain. A field keeps the one that it began with. Raises DocumentError."""
    found = dict[str, Style]()
    for name, value in fields.items():
        if not isinstance(value, str) or recipe.is_structured or name == collapse_of(recipe.settings):
            continue
        asked = recipe.mappings.styles.get(name, PLAIN)
        style = recipe.styles.get(name, asked)
        for what, old, new in (
            ("language", style.language, asked.language),
            ("stemming", style.stemming, asked.stemming),
        ):
            if new is not None and old != new:
                message = f"Field '{name}' already exists with a different {what} configuration."
                raise DocumentError(f"{message} Cannot change {what} from '{old}' to '{new}' for existing field.")
        if style != PLAIN:
            found[name] = style
    return found


def _check_collapse(raw: dict[str, Any], recipe: Recipe) -> None:
    """Each document of an index that collapses says which group it is of."""
    name = collapse_of(recipe.settings)
    if name is None:
        return
    if name not in raw:
        what = "All documents must contain this field for grouping."
        raise DocumentError(f"Document missing required field '{name}'. {what}")
    if not isinstance(raw[name], str):
        what = f"Got {type(raw[name]).__name__}: {str(raw[name])[:100]}"
        raise DocumentError(f"Field '{name}' must be of type string. {what}")
    if not raw[name].strip():
        what = "Provide a non-empty string value for grouping."
        raise DocumentError(f"Field '{name}' cannot be empty. {what}")


def _value(name: str, value: Any, recipe: Recipe) -> Any:
    if name in recipe.mappings.vectors:
        if name not in recipe.tensor_fields:
            hint = "Add this field to 'tensorFields' to fix this problem."
            raise DocumentError(f"Cannot create custom_vector field '{name}' as a non-tensor field. {hint}")
        return brought(name, value, recipe.dimension, is_normalised=recipe.settings["normalizeEmbeddings"])
    if recipe.is_structured:
        return structured_value(name, value, recipe.fields, recipe.index)
    if "::" in name:
        raise DocumentError(f"{name}: Field name must not hold `::`", "invalid_field_name")
    return unstructured_value(name, value)


def _check_combinations(values: dict[str, Any], recipe: Recipe) -> None:
    if conflicts := values.keys() & recipe.mappings.combinations.keys():
        names = ", ".join(sorted(conflicts))
        raise DocumentError(f"Document and mappings object have conflicting fields: {names}")
    for part in sorted(recipe.mappings.parts & values.keys()):
        if not isinstance(values[part], str):
            kind = type(values[part]).__name__
            what = f"received {part} of type {kind}"
            raise DocumentError(f"Multimodal subfields must be strings representing text or image pointer, {what}")


def _pieces(name: str, values: dict[str, Any], recipe: Recipe, known: Document | None) -> Pieces:
    """The chunks of one tensor field with their vectors."""
    if name in recipe.mappings.combinations:
        yield from _combined(name, values, recipe)
    elif isinstance(value := values.get(name), Brought):
        yield Chunk(name, value.content), value.vector
    elif value is not None:
        if not isinstance(value, str):
            raise DocumentError(f"Invalid type {type(value).__name__} for tensor field {name}")
        kept = list(_kept(name, value, recipe, known))
        yield from kept or _embedded(name, value, recipe)


def _kept(name: str, value: str, recipe: Recipe, known: Document | None) -> Pieces:
    """What is stored already of a field that has not changed."""
    if recipe.keeps_vectors and known and known.fields.get(name) == value and name not in known.weights:
        for row in known.rows_of(name):
            yield known.chunks[row], known.vectors[row]


def _embedded(name: str, text: str, recipe: Recipe) -> Pieces:
    kind = _modality(name, text, recipe)
    how = recipe.settings["textPreprocessing"]
    if kind in ("video", "audio"):  # how long it is nobody knows here: it counts as one piece
        length = recipe.settings[f"{kind}Preprocessing"]["splitLength"]
        yield Chunk(name, json.dumps([0.0, float(length)])), embed(text, recipe.dimension)
    elif kind == "image":
        yield Chunk(name, text), embed(text, recipe.dimension)
    else:
        for piece in chunks(text, how):
            yield Chunk(name, piece), embed(recipe.chunk_prefix + piece, recipe.dimension)


def _combined(name: str, values: dict[str, Any], recipe: Recipe) -> Pieces:
    """One vector: the mean of its parts' vectors by their weights."""
    weights = recipe.mappings.combinations[name]
    parts = {part: values[part] for part in weights if isinstance(values.get(part), str)}
    if not parts:
        return
    total = np.zeros(recipe.dimension, dtype=np.float64)
    for part, text in parts.items():
        prefix = recipe.chunk_prefix if _modality(part, text, recipe) == "text" else ""
        total += embed(prefix + text, recipe.dimension) * weights[part]
    total /= len(parts)
    if recipe.settings["normalizeEmbeddings"]:
        length = float(np.linalg.norm(total))
        if not 0 < length < np.inf:
            raise DocumentError(f"Field {name} has zero magnitude vector, cannot normalize.")
        total /= length
    yield Chunk(name, json.dumps(parts, ensure_ascii=False)), total.astype(np.float32)


def _modality(name: str, text: str, recipe: Recipe) -> Modality:
    """What the text of a field stands for in this index. Raises DocumentError for what cannot be looked at."""
    if recipe.settings["model"] == NO_MODEL:
        raise DocumentError(NO_VECTORS)
    kind = modality_of(text)
    if recipe.is_structured:
        pointer = recipe.fields[name].type if name in recipe.fields else ""
        if pointer not in POINTERS:
            return "text"
        if kind == "text":
            raise DocumentError(f"Field {name}: `{text[:200]}` is not a valid {pointer}, it must be an address.")
    elif not recipe.settings[f"treatUrlsAndPointersAs{'Images' if kind == 'image' else 'Media'}"]:
        return "text"
    if kind != "text" and (reason := why_not(text)):
        raise DocumentError(f"Field {name}: Could not find media file at `{text[:200]}`. Reason: {reason}")
    if kind in ("video", "audio") and kind not in modalities_of(recipe.settings):
        model = recipe.settings["model"]
        raise DocumentError(f"Model {model} does not support modality: {kind}. Field {name} holds `{text[:200]}`.")
    return kind
