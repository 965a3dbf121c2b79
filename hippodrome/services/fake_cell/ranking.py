"""What puts hits in order: scores and ids; fields that weigh, fields to sort by, one hit for a group."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.fake_cell.lexical import NOT_A_HIT
from hippodrome.services.fake_cell.table import Table

Scores = NDArray[np.float64]
Places = NDArray[np.int64]
SAMPLED = 64  # one hit of so many
PAGES_SORTED = 3
ENOUGH = 16  # of the sample, beyond what the count asks for: with fewer it would at times lack some


def best(scores: Scores, table: Table, count: int | None = None) -> Places:
    """Where the best are, best first; equal scores in the order of their ids. All hits when no count is given."""
    hits = np.flatnonzero(scores > NOT_A_HIT)
    if count is not None and len(hits) > count:
        if not count:
            return hits[:0]
        hits = _first(hits, scores, table, count)
    ordered = hits[np.argsort(-scores[hits])]
    found = scores[ordered]
    is_less = found[1:] != found[:-1]
    if not is_less.all():  # one key for both takes half the time of lexsort
        ties = np.concatenate(([0], np.cumsum(is_less)))
        ordered = ordered[np.argsort(ties * len(table) + table.ranks[ordered])]
    return ordered


def _first(hits: Places, scores: Scores, table: Table, count: int) -> Places:
    """The best `count`, in no order. Of those that share the last places the ones with the first ids."""
    found = scores[hits]
    least = _least(found, count)
    above, tied = hits[found > least], hits[found == least]
    places = count - len(above)
    if len(tied) > places:
        tied = tied[np.argpartition(table.ranks[tied], places - 1)[:places]]
    return np.concatenate([above, tied])


def _least(found: Scores, count: int) -> float:
    """What the last of the best `count` has; there are more.

    A sample tells what has more than enough above it. To part all takes ten times as long where most are equal, as
    they are in a hybrid search below its depth, or where many documents have one text.
    """
    sample = np.sort(found[::SAMPLED])
    enough = 2 * count // SAMPLED + ENOUGH
    if enough < len(sample):
        cut = sample[-enough]
        better = found[found > cut]
        if len(better) >= count:
            found = better
        elif np.count_nonzero(found == cut) >= count - len(better):
            return float(cut)
    return float(np.partition(found, len(found) - count)[len(found) - count])


def only_best(scores: Scores, table: Table, count: int) -> Scores:
    """The same with all but the best no hits."""
    kept = np.full(len(scores), NOT_A_HIT)
    places = best(scores, table, count)
    kept[places] = scores[places]
    return kept


def for_hits(scores: Scores, change: Callable[[Scores], Scores]) -> Scores:
    """The scores after a change, which takes what is no hit for 0: that stays none."""
    is_hit = np.isfinite(scores)
    return np.where(is_hit, np.nan_to_num(change(np.where(is_hit, scores, 0.0))), scores)


@dataclass(frozen=True)
class Modifiers:
    """Score × Π(weight · value) + Σ(weight · value), over the fields that a document has as numbers."""

    multiply: tuple[tuple[str, float], ...] = ()
    add: tuple[tuple[str, float], ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(name for name, _ in (*self.multiply, *self.add))

    def applied(self, scores: Scores, table: Table) -> Scores:
        """What is no hit stays none; what is past all numbers stays the largest."""
        if not self.fields:
            return scores
        with np.errstate(over="ignore", invalid="ignore"):
            return for_hits(scores, lambda known: self._weighed(known, table))

    def _weighed(self, scores: Scores, table: Table) -> Scores:
        for field, weight in self.multiply:
            values = table.columns.numbers(field)
            scores = scores * np.where(np.isnan(values), 1.0, values * weight)
        for field, weight in self.add:
            scores = scores + np.nan_to_num(table.columns.numbers(field)) * weight
        return scores


@dataclass(frozen=True)
class SortField:
    """`is_last`: where documents without it go."""

    name: str
    is_descending: bool = True
    is_last: bool = True


@dataclass(frozen=True)
class SortBy:
    """Up to three fields, the first counting most; then the score, then the id.

    `depth`: of how many hits. `at_least`: how many of each kind of search are candidates, if a page needs no
    more.
    """

    fields: tuple[SortField, ...]
    depth: int | None = None
    at_least: int | None = None

    def candidates(self, limit: int, offset: int, relevant: int | None) -> int:
        """How many of each kind of search are sorted: three pages by default; with a cut-off what is relevant."""
        if relevant is not None:
            return max(relevant, self.at_least or 0)
        return max(self.at_least or PAGES_SORTED * limit, limit + offset)

    def order(self, ranked: Places, table: Table) -> Places:
        """How to put hits that are ranked by score in order. What is below the depth stays as it is."""
        hits = ranked[: self.depth]
        keys: list[NDArray[Any]] = [np.arange(len(hits))]
        for field in reversed(self.fields):
            values = table.columns.numbers(field.name)[hits]
            missing = np.isnan(values)  # a text or a truth value is none either
            values = np.where(missing, 0.0, -values if field.is_descending else values)
            keys += [values, missing if field.is_last else ~missing]
        return np.concatenate([np.lexsort(keys), np.arange(len(hits), len(ranked))])


@dataclass(frozen=True)
class Collapse:
    """One hit for each value of a field; a document without it stands for itself.

    With `by` a group is shown as its first by that field, at the place of its best.
    """

    field: str
    by: SortField | None = None
    is_every_group: bool = False

    def only_best(self, scores: Scores, table: Table, count: int) -> Scores:
        """The same with all but the best groups no hits."""
        order, groups = best(scores, table), table.columns.groups(self.field)
        _, first = np.unique(groups[order], return_index=True)
        kept = groups[order[np.sort(first)[:count]]]
        return np.where(np.isin(groups, kept), scores, NOT_A_HIT)

    def first_of_each(self, order: Places, table: Table) -> tuple[Places, Places]:
        """Whom each group is shown as, and its best hit, from which it has its place."""
        groups = table.columns.groups(self.field)[order]
        _, first, members = np.unique(groups, return_index=True, return_inverse=True)
        leaders = np.sort(first)
        shown = order[leaders]
        if self.by is None:
            return shown, shown
        return self._chosen(self.by, order, members, leaders, table), shown

    def _chosen(self, by: SortField, order: Places, members: Places, leaders: Places, table: Table) -> Places:
        values = table.columns.numbers(by.name)[order]
        ranked = np.lexsort((np.arange(len(order)), np.where(np.isnan(values), np.inf, _signed(values, by)), members))
        starts = np.flatnonzero(np.diff(members[ranked], prepend=-1))
        chosen = ranked[starts]  # by the number of the group
        places = order[chosen[members[leaders]]]
        if self.is_every_group:
            return places
        return np.where(np.isnan(values[leaders]), order[leaders], places)


def _signed(values: Scores, by: SortField) -> Scores:
    return -values if by.is_descending else values
