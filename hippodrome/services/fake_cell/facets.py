"""How many hits have which value of a field."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.fake_cell.ranking import Collapse
from hippodrome.services.fake_cell.table import Table

DEFAULT_RESULTS = 100
Mask = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Range:
    """From inclusive, to exclusive."""

    name: str
    low: float
    high: float


@dataclass(frozen=True)
class Facet:
    """What is counted of one field: texts that stand alone (`string`), or in lists (`array`), or numbers.

    `excluded`: terms of the filter that do not count for it, as they are written.
    """

    name: str
    kind: str
    results: int = DEFAULT_RESULTS
    is_ascending: bool = False
    ranges: tuple[Range, ...] = ()
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Facets:
    """All that is to be counted. `depth`: of how many hits, the best first."""

    fields: tuple[Facet, ...]
    depth: int | None = None


def count(facet: Facet, hits: Places, table: Table, collapse: Collapse | None) -> dict[str, Any]:
    """With `collapse` groups are counted, each once for a value."""
    groups = table.columns.groups(collapse.field) if collapse else None
    if facet.kind == "number":
        return _numbers(facet, hits, table, groups)
    among = np.zeros(len(table), dtype=np.bool_)
    among[hits] = True
    among &= table.columns.lists(facet.name) == (facet.kind == "array")
    rows = [
        (str(value), size)
        for (kind, value), places in table.columns.holders(facet.name).items()
        if kind == "text" and (size := _size(held(np.array(places), among), groups))
    ]
    rows.sort(key=lambda row: (row[1] if facet.is_ascending else -row[1], row[0]))
    return {value: {"count": size} for value, size in rows[: facet.results]}


def held(places: Places, among: Mask) -> Places:
    """Those of the places that are among the hits."""
    found: Places = places[among[places]]
    return found


def _size(places: Places, groups: Places | None) -> int:
    return len(places) if groups is None else len(np.unique(groups[places]))


def _numbers(facet: Facet, hits: Places, table: Table, groups: Places | None) -> dict[str, Any]:
    column = table.columns.numbers(facet.name)
    having = hits[~np.isnan(column[hits])]
    values = column[having]
    if facet.ranges:
        counts = ((each.name, _ranged(each, having, values, groups)) for each in facet.ranges)
        return {name: {"count": size} for name, size in counts if size}
    if not len(having):
        return {}
    if groups is not None:
        return {"count": _size(having, groups)}
    with np.errstate(over="ignore"):
        total = float(np.nan_to_num(values.sum()))
    told = {"min": float(values.min()), "max": float(values.max()), "avg": total / len(values), "sum": total}
    return {**told, "count": len(having)}


def _ranged(wanted: Range, having: Places, values: NDArray[np.float64], groups: Places | None) -> int:
    return _size(having[(values >= wanted.low) & (values < wanted.high)], groups)
