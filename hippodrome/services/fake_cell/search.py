"""Searching an index: by meaning, by words, or by both; filtered, weighed, cut off, sorted, collapsed and paged."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from hippodrome.services.fake_cell.closeness import closeness, nearness_in
from hippodrome.services.fake_cell.facets import Facet, count
from hippodrome.services.fake_cell.index import Index
from hippodrome.services.fake_cell.lexical import NOT_A_HIT, read
from hippodrome.services.fake_cell.masks import Mask, passing, without
from hippodrome.services.fake_cell.query import WINDOW_MAX, Query
from hippodrome.services.fake_cell.ranking import Places, Scores, best, only_best
from hippodrome.services.fake_cell.schema import with_feature
from hippodrome.services.fake_cell.vectors import vector_of


@dataclass(frozen=True)
class Answer:
    """Hits as they are answered; `facets` and `total` where they were asked for; `counts` of a hybrid search."""

    hits: list[dict[str, Any]]
    facets: dict[str, Any] | None = None
    total: int | None = None
    counts: dict[str, int] = field(default_factory=dict)


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
        self._found: dict[bool, Scores] = {}  # by whether it is by words: all that it finds
        self._by_meaning: Scores | None = None  # as a hit tells it
        self._by_words: Scores | None = None
        self._before: Scores | None = None  # what the modifiers of the whole search changed
        self._shared: list[Places] = []  # the hits of each leg that give a share, best first

    def answer(self) -> Answer:
        query = self._query
        scores = FINDERS[query.method](self)
        shown, leaders = self._ordered(scores)
        page = slice(query.offset, query.offset + query.limit)
        told = [float(scores[leader]) for leader in leaders[page].tolist()]
        if query.sort:
            told = [1 / position for position in range(query.offset + 1, query.offset + 1 + len(told))]
        hits = [self._told(place, score) for place, score in zip(shown[page].tolist(), told, strict=True)]
        counts = self._counts(leaders, len(hits)) if query.method == "HYBRID" else {}
        counted = self._all(scores) if query.facets or query.has_total else scores
        total = self._total(counted) if query.has_total else None
        if query.cutoff and query.cutoff.overrides_total:
            total = min(counts["_postProcessCandidates"], WINDOW_MAX)
        facets = (
            {facet.name: self._counted(facet, counted) for facet in query.facets.fields} if query.facets else None
        )
        return Answer(hits, facets, total, counts)

    def _ordered(self, scores: Scores) -> tuple[Places, Places]:
        """Whom each hit is shown as, and from whom it has its score: all where all are needed, else those that can be
        on the page."""
        query, table = self._query, self._table
        needs_all = query.collapse or query.sort or query.cutoff
        shown = leaders = best(scores, table, None if needs_all else query.offset + query.limit)
        if query.collapse:
            shown, leaders = query.collapse.first_of_each(leaders, table)
        if query.sort:
            if query.cutoff and query.cutoff.overrides_sort:
                most = max(self._relevant or 0, query.sort.at_least or 0)
                shown, leaders = shown[:most], leaders[:most]
            order = query.sort.order(leaders, table)
            shown, leaders = shown[order], leaders[order]
        return shown, leaders

    def _counts(self, leaders: Places, shown: int) -> dict[str, int]:
        """How many hits the server has in hand at each step; of those before it takes the page out, for this page."""
        query, counts = self._query, {"_postProcessCandidates": len(leaders)}
        if query.sort:
            counts["_sortCandidates"] = len(leaders)
        elif query.hybrid.ranking == "rrf":
            counts["_postProcessCandidates"] = self._merged()
        elif not query.cutoff:
            counts["_postProcessCandidates"] = shown
        elif not query.cutoff.exceeds_page:
            counts["_postProcessCandidates"] = min(len(leaders), query.offset + query.limit)
        if query.cutoff:
            counts |= {"_relevantCandidates": self._relevant or 0, "_probeCandidates": len(self._probed)}
        return counts

    def _merged(self) -> int:
        """How many hits both legs have together, each of them as long as the page needs it to be."""
        query, cutoff, end = self._query, self._query.cutoff, self._query.offset + self._query.limit
        meaning, words = self._shared
        if cutoff is None:
            meaning, words = meaning[query.offset : end], words[query.offset : end]
        elif not cutoff.exceeds_page:
            meaning, words = meaning[:end], words if cutoff.legs == "tensor" else words[:end]
        places = np.union1d(meaning, words)
        if query.collapse:
            places = np.unique(self._table.columns.groups(query.collapse.field)[places])
        return len(places)

    def _total(self, scores: Scores) -> int:
        hits = np.flatnonzero(scores > NOT_A_HIT)
        if self._query.collapse:
            hits = np.unique(self._table.columns.groups(self._query.collapse.field)[hits])
        return min(len(hits), WINDOW_MAX)

    def _counted(self, facet: Facet, scores: Scores) -> dict[str, Any]:
        query, facets = self._query, self._query.facets
        assert facets
        if facet.excluded and query.filter:
            other = _Search(self._index, replace(query, filter=without(query.filter, facet.excluded)))
            scores = other._all(None)
        hits = best(scores, self._table, facets.depth) if facets.depth else np.flatnonzero(scores > NOT_A_HIT)
        return count(facet, hits, self._table, query.collapse)

    def _all(self, scores: Scores | None) -> Scores:
        """All that a hybrid search finds, whatever is cut from its legs: what facets and the total count.

        `scores`: what was found already, which may be the same.
        """
        query, how = self._query, self._query.hybrid
        if query.cutoff and query.cutoff.affects_facets:
            by_words = how.retrieval != "tensor"
            return self._cut(self._leg(by_words=by_words), self._drawn(by_words=False))
        if how.retrieval != "disjunction":
            return self._leg(by_words=how.retrieval == "lexical")
        if scores is not None and not query.sort and not query.cutoff and 0 < how.alpha < 1:
            return scores
        return self._weighed(self._fused(self._leg(by_words=False), self._leg(by_words=True)))

    def by_meaning(self) -> Scores:
        query = self._query
        found = self._by_meaning = self._meaning(query.searched)
        if query.depth:
            found = only_best(found, self._table, query.depth)
        return query.modifiers.applied(found, self._table)

    def by_words(self) -> Scores:
        return self._query.modifiers.applied(self._words(self._query.searched), self._table)

    def by_both(self) -> Scores:
        """Reciprocal rank fusion of the two, or one of them put in order by the other."""
        how = self._query.hybrid
        if how.ranking == "rrf":
            self._by_meaning = self._drawn_leg(by_words=False) if how.alpha > 0 else self._none()
            self._by_words = self._drawn_leg(by_words=True) if how.alpha < 1 else self._none()
            fused = self._fused(self._by_meaning, self._by_words)
            weighed = self._weighed(fused)
            self._before = fused if self._query.modifiers.fields else None
            return weighed
        is_by_words = how.retrieval == "lexical"
        kept = self._leg(by_words=is_by_words) if is_by_words else self._drawn_leg(by_words=False)
        ranked = kept if how.ranking == how.retrieval else self._leg(by_words=how.ranking == "lexical")
        self._by_meaning = ranked if how.ranking == "tensor" else None if is_by_words else kept
        found = self._weighed(np.where(kept > NOT_A_HIT, np.maximum(ranked, 0.0), NOT_A_HIT))
        return self._cut(found, self._drawn(by_words=False))

    def _fused(self, meaning: Scores, words: Scores) -> Scores:
        """1 / (rank + k) of each leg, ranks from 1; no share of what lies where no page can be."""
        how = self._query.hybrid
        self._shared = [best(leg, self._table, WINDOW_MAX) for leg in (meaning, words)]
        fused = np.where((meaning > NOT_A_HIT) | (words > NOT_A_HIT), 0.0, NOT_A_HIT)
        for weight, places in zip((how.alpha, 1 - how.alpha), self._shared, strict=True):
            fused[places] += weight * (1.0 / (np.arange(1, len(places) + 1) + how.rrf_k))
        return fused

    def _drawn_leg(self, *, by_words: bool) -> Scores:
        """A leg down to where a cut-off or sorting takes hits of it."""
        most, query = self._drawn(by_words=by_words), self._query
        if query.cutoff and not by_words and not query.sort:
            # the nearest are drawn, and weighed afterwards
            return self._modified(self._cut(self._unweighed(by_words=False), most), by_words=False)
        return self._cut(self._leg(by_words=by_words), most)

    def _drawn(self, *, by_words: bool) -> int | None:
        """How many hits of a leg come into question; None for all."""
        query = self._query
        if by_words and query.cutoff and query.cutoff.legs == "tensor":
            return query.cutoff.depth
        if query.sort:
            return query.sort.candidates(query.limit, query.offset, self._relevant)
        return self._relevant

    def _cut(self, scores: Scores, most: int | None) -> Scores:
        """With collapsed hits whole groups are counted."""
        if most is None:
            return scores
        collapse, table = self._query.collapse, self._table
        return collapse.only_best(scores, table, most) if collapse else only_best(scores, table, most)

    @cached_property
    def _probed(self) -> Scores:
        """What a search by words finds for the cut-off, best first."""
        query = self._query
        assert query.cutoff
        needs_all = query.cutoff.needs_all or query.hybrid.needs_all
        found = self._words(query.hybrid.searched_by_words, needs_all=needs_all)
        return found[best(found, self._table, query.cutoff.depth)]

    @cached_property
    def _relevant(self) -> int | None:
        """How many hits a cut-off leaves."""
        return self._query.cutoff.count(self._probed) if self._query.cutoff else None

    def _leg(self, *, by_words: bool) -> Scores:
        """One kind of search within a hybrid one: down to its depth, weighed."""
        if by_words not in self._found:
            self._found[by_words] = self._modified(self._unweighed(by_words=by_words), by_words=by_words)
        return self._found[by_words]

    def _modified(self, scores: Scores, *, by_words: bool) -> Scores:
        """By what weighs one kind of search, and by how recent they are."""
        how, recency = self._query.hybrid, self._query.recency
        found = (how.by_words if by_words else how.by_meaning).applied(scores, self._table)
        if recency and recency.is_in("lexical" if by_words else "tensor"):
            return recency.applied(found, self._recencies)
        return found

    @cached_property
    def _recencies(self) -> Scores:
        """How recent each place is."""
        return self._query.recency.scores(self._table) if self._query.recency else np.ones(len(self._table))

    def _unweighed(self, *, by_words: bool) -> Scores:
        how = self._query.hybrid
        if by_words:
            found, depth = self._words(how.searched_by_words, needs_all=how.needs_all), how.depth_by_words
        else:
            found, depth = self._meaning(how.searched_by_meaning), how.depth_by_meaning
        return only_best(found, self._table, depth) if depth else found

    def _weighed(self, scores: Scores) -> Scores:
        """By the modifiers of the whole search and how recent they are, down to the depth of reranking; what lies
        below stays below."""
        query, table = self._query, self._table
        changed, recency = query.modifiers.applied(scores, table), query.recency
        is_recent = recency is not None and recency.is_global
        if recency and is_recent:
            changed = recency.applied(changed, self._recencies)
        if query.depth is None or not (query.modifiers.fields or is_recent):
            return changed
        first = best(scores, table, query.depth)
        rest = scores.copy()
        rest[first] = NOT_A_HIT
        if len(first) and (highest := rest.max()) > NOT_A_HIT:
            rest -= max(0.0, highest - np.nextafter(changed[first].min(), -np.inf))
        rest[first] = changed[first]
        return rest

    def _none(self) -> Scores:
        return np.full(len(self._table), NOT_A_HIT)

    def _meaning(self, searched: tuple[str, ...] | None) -> Scores:
        """Each document scores by its best chunk."""
        table, scores = self._table, np.full(len(self._table), NOT_A_HIT)
        if not len(table.matrix) or self._wanted is None:
            return scores
        rows = closeness(self._index.settings["annParameters"]["spaceType"], table.matrix, self._wanted)
        if searched is not None:
            rows = np.where(table.matrix.is_of(searched), rows, NOT_A_HIT)
        starts, places = table.starts
        has_one_each = len(starts) == len(rows)  # then reduceat, which takes a tenth of a search, has nothing to do
        scores[places] = rows if has_one_each else np.maximum.reduceat(rows, starts)
        scores[~self._allowed] = NOT_A_HIT
        return scores

    def _words(self, searched: tuple[str, ...] | None, *, needs_all: bool = False) -> Scores:
        """bm25; a star alone finds all."""
        text = self._query.words
        if text is None:
            return np.full(len(self._table), NOT_A_HIT)
        if text.strip() == "*":
            return np.where(self._allowed, 0.0, NOT_A_HIT)
        among = searched_by_words(self._index) if searched is None else searched
        asked = read(text, needs_all=needs_all, language=self._query.language)
        found = self._table.words.scores(asked, self._table.alive, self._table.documents, among)
        found[~self._allowed] = NOT_A_HIT
        return found

    def _passing(self) -> Mask:
        """Which documents may be found; what a filter lets through is remembered while nothing changes."""
        table, node = self._table, self._query.filter
        allowed = table.alive
        if node is not None:
            language = self._query.language
            key = f"{node!r} {language}"
            if key not in table.masks:
                table.masks[key] = passing(node, table, language)
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
            told |= self._steps(place)
        if query.recency and (retrieved is None or "_recency_score" in retrieved):
            told["_recency_score"] = float(self._recencies[place])
        if query.has_highlights:
            told["_highlights"] = self._highlights(place)
        return told

    def _steps(self, place: int) -> dict[str, float]:
        """The scores that a hit had on its way."""
        retrieved, is_structured = self._query.retrieved, self._index.is_structured
        before = None if is_structured else self._before
        steps = (
            ("_tensor_score", self._by_meaning),
            ("_lexical_score", self._by_words),
            ("_pre_rerank_score", before),
        )
        return {
            name: float(scores[place])
            for name, scores in steps
            if scores is not None and scores[place] > NOT_A_HIT
            if is_structured or retrieved is None or name in retrieved
        }

    def _highlights(self, place: int) -> list[dict[str, str]]:
        document = self._table.documents[place]
        if self._by_meaning is None or self._wanted is None or not self._by_meaning[place] > NOT_A_HIT:
            return []
        searched = self._query.hybrid.searched_by_meaning if self._query.method == "HYBRID" else self._query.searched
        among = [row for row, each in enumerate(document.chunks) if searched is None or each.field in searched]
        space = self._index.settings["annParameters"]["spaceType"]
        nearness = nearness_in(space, document.vectors[among], self._wanted)
        chunk = document.chunks[among[int(np.argmax(nearness))]]
        retrieved = self._query.retrieved
        return [{chunk.field: chunk.text}] if retrieved is None or chunk.field in retrieved else []


def _is_among(name: str, retrieved: tuple[str, ...]) -> bool:
    """By its own name, or by that of the mapping of which it is a member."""
    return name in retrieved or name.partition(".")[0] in retrieved


def searched_by_words(index: Index) -> tuple[str, ...]:
    """The fields whose words count: of an unstructured index those of texts, not of lists."""
    if index.is_structured:
        return with_feature(index.settings, "lexical_search")
    return tuple(sorted(index.grown.names["lexical"]))


FINDERS: dict[str, Callable[[_Search], Scores]] = {
    "TENSOR": _Search.by_meaning,
    "LEXICAL": _Search.by_words,
    "HYBRID": _Search.by_both,
}
