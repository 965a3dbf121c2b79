"""Reading `facets` of a search."""

from itertools import pairwise
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.bodies import Kinds, fitted, is_of, known, unprocessable
from hippodrome.services.fake_cell.facets import DEFAULT_RESULTS, Facet, Facets, Range
from hippodrome.services.fake_cell.filters import Node
from hippodrome.services.fake_cell.masks import terms_of

TYPES = ("array", "number", "string")
RESULTS_MAX = 10_000
INFINITY = float("inf")
KEYS: dict[str, Kinds] = {"fields": dict, "maxResults": int, "maxDepth": int, "order": str}
FIELD_KEYS: dict[str, Kinds] = {
    "type": str,
    "maxResults": int,
    "order": str,
    "ranges": list,
    "excludeTerms": list,
}
RANGE_KEYS: dict[str, Kinds] = {"from": (int, float), "to": (int, float), "name": str}


def read_facets(said: dict[str, Any], node: Node | None) -> Facets:
    """`node` is the filter of the search. Raises ApiError 422."""
    given = known(said, KEYS, "facets")
    fields = given.get("fields")
    if fields is None:
        raise _refused("facets.fields must be an object that names fields.")
    results, order = _results(given.get("maxResults", DEFAULT_RESULTS)), _order(given.get("order", "desc"))
    depth = given.get("maxDepth")
    if depth is not None and depth <= 0:
        raise _refused("maxDepth must be greater than 0")
    found = tuple(_read(name, each, results, order) for name, each in fields.items())
    for facet in found:
        _check_excluded(facet, node)
    return Facets(found, depth)


def _read(name: str, said: Any, results: int, order: str) -> Facet:
    given = known(said, FIELD_KEYS, "facets", "fields", name)
    kind = given.get("type")
    if kind not in TYPES:
        raise _refused(f"facets.fields.{name}.type must be one of {', '.join(TYPES)}, not {kind}.")
    ranges = given.get("ranges") or []
    if ranges and kind != "number":
        raise _refused("Ranges can only be used for 'number' facets.")
    excluded = [fitted(term, str) for term in given.get("excludeTerms") or []]
    if not all(isinstance(term, str) for term in excluded):
        raise _refused(f"facets.fields.{name}.excludeTerms must hold terms of the filter.")
    results, is_ascending = _results(given.get("maxResults", results)), _order(given.get("order", order)) == "asc"
    return Facet(name, kind, results, is_ascending, _ranges(name, ranges), frozenset(excluded))


def _check_excluded(facet: Facet, node: Node | None) -> None:
    if not facet.excluded:
        return
    if node is None:
        raise _refused("Exclude terms can only be used when a filter string is provided.")
    if missing := facet.excluded - {term.raw for term in terms_of(node)}:
        what = f"has exclude terms {sorted(missing)} that do not appear in the filter string."
        raise _refused(f"Facet field '{facet.name}' {what}")


def _ranges(name: str, said: list[Any]) -> tuple[Range, ...]:
    found = []
    for each in said:
        given = known(each, RANGE_KEYS, "facets", "fields", name, "ranges")
        low, high = _bound(given.get("from"), -INFINITY), _bound(given.get("to"), INFINITY)
        if (low, high) == (-INFINITY, INFINITY):
            raise _refused(f"facets.fields.{name}.ranges: from and to are numbers, at least one of them.")
        if low >= high:
            raise _refused("'to' value must be greater than 'from' value")
        found.append(Range(given.get("name") or _range_name(low, high), low, high))
    ordered = sorted(found, key=lambda each: each.low)
    if any(one.high > other.low for one, other in pairwise(ordered)):
        raise _refused("Range configurations must not overlap.")
    return tuple(found)


def _bound(value: Any, open_end: float) -> float:
    try:
        return open_end if value is None else float(value)
    except OverflowError as error:
        raise _refused("ranges: a number is out of range.") from error


def _range_name(low: float, high: float) -> str:
    return f"{'-Inf' if low == -INFINITY else low}:{'Inf' if high == INFINITY else high}"


def _results(value: Any) -> int:
    if not is_of(value, int) or not 0 < value <= RESULTS_MAX:
        raise _refused(f"maxResults must be greater than 0 and less than or equal to {RESULTS_MAX}")
    return int(value)


def _order(value: str) -> str:
    if value not in ("asc", "desc"):
        raise _refused("facets: order must be asc or desc.")
    return value


def _refused(message: str) -> ApiError:
    return unprocessable(message, "facets")
