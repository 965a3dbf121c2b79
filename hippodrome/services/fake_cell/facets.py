"""How many hits have which value of a field."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.ranking import Collapse
from hippodrome.services.fake_cell.store import Table

TYPES = {"string", "array", "number"}
RESULTS_MAX = 10_000
DEFAULT_RESULTS = 100
INFINITY = float("inf")
FIELD_KEYS = {"type", "maxResults", "order", "ranges", "excludeTerms"}
KEYS = {"fields", "maxResults", "maxDepth", "order"}


@dataclass(frozen=True)
class Range:
    """From inclusive, to exclusive."""

    name: str
    low: float
    high: float


@dataclass(frozen=True)
class Facet:
    """What is counted of one field."""

    name: str
    kind: str
    results: int = DEFAULT_RESULTS
    is_ascending: bool = False
    ranges: tuple[Range, ...] = ()


@dataclass(frozen=True)
class Facets:
    """All that is to be counted."""

    fields: tuple[Facet, ...]

    def count(self, hits: NDArray[np.int64], table: Table, collapse: Collapse | None) -> dict[str, Any]:
        """By field. With `collapse` groups are counted, each once for a value."""
        return {facet.name: _counted(facet, hits.tolist(), table, collapse) for facet in self.fields}


def read_facets(said: dict[str, Any]) -> Facets:
    """From the body of a request. Raises ApiError."""
    _only(said, KEYS, "facets")
    fields = said.get("fields")
    if not isinstance(fields, dict) or not fields:
        raise _refused("facets.fields must be an object that names fields.")
    results = _results(said.get("maxResults", DEFAULT_RESULTS))
    order = said.get("order", "desc")
    return Facets(tuple(_read(name, each, results, order) for name, each in fields.items()))


def _read(name: str, said: Any, results: int, order: str) -> Facet:
    if not isinstance(said, dict):
        raise _refused(f"facets.fields.{name} must be an object with a type.")
    _only(said, FIELD_KEYS, f"facets.fields.{name}")
    kind = said.get("type", "string")
    if kind not in TYPES:
        raise _refused(f"facets.fields.{name}.type must be one of {', '.join(sorted(TYPES))}.")
    ranges = said.get("ranges") or []
    if ranges and kind != "number":
        raise _refused("Ranges can only be used for 'number' facets.")
    if said.get("excludeTerms"):
        raise _refused("facets: excludeTerms is not supported by this fake cell yet; leave it out.")
    order = said.get("order", order)
    if order not in ("asc", "desc"):
        raise _refused(f"facets.fields.{name}.order must be asc or desc.")
    return Facet(name, kind, _results(said.get("maxResults", results)), order == "asc", _ranges(name, ranges))


def _ranges(name: str, said: Any) -> tuple[Range, ...]:
    if not isinstance(said, list) or not all(isinstance(each, dict) for each in said):
        raise _refused(f"facets.fields.{name}.ranges must be a list of objects.")
    found = []
    for each in said:
        _only(each, {"from", "to", "name"}, f"facets.fields.{name}.ranges")
        low, high = each.get("from"), each.get("to")
        if not all(bound is None or _is_number(bound) for bound in (low, high)) or (low is None and high is None):
            raise _refused(f"facets.fields.{name}.ranges: from and to are numbers, at least one of them.")
        bounds = (-INFINITY if low is None else float(low), INFINITY if high is None else float(high))
        if bounds[0] >= bounds[1]:
            raise _refused(f"facets.fields.{name}.ranges: to must be above from.")
        found.append(Range(str(each.get("name") or _range_name(*bounds)), *bounds))
    ordered = sorted(found, key=lambda each: each.low)
    if any(one.high > other.low for one, other in pairwise(ordered)):
        raise _refused("Range configurations must not overlap.")
    return tuple(found)


def _range_name(low: float, high: float) -> str:
    return f"{'-Inf' if low == -INFINITY else low}:{'Inf' if high == INFINITY else high}"


def _counted(facet: Facet, hits: Iterable[int], table: Table, collapse: Collapse | None) -> dict[str, Any]:
    if facet.kind == "number":
        return _numbers(facet, hits, table, collapse)
    groups: dict[str, set[object]] = defaultdict(set)
    for place in hits:
        for value in _values(table.documents[place].fields.get(facet.name)):
            groups[value].add(collapse.group(place, table) if collapse else place)
    rows = sorted(groups.items(), key=lambda row: (len(row[1]) if facet.is_ascending else -len(row[1]), row[0]))
    return {value: {"count": len(members)} for value, members in rows[: facet.results]}


def _values(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [_text(each) for each in found if isinstance(each, str | bool)]


def _text(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _numbers(facet: Facet, hits: Iterable[int], table: Table, collapse: Collapse | None) -> dict[str, Any]:
    column = table.numbers(facet.name)
    found = [(place, float(column[place])) for place in hits if not np.isnan(column[place])]
    if facet.ranges:
        return {each.name: {"count": _size(each, found, table, collapse)} for each in facet.ranges}
    if not found:
        return {}
    values = [value for _, value in found]
    count = len({collapse.group(place, table) for place, _ in found}) if collapse else len(found)
    total = sum(values)
    return {"min": min(values), "max": max(values), "avg": total / len(values), "sum": total, "count": count}


def _size(wanted: Range, found: list[tuple[int, float]], table: Table, collapse: Collapse | None) -> int:
    places = [place for place, value in found if wanted.low <= value < wanted.high]
    return len({collapse.group(place, table) for place in places}) if collapse else len(places)


def _results(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= RESULTS_MAX:
        raise _refused(f"facets: maxResults must be a whole number from 1 to {RESULTS_MAX}.")
    return value


def _only(said: dict[str, Any], known: set[str], where: str) -> None:
    if wrong := said.keys() - known:
        raise _refused(f"{where}: extra fields not permitted: {', '.join(sorted(wrong))}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)
