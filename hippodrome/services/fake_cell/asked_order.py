"""Reading what puts the hits of a search in order: scoreModifiers, sortBy, collapseFields, relevanceCutoff."""

from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.bodies import Kinds, fitted, known, number, unprocessable
from hippodrome.services.fake_cell.cutoff import PROBE_DEPTH, Cutoff
from hippodrome.services.fake_cell.names import field_mistake
from hippodrome.services.fake_cell.ranking import Collapse, Modifiers, SortBy, SortField

SORT_FIELDS_MAX = 3
SORT: dict[str, Kinds] = {"fields": list, "sortDepth": int, "minSortCandidates": int}
SORT_FIELD: dict[str, Kinds] = {"fieldName": str, "order": str, "missing": str}
COLLAPSE: dict[str, Kinds] = {"name": str, "sortBy": dict}
COLLAPSE_SORT: dict[str, Kinds] = {
    "fields": list,
    "numThreadsPerSearch": int,
    "disableIfMainSortByFields": list,
    "alwaysFetchVariants": bool,
}
CUTOFF: dict[str, Kinds] = {
    "method": str,
    "parameters": dict,
    "probeDepth": int,
    "affectFacets": bool,
    "applyInRetrieval": str,
    "overrideSortCandidatesWithRelevantCandidates": bool,
    "overrideTotalHitsWithPostProcessCandidates": bool,
    "overrideLimitPlusOffset": bool,
    "lexicalOperand": str,
}
OPERANDS = ("or", "and", "weakAnd")  # how the words of a query go together
FACTORS = {"relative_max_score": "relativeScoreFactor", "mean_std_dev": "stdDevFactor"}
LISTS = ("multiply_score_by", "add_to_score")


def read_modifiers(said: Any) -> Modifiers:
    """Raises ApiError 400."""
    if said is None:
        return Modifiers()
    if not isinstance(said, dict) or said.keys() - set(LISTS):
        raise _wrong_modifiers(said, f"it is an object of {' and '.join(LISTS)}")
    if all(said.get(each) is None for each in LISTS):
        raise _wrong_modifiers(said, "At least one of multiply_score_by or add_to_score must be provided")
    return Modifiers(*(_weights(said.get(each), each) for each in LISTS))


def _weights(said: Any, which: str) -> tuple[tuple[str, float], ...]:
    if said is None:
        return ()
    if not isinstance(said, list) or not said:
        raise _wrong_modifiers(said, f"At least one ScoreModifierOperator is required in {which}")
    found = []
    for each in said:
        if not isinstance(each, dict) or each.keys() - {"field_name", "weight"}:
            raise _wrong_modifiers(said, f"{which} holds objects of field_name and weight")
        name, weight = fitted(each.get("field_name"), str), number(each.get("weight", 1))
        if not isinstance(name, str) or not name:
            raise _wrong_modifiers(said, f"{which}: field_name is required")
        if name == "_id":
            raise _refused("_id is not allowed as a field_name")
        if weight is None:
            raise _wrong_modifiers(said, f"{which}: weight must be a number")
        found.append((name, weight))
    return tuple(found)


def read_sort(said: dict[str, Any] | None) -> SortBy | None:
    """Raises ApiError 422."""
    if said is None:
        return None
    given = known(said, SORT, "sortBy")
    fields = given.get("fields") or []
    if not 1 <= len(fields) <= SORT_FIELDS_MAX:
        raise unprocessable(f"sortBy.fields must have from 1 to {SORT_FIELDS_MAX} fields.", "sortBy", "fields")
    for depth in ("sortDepth", "minSortCandidates"):
        if given.get(depth, 1) < 1:
            raise unprocessable(f"sortBy.{depth} must be at least 1.", "sortBy", depth)
    return SortBy(
        tuple(_sort_field(each, "sortBy", "fields") for each in fields),
        given.get("sortDepth"),
        given.get("minSortCandidates"),
    )


def _sort_field(said: Any, *where: str) -> SortField:
    given = known(said, SORT_FIELD, *where)
    order, missing, name = given.get("order", "desc"), given.get("missing", "last"), given.get("fieldName")
    if not name or order not in ("asc", "desc") or missing not in ("first", "last"):
        what = "fieldName, order asc or desc, missing first or last"
        raise unprocessable(f"{'.'.join(where)}: {what}.", *where)
    if mistake := field_mistake(name.partition(".")[0]):
        raise unprocessable(f"{'.'.join(where)}: {mistake}", *where)
    return SortField(name, order == "desc", missing == "last")


def read_collapse(said: list[Any] | None, settings: dict[str, Any], sort: SortBy | None) -> Collapse | None:
    """Raises ApiError 422, and 400 for a field that the index does not collapse."""
    if said is None:
        return None
    if len(said) != 1:
        raise unprocessable("Exactly one collapse field must be provided", "collapseFields")
    given = known(said[0], COLLAPSE, "collapseFields")
    if "name" not in given:
        raise unprocessable("collapseFields: name is required.", "collapseFields")
    if settings["type"] == "structured":
        what = "is only supported for unstructured indexes created with Marqo version 2.23.0 or later."
        raise ApiError(400, "bad_request", f"The 'collapseFields' search parameter {what} This index is structured.")
    fields = [each["name"] for each in settings.get("collapseFields") or ()]
    if given["name"] not in fields:
        raise _refused(f"Field '{given['name']}' is not configured as a collapse field for this index")
    return _sorted_within(given, sort)


def _sorted_within(given: dict[str, Any], sort: SortBy | None) -> Collapse:
    if "sortBy" not in given:
        return Collapse(given["name"])
    how = known(given["sortBy"], COLLAPSE_SORT, "collapseFields", "sortBy")
    fields = how.get("fields") or []
    if len(fields) != 1:
        raise unprocessable("collapseFields.sortBy.fields must have one field.", "collapseFields", "sortBy")
    by = _sort_field(fields[0], "collapseFields", "sortBy", "fields")
    ends = how.get("disableIfMainSortByFields") or []
    if sort and any(field.name in ends for field in sort.fields):
        return Collapse(given["name"])
    return Collapse(given["name"], by, how.get("alwaysFetchVariants", False))


def read_cutoff(said: dict[str, Any] | None, *, knows_legs: bool) -> Cutoff | None:
    """`knows_legs`: whether the search says that it has two. Raises ApiError 422."""
    if said is None:
        return None
    given = known(said, CUTOFF, "relevanceCutoff")
    method, parameters = given.get("method"), given.get("parameters")
    depth, legs = given.get("probeDepth", PROBE_DEPTH), given.get("applyInRetrieval", "both")
    if method not in (*FACTORS, "gap_detection"):
        raise _wrong_cutoff(f"method must be one of {', '.join((*FACTORS, 'gap_detection'))}, not {method}.")
    if depth < 1:
        raise _wrong_cutoff("probeDepth must be at least 1.")
    if legs not in ("tensor", "both"):
        raise _wrong_cutoff(f"applyInRetrieval must be tensor or both, not {legs}.")
    if "applyInRetrieval" in given and not knows_legs:
        what = "can only be set when hybridParameters.retrievalMethod is 'disjunction'."
        raise _wrong_cutoff(f"applyInRetrieval {what}")
    overrides_sort = given.get("overrideSortCandidatesWithRelevantCandidates", False)
    if overrides_sort and legs == "tensor":
        what = "cannot be used together with overrideSortCandidatesWithRelevantCandidates when it names one leg."
        raise _wrong_cutoff(f"applyInRetrieval {what}")
    if given.get("lexicalOperand", "or") not in OPERANDS:
        raise _wrong_cutoff(f"lexicalOperand must be one of {', '.join(OPERANDS)}.")
    return Cutoff(
        method,
        _factor(method, parameters),
        depth,
        legs,
        affects_facets=given.get("affectFacets", False),
        overrides_sort=overrides_sort,
        overrides_total=given.get("overrideTotalHitsWithPostProcessCandidates", False),
        exceeds_page=given.get("overrideLimitPlusOffset", False),
        needs_all=given.get("lexicalOperand") == "and",
    )


def _factor(method: str, parameters: Any) -> float:
    if method not in FACTORS:
        if parameters is not None:
            raise _wrong_cutoff(f"{method} does not require any parameters, but received some.")
        return 0.0
    name = FACTORS[method]
    given = known(parameters or {}, {name: (int, float)}, "relevanceCutoff", "parameters")
    factor = number(given.get(name))
    if factor is None:
        raise _wrong_cutoff(f"You must provide '{name}' as parameters for method '{method}'.")
    if method == "relative_max_score" and not 0 <= factor <= 1:
        raise _wrong_cutoff("relativeScoreFactor must be from 0 to 1.")
    return factor


def _wrong_cutoff(what: str) -> ApiError:
    return unprocessable(f"relevanceCutoff: {what}", "relevanceCutoff")


def _wrong_modifiers(said: Any, why: str) -> ApiError:
    hint = "Please revise your score_modifiers based on the provided error."
    return _refused(f"Error validating score_modifiers = `{said}`. Reason: \n{why} {hint}")


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)
