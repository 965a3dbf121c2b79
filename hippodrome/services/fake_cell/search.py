"""Searching an index: by meaning, by words, or by both."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.documents import Chunk
from hippodrome.services.fake_cell.embedding import Vector, embed, unit
from hippodrome.services.fake_cell.lexical import scores, text_of
from hippodrome.services.fake_cell.settings import dimension_of
from hippodrome.services.fake_cell.store import Index

METHODS = {"TENSOR", "LEXICAL", "HYBRID"}
LIMIT_MAX, OFFSET_MAX, WINDOW_MAX = 1000, 10_000, 10_000
RRF_K, ALPHA = 60, 0.5  # the server's defaults


@dataclass(frozen=True)
class Query:
    """What is searched for. `q` is text, or texts with weights."""

    q: str | dict[str, float]
    method: str = "TENSOR"
    limit: int = 10
    offset: int = 0
    searched: tuple[str, ...] | None = None
    retrieved: tuple[str, ...] | None = None
    has_highlights: bool = True

    def check(self) -> None:
        """Raises ApiError."""
        if self.method not in METHODS:
            message = f"searchMethod must be one of {', '.join(sorted(METHODS))}, not {self.method}."
            raise ApiError(400, "invalid_argument", message)
        if not 0 < self.limit <= LIMIT_MAX or not 0 <= self.offset <= OFFSET_MAX:
            message = f"limit must be from 1 to {LIMIT_MAX} and offset from 0 to {OFFSET_MAX}"
            raise ApiError(400, "illegal_requested_doc_count", f"{message}, not {self.limit} and {self.offset}.")
        if self.limit + self.offset > WINDOW_MAX:
            raise ApiError(400, "illegal_requested_doc_count", f"limit + offset must be at most {WINDOW_MAX}.")
        if self.method != "TENSOR" and not isinstance(self.q, str):
            raise ApiError(400, "invalid_argument", f"{self.method} search needs q as text.")


@dataclass(frozen=True)
class Hit:
    """A document with its score; `chunk` is what came closest, when it was found by meaning."""

    id: str
    score: float
    chunk: Chunk | None = None


def search(index: Index, query: Query) -> list[dict[str, Any]]:
    """The hits as they are answered, best first; equal scores in the order of their ids. Raises ApiError."""
    query.check()
    found = FINDERS[query.method](index, query)
    found.sort(key=lambda hit: (-hit.score, hit.id))
    return [_told(index, query, hit) for hit in found[query.offset : query.offset + query.limit]]


def _by_meaning(index: Index, query: Query) -> list[Hit]:
    """Each document scores by its best chunk: 1 / (1 + distance), distance being 1 - cosine."""
    table, wanted = index.table, _vector(index, query)
    if not table.ids:
        return []
    closeness = 1.0 / (2.0 - np.clip(table.vectors @ wanted, -1.0, 1.0))
    best: dict[str, Hit] = {}
    for row in np.argsort(-closeness, kind="stable"):
        chunk, name = table.chunks[row], table.ids[row]
        if name not in best and (query.searched is None or chunk.field in query.searched):
            best[name] = Hit(name, float(closeness[row]), chunk)
    return list(best.values())


def _vector(index: Index, query: Query) -> Vector:
    dimension, prefix = dimension_of(index.settings), index.settings.get("textQueryPrefix") or ""
    if isinstance(query.q, str):
        return embed(prefix + query.q, dimension)
    total = np.zeros(dimension)
    largest = max(map(abs, query.q.values()), default=0.0) or 1.0  # only their proportions count
    for text, weight in query.q.items():
        total += embed(prefix + text, dimension) * (weight / largest)
    if not total.any():
        raise ApiError(400, "bad_request", "The query has a vector of zero magnitude: its weights cancel each other.")
    return unit(total)


def _by_words(index: Index, query: Query) -> list[Hit]:
    assert isinstance(query.q, str)
    texts = {name: text_of(document.fields, query.searched) for name, document in index.documents.items()}
    if query.q.strip() == "*":
        return [Hit(name, 0.0) for name in texts]
    return [Hit(name, score) for name, score in scores(query.q, texts).items()]


def _by_both(index: Index, query: Query) -> list[Hit]:
    """Reciprocal rank fusion of the two."""
    meaning, words = (_ranked(finder(index, query)) for finder in (_by_meaning, _by_words))
    return [
        Hit(
            name,
            ALPHA * _share(meaning, name) + (1 - ALPHA) * _share(words, name),
            meaning[name][1].chunk if name in meaning else None,
        )
        for name in meaning.keys() | words.keys()
    ]


def _ranked(hits: list[Hit]) -> dict[str, tuple[int, Hit]]:
    ordered = sorted(hits, key=lambda hit: (-hit.score, hit.id))
    return {hit.id: (rank, hit) for rank, hit in enumerate(ordered, start=1)}


def _share(ranks: dict[str, tuple[int, Hit]], name: str) -> float:
    return 1.0 / (ranks[name][0] + RRF_K) if name in ranks else 0.0


FINDERS = {"TENSOR": _by_meaning, "LEXICAL": _by_words, "HYBRID": _by_both}


def _told(index: Index, query: Query, hit: Hit) -> dict[str, Any]:
    fields = index.documents[hit.id].fields
    shown = {name: value for name, value in fields.items() if query.retrieved is None or name in query.retrieved}
    told = {**shown, "_id": hit.id, "_score": hit.score}
    if query.has_highlights:
        told["_highlights"] = [{hit.chunk.field: hit.chunk.text}] if hit.chunk else []
    return told
