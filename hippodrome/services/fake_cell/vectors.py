"""The vector that a search looks for: of a text, of texts with weights, given, and of a context of other things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.embedding import Vector, embed
from hippodrome.services.fake_cell.index import Index
from hippodrome.services.fake_cell.interpolation import Exact, Method, interpolated
from hippodrome.services.fake_cell.media import modality_of, why_not
from hippodrome.services.fake_cell.models import NO_MODEL, NO_VECTORS, dimension_of


@dataclass(frozen=True)
class Given:
    """A vector that the caller brings; `content` is its text for searching by words."""

    vector: tuple[float, ...]
    content: str | None = None


@dataclass(frozen=True)
class ContextDocuments:
    """Stored documents as context: by id their weights; of which fields; and what may be missing."""

    ids: Mapping[str, float]
    tensor_fields: tuple[str, ...] | None = None
    excludes: bool = True
    allows_missing: bool = False
    allows_bare: bool = False


@dataclass(frozen=True)
class Context:
    """What moves the vector of a query."""

    tensors: tuple[tuple[tuple[float, ...], float], ...] = ()
    documents: ContextDocuments | None = None


Words = str | Mapping[str, float] | Given | None
Weighed = tuple[list[Exact], list[float]]


@dataclass(frozen=True)
class Wanted:
    """All that the vector of a search is made of. `prefix` overrides the index's own."""

    q: Words
    context: Context = field(default_factory=Context)
    method: Method | None = None
    prefix: str | None = None


def vector_of(index: Index, wanted: Wanted) -> Vector:
    """Raises ApiError 400."""
    if isinstance(wanted.q, str) and wanted.context == Context():
        return _text(index, wanted.q, wanted.prefix)
    vectors, weights = _weighed(index, wanted)
    if not vectors:
        what = "Please check if the provided documents exist or if the documents have valid embeddings."
        raise _refused(f"Marqo could not collect any valid vector from the query. {what}")
    for vector in vectors:
        _check_width(len(vector), index)
    is_normalised = index.settings["normalizeEmbeddings"]
    default: Method = "slerp" if is_normalised and wanted.context.documents else "lerp"
    found = interpolated(wanted.method or default, vectors, _in_range(weights))
    if not np.abs(found).max() > 1e-12:
        raise ApiError(400, "bad_request", "Zero magnitude vector detected, cannot normalize.")
    if is_normalised:
        found = found / np.linalg.norm(found)
    return _narrow(found)


def document_vectors(index: Index, asked: ContextDocuments) -> Weighed:
    """The vectors of stored documents, each with the weight of its document. Raises ApiError 400."""
    wanted = {name: weight for name, weight in asked.ids.items() if weight}
    found = {name: index.get(name) for name in wanted}
    missing = [name for name, document in found.items() if document is None]
    if missing and not asked.allows_missing:
        raise _refused(f"The following document IDs were not found: {', '.join(missing)}")
    vectors, weights, bare = list[Exact](), list[float](), list[str]()
    for name, document in found.items():
        rows = [
            row
            for row, chunk in enumerate(document.chunks if document else ())
            if asked.tensor_fields is None or chunk.field in asked.tensor_fields
        ]
        if document and not rows:
            bare.append(name)
        for row in rows:
            assert document
            vectors.append(document.vectors[row].astype(np.float64))
            weights.append(wanted[name])
    if bare and not asked.allows_bare:
        raise _refused(f"The following documents do not have embeddings: {', '.join(bare)}")
    return vectors, weights


def _weighed(index: Index, wanted: Wanted) -> Weighed:
    """What the vector is made of, in the order of the server: query, context vectors, context documents."""
    vectors, weights = list[Exact](), list[float]()
    if isinstance(wanted.q, Given):
        vectors, weights = [np.array(wanted.q.vector)], [1.0]
    elif wanted.q is not None:
        texts = {wanted.q: 1.0} if isinstance(wanted.q, str) else wanted.q
        vectors = [_text(index, text, wanted.prefix).astype(np.float64) for text in texts]
        weights = list(texts.values())
    for vector, weight in wanted.context.tensors:
        vectors.append(np.array(vector))
        weights.append(weight)
    if wanted.context.documents:
        more, their_weights = document_vectors(index, wanted.context.documents)
        vectors, weights = vectors + more, weights + their_weights
    return vectors, weights


def _in_range(weights: Sequence[float]) -> list[float]:
    """In proportion, so that no sum of them is infinite."""
    largest = max(map(abs, weights), default=0.0) or 1.0
    return [weight / largest for weight in weights]


def _narrow(vector: Exact) -> Vector:
    with np.errstate(over="ignore"):
        found = vector.astype(np.float32)
    if not np.isfinite(found).all():
        raise _refused("A number of the query's vector is out of range.")
    return found


def _text(index: Index, text: str, prefix: str | None) -> Vector:
    settings = index.settings
    if settings["model"] == NO_MODEL:
        raise ApiError(400, "bad_request", NO_VECTORS)
    if settings.get("treatUrlsAndPointersAsImages") and modality_of(text) != "text" and (reason := why_not(text)):
        raise _refused(f"Could not find media file at `{text[:200]}`. Reason: {reason}")
    own = settings.get("textQueryPrefix") if prefix is None else prefix
    return embed((own or "") + text, dimension_of(settings))


def _check_width(width: int, index: Index) -> None:
    wanted = dimension_of(index.settings)
    if width != wanted:
        what = f"Expected dimension {wanted} but got {width}"
        raise _refused(f"The provided vectors are not in the same dimension of the index. {what}")


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)
