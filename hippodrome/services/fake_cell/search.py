"""Searching an index: by meaning, by words, or by both; filtered, weighed, cut off, sorted, collapsed and paged."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hippodrome.services.fake_cell.closeness import closeness
from hippodrome.services.fake_cell.facets import Facet, count
from hippodrome.services.fake_cell.index import Index
from hippodrome.services.fake_cell.lexical import NOT_A_HIT
from hippodrome.services.fake_cell.masks import Mask, passing, without
from hippodrome.services.fake_cell.query import WINDOW_MAX, Query
from hippodrome.services.fake_cell.ranking import Places, Scores, best, only_best
from hippodrome.services.fake_cell.schema import searched_by_words
from hippodrome.services.fake_cell.vectors import vector_of


@dataclass(frozen=True)
class Answer:
    """Hits as they are answered; `facets` and `total` where they were asked for."""

    hits: list[dict[str, Any]]
    facets: dict[str, Any] | None = None
    total: int | None = None


def search(index: Index, query: Query) -> Answer:
    """The page of hits that is asked for, best first; equal scores in the order of their ids. Raises ApiError."""
    with index.lock:
        return _Search(index, query).answer()


class _Search:
    """One query over one index. Scores are of places; what is no hit has NOT_A_HIT."""

    def __init__(self, index: Index, query: Query) -> None:
        self._index, self._query, self._table = index, query, index.table
        self._wanted = vector_of(index, query.wanted) if query.has_meaning else None
        self._allowed = self._passing()
        self._by_meaning: Scores | None = None
        self._by_words: Scores | None = None
        self._relevant: int | None = None  # how many hits a cut-off leaves

    def answer(self) -> Answer:
        query = self._query
        scores = FINDERS[query.method](self)
        order = self._ordered(scores)
        shown = leaders = order
        if query.collapse:
            shown, leaders = query.collapse.first_of_each(order, self._table)
        page = slice(query.offset, query.offset + query.limit)
        pairs = zip(shown[page].tolist(), leaders[page].tolist(), strict=True)
        counted = self._uncut() if query.cutoff and not query.cutoff.affects_facets else scores
        return Answer(
            hits=[self._told(place, float(scores[leader])) for place, leader in pairs],
            facets={facet.name: self._counted(facet, counted) for facet in query.facets.fields}
            if query.facets
            else None,
            total=self._total(counted) if query.has_total else None,
        )

    def _uncut(self) -> Scores:
        """As without a cut-off: what facets and the total count."""
        query = replace(self._query, cutoff=None)
        return FINDERS[query.method](_Search(self._index, query))

    def _ordered(self, scores: Scores) -> Places:
        """All hits where all are needed, else those that can be on the page."""
        query, table = self._query, self._table
        if query.sort:
            return query.sort.order(best(scores, table), table)
        return best(scores, table, None if query.collapse else query.offset + query.limit)

    def _total(self, scores: Scores) -> int:
        hits = np.flatnonzero(scores > NOT_A_HIT)
        if self._query.collapse is None:
            return len(hits)
        return len(np.unique(self._table.columns.groups(self._query.collapse.field)[hits]))

    def _counted(self, facet: Facet, scores: Scores) -> dict[str, Any]:
        query, facets = self._query, self._query.facets
        assert facets
        if facet.excluded and query.filter:
            cutoff = query.cutoff if query.cutoff and query.cutoff.affects_facets else None
            other = replace(query, filter=without(query.filter, facet.excluded), cutoff=cutoff)
            scores = FINDERS[query.method](_Search(self._index, other))
        hits = best(scores, self._table, facets.depth) if facets.depth else np.flatnonzero(scores > NOT_A_HIT)
        return count(facet, hits, self._table, query.collapse)

    def by_meaning(self) -> Scores:
        query = self._query
        found = self._meaning(query.searched)
        if query.depth:
            found = only_best(found, self._table, query.depth)
        return query.modifiers.applied(found, self._table)

    def by_words(self) -> Scores:
        return self._query.modifiers.applied(self._words(self._query.searched), self._table)

    def by_both(self) -> Scores:
        """Reciprocal rank fusion of the two, or one of them put in order by the other."""
        how = self._query.hybrid
        if how.ranking == "rrf":
            return self._weighed(self._fused())
        kept = ranked = self._leg(by_words=how.retrieval == "lexical", is_cut=True)
        if how.ranking != how.retrieval:
            ranked = self._leg(by_words=how.ranking == "lexical", is_cut=False)
        return self._weighed(np.where(kept > NOT_A_HIT, np.maximum(ranked, 0.0), NOT_A_HIT))

    def _fused(self) -> Scores:
        how, table = self._query.hybrid, self._table
        legs = self._query.cutoff.legs if self._query.cutoff else "both"
        meaning = self._leg(by_words=False, is_cut=True)
        words = self._leg(by_words=True, is_cut=legs == "both")
        fused = how.alpha * self._shares(meaning) + (1 - how.alpha) * self._shares(words)
        found = np.where((meaning > NOT_A_HIT) | (words > NOT_A_HIT), fused, NOT_A_HIT)
        return only_best(found, table, self._relevant) if self._relevant is not None and legs == "both" else found

    def _leg(self, *, by_words: bool, is_cut: bool) -> Scores:
        """One kind of search within a hybrid one: cut off, down to its depth, weighed."""
        how, table = self._query.hybrid, self._table
        found = self._words(how.searched_by_words) if by_words else self._meaning(how.searched_by_meaning)
        if self._query.cutoff and is_cut:
            if self._relevant is None:
                probe = self._words(how.searched_by_words)
                ordered = best(probe, table, self._query.cutoff.depth)
                self._relevant = self._query.cutoff.count(probe[ordered])
            found = only_best(found, table, self._relevant)
        if depth := how.depth_by_words if by_words else how.depth_by_meaning:
            found = only_best(found, table, depth)
        weighed = (how.by_words if by_words else how.by_meaning).applied(found, table)
        if by_words:
            self._by_words = weighed
        else:
            self._by_meaning = weighed
        return weighed

    def _weighed(self, scores: Scores) -> Scores:
        """By the modifiers of the whole search, down to the depth of reranking; what lies below stays below."""
        query, table = self._query, self._table
        changed = query.modifiers.applied(scores, table)
        if query.depth is None or not query.modifiers.fields:
            return changed
        first = best(scores, table, query.depth)
        rest = scores.copy()
        rest[first] = NOT_A_HIT
        if len(first) and (highest := rest.max()) > NOT_A_HIT:
            rest -= max(0.0, highest - np.nextafter(changed[first].min(), -np.inf))
        rest[first] = changed[first]
        return rest

    def _shares(self, scores: Scores) -> Scores:
        """1 / (rank + k) of each hit, ranks from 1; 0 of what is none, or lies where no page can be."""
        shares = np.zeros(len(scores))
        places = best(scores, self._table, WINDOW_MAX)
        shares[places] = 1.0 / (np.arange(1, len(places) + 1) + self._query.hybrid.rrf_k)
        return shares

    def _meaning(self, searched: tuple[str, ...] | None) -> Scores:
        """Each document scores by its best chunk."""
        table, scores = self._table, np.full(len(self._table), NOT_A_HIT)
        if not len(table.matrix) or self._wanted is None:
            return scores
        rows = closeness(self._index.settings["annParameters"]["spaceType"], table.matrix, self._wanted)
        if searched is not None:
            rows = np.where(table.matrix.is_of(searched), rows, NOT_A_HIT)
        starts, places = table.starts
        scores[places] = np.maximum.reduceat(rows, starts)
        scores[~self._allowed] = NOT_A_HIT
        self._by_meaning = scores
        return scores

    def _words(self, searched: tuple[str, ...] | None) -> Scores:
        """bm25; a star alone finds all."""
        text = self._query.words
        if text is None:
            return np.full(len(self._table), NOT_A_HIT)
        if text.strip() == "*":
            return np.where(self._allowed, 0.0, NOT_A_HIT)
        among = searched_by_words(self._index.settings) if searched is None else searched
        found = self._table.words.scores(text, self._table.alive, self._table.documents, among)
        found[~self._allowed] = NOT_A_HIT
        return found

    def _passing(self) -> Mask:
        """Which documents may be found; what a filter lets through is remembered while nothing changes."""
        table, node = self._table, self._query.filter
        allowed = table.alive
        if node is not None:
            key = repr(node)
            if key not in table.masks:
                table.masks[key] = passing(node, table)
            allowed &= table.masks[key]
        for name in self._query.excluded:
            if name in table.places:
                allowed[table.places[name]] = False
        return allowed

    def _told(self, place: int, score: float) -> dict[str, Any]:
        """A hit as it is answered, with the chunk that came closest where it was found by meaning."""
        document, query = self._table.documents[place], self._query
        retrieved = query.retrieved
        fields = document.told(is_flat=not self._index.is_structured)
        shown = {name: value for name, value in fields.items() if retrieved is None or _is_among(name, retrieved)}
        told = {**shown, "_id": document.id, "_score": score}
        if query.method == "HYBRID" and query.hybrid.ranking == "rrf":
            legs = (("_tensor_score", self._by_meaning), ("_lexical_score", self._by_words))
            told |= {name: float(leg[place]) for name, leg in legs if leg is not None and leg[place] > NOT_A_HIT}
        if query.has_highlights:
            told["_highlights"] = self._highlights(place)
        return told

    def _highlights(self, place: int) -> list[dict[str, str]]:
        document = self._table.documents[place]
        if self._by_meaning is None or self._wanted is None or not self._by_meaning[place] > NOT_A_HIT:
            return []
        searched = self._query.hybrid.searched_by_meaning if self._query.method == "HYBRID" else self._query.searched
        among = [row for row, each in enumerate(document.chunks) if searched is None or each.field in searched]
        space = self._index.settings["annParameters"]["spaceType"]
        if space in ("euclidean", "geodegrees", "hamming"):
            nearness = -np.linalg.norm(document.vectors[among] - self._wanted, axis=1)
        else:
            nearness = document.vectors[among] @ self._wanted
        chunk = document.chunks[among[int(np.argmax(nearness))]]
        return [{chunk.field: chunk.text}]


def _is_among(name: str, retrieved: tuple[str, ...]) -> bool:
    """By its own name, or by that of the mapping of which it is a member."""
    return name in retrieved or name.partition(".")[0] in retrieved


FINDERS: dict[str, Callable[[_Search], Scores]] = {
    "TENSOR": _Search.by_meaning,
    "LEXICAL": _Search.by_words,
    "HYBRID": _Search.by_both,
}
