"""Reading what a search asks for: the body of a request becomes a Query."""

from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.bodies import Kinds, is_of, unprocessable
from hippodrome.services.fake_cell.documents import is_number
from hippodrome.services.fake_cell.facets import read_facets
from hippodrome.services.fake_cell.ranking import Collapse, Modifiers, SortBy, SortField
from hippodrome.services.fake_cell.search import Hybrid, Query

NOT_YET = "is not supported by this fake cell yet; leave it out, or use a deployed cell."
SEARCH: dict[str, Kinds] = {
    "q": (str, dict),
    "searchMethod": str,
    "limit": int,
    "offset": int,
    "searchableAttributes": list,
    "attributesToRetrieve": list,
    "showHighlights": bool,
    "efSearch": int,
    "approximate": bool,
    "modelAuth": dict,
    "image_download_headers": dict,
    "mediaDownloadHeaders": dict,
    "filter": str,
    "reRanker": str,
    "boost": dict,
    "context": dict,
    "scoreModifiers": dict,
    "hybridParameters": dict,
    "facets": dict,
    "trackTotalHits": bool,
    "sortBy": dict,
    "relevanceCutoff": dict,
    "collapseFields": list,
    "rerankDepth": int,
    "interpolationMethod": str,
    "textQueryPrefix": str,
    "language": str,
    "approximateThreshold": (int, float),
}
SEARCH_LATER = (
    "reRanker",
    "boost",
    "context",
    "relevanceCutoff",
    "rerankDepth",
    "interpolationMethod",
    "textQueryPrefix",
)
METHODS = {"disjunction", "tensor", "lexical"}
RANKINGS = {"rrf", "tensor", "lexical"}
HYBRID: dict[str, Kinds] = {
    "retrievalMethod": str,
    "rankingMethod": str,
    "alpha": (int, float),
    "rrfK": int,
    "searchableAttributesLexical": list,
    "searchableAttributesTensor": list,
    "scoreModifiersLexical": dict,
    "scoreModifiersTensor": dict,
    "verbose": bool,
}
SORT_FIELDS_MAX = 3


def read_query(body: dict[str, Any], settings: dict[str, Any]) -> Query:
    """Raises ApiError for what cannot be asked, or not of an index with these settings."""
    for name in SEARCH_LATER:
        if body.get(name) not in (None, ""):
            raise _refused(f"{name} {NOT_YET}")
    method = body.get("searchMethod", "TENSOR").upper()
    if body.get("hybridParameters") and method != "HYBRID":
        raise _refused("hybridParameters can only be provided for 'HYBRID' search.")
    if method == "HYBRID" and body.get("searchableAttributes"):
        raise unprocessable("'searchableAttributes' cannot be used for HYBRID; hybridParameters has its own.")
    return Query(
        q=_q(body.get("q")),
        method=method,
        limit=body.get("limit", 10),
        offset=body.get("offset", 0),
        searched=_names(body, "searchableAttributes"),
        retrieved=_names(body, "attributesToRetrieve"),
        has_highlights=body.get("showHighlights", True),
        filter=body.get("filter") or None,
        hybrid=_hybrid(body.get("hybridParameters") or {}),
        modifiers=_modifiers(body.get("scoreModifiers"), "scoreModifiers"),
        sort=_sort(body.get("sortBy")),
        collapse=_collapse(body.get("collapseFields"), settings),
        facets=read_facets(body["facets"]) if body.get("facets") else None,
        has_total=body.get("trackTotalHits", False),
    )


def _q(q: Any) -> str | dict[str, float]:
    if q is None:
        raise _refused("q is required.")
    if isinstance(q, dict):
        if "customVector" in q:
            raise _refused(f"q with a customVector {NOT_YET}")
        if not (q and all(is_number(weight) for weight in q.values())):
            raise _refused("q must be text, or texts with a number each as their weight.")
        return q
    return str(q)


def _names(body: dict[str, Any], field: str) -> tuple[str, ...] | None:
    given = body.get(field)
    if given is None:
        return None
    if not all(isinstance(name, str) for name in given):
        raise unprocessable(f"Field '{field}' must be a list of field names.", field)
    return tuple(given)


def _hybrid(said: dict[str, Any]) -> Hybrid:
    given = _known(said, HYBRID, "hybridParameters")
    retrieval = given.get("retrievalMethod", "disjunction").lower()
    ranking = given.get("rankingMethod", "rrf").lower()
    if retrieval not in METHODS or ranking not in RANKINGS:
        raise _unprocessable_hybrid(
            f"retrievalMethod is one of {sorted(METHODS)}, rankingMethod of {sorted(RANKINGS)}"
        )
    if (retrieval == "disjunction") != (ranking == "rrf"):
        raise _unprocessable_hybrid("rankingMethod rrf goes with retrievalMethod disjunction, and no other does")
    if ranking != "rrf" and {"alpha", "rrfK"} & given.keys():
        raise _unprocessable_hybrid("alpha and rrfK can only be given with rankingMethod rrf")
    alpha, k = given.get("alpha", 0.5), given.get("rrfK", 60)
    if not 0 <= alpha <= 1 or k < 0:
        raise _unprocessable_hybrid("alpha is from 0 to 1, rrfK is not below 0")
    return Hybrid(
        retrieval=retrieval,
        ranking=ranking,
        alpha=float(alpha),
        rrf_k=k,
        searched_by_words=_names(given, "searchableAttributesLexical"),
        searched_by_meaning=_names(given, "searchableAttributesTensor"),
        by_words=_modifiers(given.get("scoreModifiersLexical"), "scoreModifiersLexical"),
        by_meaning=_modifiers(given.get("scoreModifiersTensor"), "scoreModifiersTensor"),
    )


def _unprocessable_hybrid(what: str) -> ApiError:
    return unprocessable(f"hybridParameters: {what}.", "hybridParameters")


def _modifiers(said: Any, where: str) -> Modifiers:
    if not said:
        return Modifiers()
    given = _known(said, {"multiply_score_by": list, "add_to_score": list}, where)
    if not given:
        raise _refused(f"Error validating score_modifiers: {where} needs multiply_score_by or add_to_score.")
    return Modifiers(*(tuple(_weights(given.get(key, []), where)) for key in ("multiply_score_by", "add_to_score")))


def _weights(said: list[Any], where: str) -> list[tuple[str, float]]:
    found = []
    for each in said:
        if not isinstance(each, dict) or each.keys() - {"field_name", "weight"} or not each.get("field_name"):
            raise _refused(f"Error validating score_modifiers: {where} holds objects of field_name and weight.")
        try:
            found.append((str(each["field_name"]), float(each.get("weight", 1))))
        except (TypeError, ValueError) as error:
            raise _refused(f"Error validating score_modifiers: {where}: weight must be a number.") from error
    return found


def _sort(said: Any) -> SortBy | None:
    if not said:
        return None
    given = _known(said, {"fields": list, "sortDepth": int, "minSortCandidates": int}, "sortBy")
    fields = given.get("fields") or []
    if not 1 <= len(fields) <= SORT_FIELDS_MAX:
        raise unprocessable(f"sortBy.fields must have from 1 to {SORT_FIELDS_MAX} fields.", "sortBy", "fields")
    return SortBy(tuple(map(_sort_field, fields)))


def _sort_field(said: Any) -> SortField:
    if not isinstance(said, dict):
        raise unprocessable("sortBy.fields must hold objects.", "sortBy", "fields")
    given = _known(said, {"fieldName": str, "order": str, "missing": str}, "sortBy.fields")
    order, missing = given.get("order", "desc"), given.get("missing", "last")
    if not given.get("fieldName") or order not in ("asc", "desc") or missing not in ("first", "last"):
        raise unprocessable("sortBy.fields: fieldName, order asc or desc, missing first or last.", "sortBy", "fields")
    return SortField(given["fieldName"], order == "desc", missing == "last")


def _collapse(said: Any, settings: dict[str, Any]) -> Collapse | None:
    if not said:
        return None
    if len(said) != 1 or not isinstance(said[0], dict) or said[0].keys() != {"name"}:
        raise _refused("collapseFields must hold one object with the name of a field.")
    known = [each["name"] for each in settings.get("collapseFields") or ()]
    if said[0]["name"] not in known:
        raise _refused(f"Index has no collapse field '{said[0]['name']}'. Its collapseFields: {', '.join(known)}.")
    return Collapse(said[0]["name"])


def _known(said: Any, fields: dict[str, Kinds], where: str) -> dict[str, Any]:
    """An object with no other fields than these, each null or of its type."""
    if not isinstance(said, dict):
        raise unprocessable(f"{where} must be an object.", where)
    for name, value in said.items():
        if name not in fields:
            raise unprocessable(f"{where}: extra fields not permitted: '{name}'.", where, name)
        if value is not None and not is_of(value, fields[name]):
            raise unprocessable(f"{where}.{name} has a value of the wrong type.", where, name)
    return {name: value for name, value in said.items() if value is not None}


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)
