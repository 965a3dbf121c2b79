"""Embedding what is sent, and recommending what is like stored documents."""

from dataclasses import dataclass
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.asked_order import read_modifiers
from hippodrome.services.fake_cell.asked_vectors import read_weighed_ids, read_words
from hippodrome.services.fake_cell.asking import check_reranker, read_filter
from hippodrome.services.fake_cell.bodies import Kinds, fitted, names_in, none_of, number, unprocessable
from hippodrome.services.fake_cell.index import Index
from hippodrome.services.fake_cell.interpolation import METHODS
from hippodrome.services.fake_cell.permitted import check_permitted
from hippodrome.services.fake_cell.query import Query
from hippodrome.services.fake_cell.vectors import Context, ContextDocuments, Wanted, vector_of

EMBED: dict[str, Kinds] = {
    "content": (str, dict, list),
    "content_type": str,
    "mediaDownloadHeaders": dict,
    "imageDownloadHeaders": dict,
    "modelAuth": dict,
}
PREFIXES = {"query": "textQueryPrefix", "document": "textChunkPrefix", None: ""}
RECOMMEND: dict[str, Kinds] = {
    "documents": (list, dict),
    "tensorFields": list,
    "interpolationMethod": str,
    "excludeInputDocuments": bool,
    "limit": int,
    "offset": int,
    "efSearch": int,
    "approximate": bool,
    "searchableAttributes": list,
    "showHighlights": bool,
    "reRanker": str,
    "filter": str,
    "attributesToRetrieve": list,
    "scoreModifiers": dict,
    "rerankDepth": int,
    "allowMissingDocuments": bool,
    "allowMissingEmbeddings": bool,
}


@dataclass(frozen=True)
class Embed:
    """What is to be embedded, each by itself, with this before it."""

    contents: tuple[Any, ...]
    prefix: str


def read_embed(body: dict[str, Any], settings: dict[str, Any]) -> Embed:
    """Raises ApiError. A content_type of null means something else than none: no prefix."""
    kind = body.get("content_type", "query")
    content = body.get("content")
    if not content and not isinstance(content, str):
        raise unprocessable("content: Embed content list should not be empty", "content")
    if body.get("mediaDownloadHeaders") and body.get("imageDownloadHeaders"):
        old = "'imageDownloadHeaders' is deprecated and will be removed in the future."
        message = f"Cannot set both imageDownloadHeaders and mediaDownloadHeaders. {old}"
        raise unprocessable(f"{message} Use mediaDownloadHeaders instead.", "mediaDownloadHeaders")
    if kind not in PREFIXES:
        raise none_of("content_type", ("query", "document"), "content_type")
    contents = [fitted(each, str) for each in content] if isinstance(content, list) else [content]
    for each in contents:
        is_weighed = isinstance(each, dict) and each and None not in map(number, each.values())
        if not isinstance(each, str) and not is_weighed:
            raise unprocessable("content holds texts, or texts with weights: value is not a valid float.", "content")
    return Embed(tuple(contents), settings.get(PREFIXES[kind]) or "")


def embedded(index: Index, asked: Embed) -> list[list[float]]:
    """A vector for each. Raises ApiError 400."""
    wanted = [Wanted(read_words(each, "content"), prefix=asked.prefix) for each in asked.contents]
    return [vector_of(index, each).tolist() for each in wanted]


def read_recommend(body: dict[str, Any], index: Index) -> Query:
    """A search whose context is stored documents, and nothing else. Raises ApiError."""
    method = body.get("interpolationMethod")
    if method is not None and method not in METHODS:
        raise none_of("interpolationMethod", METHODS, "interpolationMethod")
    if body.get("rerankDepth", 0) < 0:
        raise unprocessable("rerankDepth cannot be negative.", "rerankDepth")
    if body.get("efSearch", 1) <= 0:
        raise ApiError(400, "invalid_argument", "efSearch must be greater than 0")
    documents = ContextDocuments(
        ids=read_weighed_ids(body.get("documents"), "documents"),
        tensor_fields=names_in(body, "tensorFields"),
        excludes=body.get("excludeInputDocuments", True),
        allows_missing=body.get("allowMissingDocuments", False),
        allows_bare=body.get("allowMissingEmbeddings", False),
    )
    query = Query(
        q=None,
        wanted=Wanted(None, Context((), documents), method),
        words=None,
        limit=body.get("limit", 10),
        offset=body.get("offset", 0),
        searched=names_in(body, "searchableAttributes"),
        retrieved=names_in(body, "attributesToRetrieve"),
        has_highlights=body.get("showHighlights", True),
        filter=read_filter(body.get("filter"), excludes=documents.excludes),
        modifiers=read_modifiers(body.get("scoreModifiers")),
        depth=body.get("rerankDepth"),
    )
    check_permitted(query, index)
    check_reranker(body)
    return query
