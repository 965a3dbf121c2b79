"""Searching an index: by meaning, by words, or by both; filtered, weighed, sorted, collapsed and paged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.embedding import Vector, embed, unit
from hippodrome.services.fake_cell.facets import Facets
from hippodrome.services.fake_cell.filters import parse
from hippodrome.services.fake_cell.ranking import Collapse, Modifiers, SortBy
from hippodrome.services.fake_cell.settings import dimension_of
from hippodrome.services.fake_cell.store import Index, Table

METHODS = {"TENSOR", "LEXICAL", "HYBRID"}
LIMIT_MAX, OFFSET_MAX, WINDOW_MAX = 1000, 10_000, 10_000
NOT_A_HIT = -np.inf

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Hybrid:
    """How the two kinds of search are brought together; the server's own defaults."""

    retrieval: str = "disjunction"
    ranking: str = "rrf"
    alpha: float = 0.5
    rrf_k: int = 60
    searched_by_words: tuple[str, ...] | None = None
    searched_by_meaning: tuple[str, ...] | None = None
    by_words: Modifiers = field(default_factory=Modifiers)
    by_meaning: Modifiers = field(default_factory=Modifiers)


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
    filter: str | None = None
    hybrid: Hybrid = field(default_factory=Hybrid)
    modifiers: Modifiers = field(default_factory=Modifiers)
    sort: SortBy | None = None
    collapse: Collapse | None = None
    facets: Facets | None = None
    has_total: bool = False

    def check(self) -> None:
        """Raises ApiError."""
        if self.method not in METHODS:
            raise _refused(f"searchMethod must be one of {', '.join(sorted(METHODS))}, not {self.method}.")
        if not 0 < self.limit <= LIMIT_MAX or not 0 <= self.offset <= OFFSET_MAX:
            message = f"limit must be from 1 to {LIMIT_MAX} and offset from 0 to {OFFSET_MAX}"
            raise ApiError(400, "illegal_requested_doc_count", f"{message}, not {self.limit} and {self.offset}.")
        if self.limit + self.offset > WINDOW_MAX:
            raise ApiError(400, "illegal_requested_doc_count", f"limit + offset must be at most {WINDOW_MAX}.")
        if self.method != "TENSOR" and not isinstance(self.q, str):
            raise _refused(f"{self.method} search needs q as text.")
        if self.method != "HYBRID" and self.facets:
            raise _refused("Facets can only be provided for 'HYBRID' search.")
        if self.method != "HYBRID" and (self.sort or self.collapse):
            raise _refused("sortBy and collapseFields can only be provided for 'HYBRID' search.")


@dataclass(frozen=True)
class Answer:
    """Hits as they are answered; `facets` and `total` where they were asked for."""

    hits: list[dict[str, Any]]
    facets: dict[str, Any] | None = None
    total: int | None = None


def search(index: Index, query: Query) -> Answer:
    """The page of hits that is asked for, best first; equal scores in the order of their ids. Raises ApiError."""
    query.check()
    table = index.table
    found = _Found(index, query)
    scores = query.modifiers.applied(FINDERS[query.method](found), table)
    if query.filter:
        scores = np.where(_passing(table, query.filter), scores, NOT_A_HIT)
    hits = np.nonzero(scores > NOT_A_HIT)[0]
    order = query.sort.order(hits, scores, table) if query.sort else hits[np.argsort(-scores[hits], kind="stable")]
    shown = query.collapse.first_of_each(order, table) if query.collapse else order
    page = shown[query.offset : query.offset + query.limit]
    return Answer(
        hits=[found.told(int(place), float(scores[place])) for place in page],
        facets=query.facets.count(hits, table, query.collapse) if query.facets else None,
        total=len(shown) if query.has_total else None,
    )


def _passing(table: Table, text: str) -> NDArray[np.bool_]:
    """Which documents the filter lets through; remembered as long as the documents are the same."""
    if text not in table.masks:
        passes, readable = parse(text), ({**each.fields, "_id": each.id} for each in table.documents)
        table.masks[text] = np.fromiter(map(passes, readable), dtype=np.bool_, count=len(table.documents))
    return table.masks[text]


class _Found:
    """Scores of all documents for one query; what is no hit has NOT_A_HIT."""

    def __init__(self, index: Index, query: Query) -> None:
        self._index, self._query, self._table = index, query, index.table
        self._rows: Scores | None = None

    def by_meaning(self, searched: tuple[str, ...] | None = None) -> Scores:
        """Each document scores by its best chunk: 1 / (1 + distance), distance being 1 - cosine."""
        table, searched = self._table, searched or self._query.searched
        scores, wanted = np.full(len(table.documents), NOT_A_HIT), _vector(self._index, self._query)
        if not len(table.vectors):
            return scores
        rows = 1.0 / (2.0 - np.clip(table.vectors @ wanted, -1.0, 1.0)).astype(np.float64)
        if searched is not None:
            rows = np.where([chunk.field in searched for chunk in table.chunks], rows, NOT_A_HIT)
        self._rows = rows
        scores[table.with_rows] = np.maximum.reduceat(rows, table.starts)
        return scores

    def by_words(self, searched: tuple[str, ...] | None = None) -> Scores:
        """bm25; a star alone finds all."""
        assert isinstance(self._query.q, str)
        table = self._table
        if self._query.q.strip() == "*":
            return np.zeros(len(table.documents))
        scores = np.full(len(table.documents), NOT_A_HIT)
        fields = {name: document.fields for name, document in self._index.documents.items()}
        for name, score in self._index.words.scores(self._query.q, fields, searched or self._query.searched).items():
            scores[table.places[name]] = score
        return scores

    def by_both(self) -> Scores:
        """Reciprocal rank fusion of the two, or one of them put in order by the other."""
        how, table = self._query.hybrid, self._table
        meaning = how.by_meaning.applied(self.by_meaning(how.searched_by_meaning), table)
        words = how.by_words.applied(self.by_words(how.searched_by_words), table)
        if how.ranking == "rrf":
            fused = how.alpha * _shares(meaning, how.rrf_k) + (1 - how.alpha) * _shares(words, how.rrf_k)
            return np.where((meaning > NOT_A_HIT) | (words > NOT_A_HIT), fused, NOT_A_HIT)
        kept, ranked = (meaning if each == "tensor" else words for each in (how.retrieval, how.ranking))
        return np.where(kept > NOT_A_HIT, np.maximum(ranked, 0.0), NOT_A_HIT)

    def told(self, place: int, score: float) -> dict[str, Any]:
        """A hit as it is answered, with the chunk that came closest where it was found by meaning."""
        document, retrieved = self._table.documents[place], self._query.retrieved
        shown = {name: value for name, value in document.fields.items() if retrieved is None or name in retrieved}
        told = {**shown, "_id": document.id, "_score": score}
        if self._query.has_highlights:
            told["_highlights"] = self._highlights(place)
        return told

    def _highlights(self, place: int) -> list[dict[str, str]]:
        at = np.searchsorted(self._table.with_rows, place)
        if self._rows is None or at >= len(self._table.with_rows) or self._table.with_rows[at] != place:
            return []
        start, count = int(self._table.starts[at]), len(self._table.documents[place].chunks)
        best = self._table.chunks[start + int(np.argmax(self._rows[start : start + count]))]
        return [{best.field: best.text}]


FINDERS: dict[str, Callable[[_Found], Scores]] = {
    "TENSOR": _Found.by_meaning,
    "LEXICAL": _Found.by_words,
    "HYBRID": _Found.by_both,
}


def _shares(scores: Scores, k: int) -> Scores:
    """1 / (rank + k) of each hit, ranks from 1; 0 of what is none."""
    shares = np.zeros(len(scores))
    hits = np.nonzero(scores > NOT_A_HIT)[0]
    shares[hits[np.argsort(-scores[hits], kind="stable")]] = 1.0 / (np.arange(1, len(hits) + 1) + k)
    return shares


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


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)
