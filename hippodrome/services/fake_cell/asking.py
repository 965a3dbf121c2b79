"""Reading what a search asks for: the body of a request becomes a Query."""

from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.asked_facets import read_facets
from hippodrome.services.fake_cell.asked_order import read_collapse, read_cutoff, read_modifiers, read_sort
from hippodrome.services.fake_cell.asked_vectors import read_context, read_words
from hippodrome.services.fake_cell.bodies import Kinds, known, names_in, unprocessable
from hippodrome.services.fake_cell.filters import parse
from hippodrome.services.fake_cell.interpolation import METHODS as INTERPOLATIONS
from hippodrome.services.fake_cell.names import asked_mistake
from hippodrome.services.fake_cell.permitted import check_permitted
from hippodrome.services.fake_cell.query import Hybrid, Query, words_of
from hippodrome.services.fake_cell.vectors import Context, Given, Wanted, Words

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
METHODS = ("HYBRID", "LEXICAL", "TENSOR")
HYBRID_ALONE = ("hybridParameters", "facets", "trackTotalHits", "sortBy", "relevanceCutoff", "collapseFields")
RETRIEVALS = ("disjunction", "lexical", "tensor")
RANKINGS = ("lexical", "rrf", "tensor")
HYBRID: dict[str, Kinds] = {
    "retrievalMethod": str,
    "rankingMethod": str,
    "alpha": (int, float),
    "rrfK": int,
    "searchableAttributesLexical": list,
    "searchableAttributesTensor": list,
    "scoreModifiersLexical": dict,
    "scoreModifiersTensor": dict,
    "rerankDepthLexical": int,
    "rerankDepthTensor": int,
    "queryLexical": str,
    "queryTensor": (str, dict),
    "verbose": bool,
}


def read_query(body: dict[str, Any], settings: dict[str, Any], index: str) -> Query:
    """Raises ApiError for what cannot be asked, or not of an index with these settings."""
    method = body.get("searchMethod", "TENSOR").upper()
    if method not in METHODS:
        raise unprocessable(f"searchMethod must be one of {', '.join(METHODS)}, not {method}.", "searchMethod")
    _check_together(body, method)
    how = known(body.get("hybridParameters") or {}, HYBRID, "hybridParameters")
    context = read_context(body.get("context"))
    meaning, words = _words(body, how, method, context)
    node = parse(body["filter"]) if body.get("filter") else None
    sort, hybrid = read_sort(body.get("sortBy")), _hybrid(how)
    query = Query(
        q=body.get("q"),
        wanted=Wanted(meaning, context, _interpolation(body), body.get("textQueryPrefix")),
        words=words_of(words),
        method=method,
        limit=body.get("limit", 10),
        offset=body.get("offset", 0),
        searched=names_in(body, "searchableAttributes"),
        retrieved=names_in(body, "attributesToRetrieve"),
        has_highlights=body.get("showHighlights", True),
        filter=node,
        hybrid=hybrid,
        modifiers=read_modifiers(body.get("scoreModifiers"), "scoreModifiers"),
        depth=body.get("rerankDepth"),
        sort=sort,
        collapse=read_collapse(body.get("collapseFields"), settings, sort),
        cutoff=read_cutoff(body.get("relevanceCutoff"), is_disjunction=hybrid.retrieval == "disjunction"),
        facets=read_facets(body["facets"], node) if body.get("facets") is not None else None,
        has_total=body.get("trackTotalHits", False),
    )
    check_permitted(query, settings, index)
    _check_unsupported(body)
    return query


def _check_together(body: dict[str, Any], method: str) -> None:
    """What one kind of search takes and the other does not."""
    if method != "HYBRID":
        for name in HYBRID_ALONE:
            if body.get(name) not in (None, False):
                label = {"facets": "Facets", "hybridParameters": "Hybrid parameters"}.get(name, name)
                what = f"can only be provided for 'HYBRID' search. Search method is {method}."
                raise unprocessable(f"{label} {what}", name)
    elif body.get("searchableAttributes") is not None:
        hint = "Use hybridParameters.searchableAttributesTensor and .searchableAttributesLexical."
        raise _refused(f"'searchableAttributes' cannot be used for hybrid search. {hint}")
    if body.get("image_download_headers") and body.get("mediaDownloadHeaders"):
        raise unprocessable(
            "Cannot set both image_download_headers and mediaDownloadHeaders.", "mediaDownloadHeaders"
        )
    if body.get("sortBy") is not None and body.get("scoreModifiers") is not None:
        raise unprocessable("'sortBy' cannot be used with 'scoreModifiers' in hybrid search.", "sortBy")
    if method == "TENSOR" and body.get("language"):
        raise unprocessable("language parameter is not supported for TENSOR search method.", "language")
    _check_nearest(body, method)
    _check_depth(body, method)


def _check_nearest(body: dict[str, Any], method: str) -> None:
    """What is said of the search for the nearest; here all are looked at, so it changes nothing."""
    if method == "LEXICAL":
        for name in ("efSearch", "approximate"):
            if name in body:
                raise _refused(f"{name} is not a valid argument for lexical search")
    if body.get("efSearch", 1) <= 0:
        raise _refused("efSearch must be greater than 0")
    threshold = body.get("approximateThreshold")
    if threshold is None:
        return
    if method == "LEXICAL":
        what = "is only valid for 'HYBRID' and 'TENSOR' search methods"
        raise unprocessable(f"'approximateThreshold' {what}", "approximateThreshold")
    if body.get("approximate") is False:
        raise unprocessable(
            "'approximateThreshold' cannot be set when 'approximate' is False", "approximateThreshold"
        )
    if not 0 <= threshold <= 1:
        raise unprocessable("'approximateThreshold' must be between 0 and 1", "approximateThreshold")


def _check_depth(body: dict[str, Any], method: str) -> None:
    depth = body.get("rerankDepth")
    if depth is None:
        return
    if method == "LEXICAL":
        raise unprocessable("'rerankDepth' is currently not supported for 'LEXICAL' search method.", "rerankDepth")
    ranking = (body.get("hybridParameters") or {}).get("rankingMethod", "rrf")
    if method == "HYBRID" and ranking != "rrf":
        what = "is currently only supported for 'HYBRID' search with the 'RRF' rankingMethod."
        raise unprocessable(f"'rerankDepth' {what}", "rerankDepth")
    if depth < 0:
        raise unprocessable("rerankDepth cannot be negative.", "rerankDepth")


def _words(body: dict[str, Any], how: dict[str, Any], method: str, context: Context) -> tuple[Words, Words]:
    """What is searched for by meaning, and by words."""
    q = read_words(body.get("q"))
    if q is None and method == "LEXICAL":
        raise unprocessable("Query(q) is required for lexical search", "q")
    own = how.get("queryTensor") is not None or how.get("queryLexical") is not None
    if q is None and context == Context() and not own:
        raise unprocessable(f"One of Query(q) or context is required for {method} search but both are missing", "q")
    if q is not None and own:
        what = "when hybridParameters.queryTensor or hybridParameters.queryLexical is provided"
        raise unprocessable(f"Query(q) cannot be provided for {method} search {what}", "q")
    if method == "LEXICAL":
        _check_lexical(q, context)
    elif method == "TENSOR" and isinstance(q, str) and context != Context():
        what = "This is not supported as the context only works when the query is a dictionary."
        raise _refused(f"Cannot use 'context' for a search with a string 'q'. {what}")
    elif method == "HYBRID" and isinstance(q, dict):
        what = "To use multi-term query with search_method=HYBRID, use hybridParameters.queryTensor."
        raise _refused(f"Multi-query search is only supported for search_method=TENSOR. {what}")
    if own:
        return read_words(how.get("queryTensor"), "queryTensor"), how.get("queryLexical")
    return q, q


def _check_lexical(q: Words, context: Context) -> None:
    if context != Context():
        raise unprocessable("Context is not supported for lexical search", "context")
    if isinstance(q, Given):
        raise _refused("Custom vector search is only supported for search_method HYBRID or TENSOR, not LEXICAL.")
    if not isinstance(q, str):
        raise _refused("Multi-term query is not supported for search_method LEXICAL: q must be text.")


def _hybrid(given: dict[str, Any]) -> Hybrid:
    retrieval = given.get("retrievalMethod", "disjunction").lower()
    ranking = given.get("rankingMethod", "rrf").lower()
    _check_methods(given, retrieval, ranking)
    alpha, k = given.get("alpha", 0.5), given.get("rrfK", 60)
    if not 0 <= alpha <= 1:
        raise _wrong("alpha can only be between 0 and 1")
    if not 0 <= k <= 10**9:
        raise _wrong("rrfK can only be greater than or equal to 0")
    depths = given.get("rerankDepthLexical"), given.get("rerankDepthTensor")
    if depths[0] is not None and (depths[0] < 1 or retrieval == "tensor"):
        raise _wrong("rerankDepthLexical is at least 1, and can only be set when 'lexical' hits are retrieved")
    if depths[1] is not None and depths[1] < 0:
        raise _wrong("rerankDepthTensor cannot be negative")
    return Hybrid(
        retrieval=retrieval,
        ranking=ranking,
        alpha=float(alpha),
        rrf_k=k,
        searched_by_words=names_in(given, "searchableAttributesLexical"),
        searched_by_meaning=names_in(given, "searchableAttributesTensor"),
        by_words=read_modifiers(given.get("scoreModifiersLexical"), "scoreModifiersLexical"),
        by_meaning=read_modifiers(given.get("scoreModifiersTensor"), "scoreModifiersTensor"),
        depth_by_words=depths[0],
        depth_by_meaning=depths[1],
    )


def _check_methods(given: dict[str, Any], retrieval: str, ranking: str) -> None:
    """Which goes with which, and what is of no use then."""
    if retrieval not in RETRIEVALS or ranking not in RANKINGS:
        raise _wrong(f"retrievalMethod is one of {', '.join(RETRIEVALS)}, rankingMethod of {', '.join(RANKINGS)}")
    if retrieval == "disjunction" and ranking != "rrf":
        raise _wrong("For retrievalMethod: disjunction, rankingMethod must be: rrf")
    if retrieval != "disjunction" and ranking == "rrf":
        raise _wrong("For retrievalMethod: tensor or lexical, rankingMethod must be: tensor or lexical")
    for name in ("alpha", "rrfK"):
        if name in given and ranking != "rrf":
            raise _wrong(f"'{name}' can only be defined for 'rrf' ranking method")
    for side in ("Lexical", "Tensor"):
        is_used = retrieval == "disjunction" or side.lower() in (retrieval, ranking)
        if f"searchableAttributes{side}" in given and not is_used:
            raise _wrong(f"'searchableAttributes{side}' can only be defined where '{side.lower()}' takes part")
        is_ranked = ranking in ("rrf", side.lower()) or (side == "Lexical" and retrieval == "lexical")
        if f"scoreModifiers{side}" in given and not is_ranked:
            raise _wrong(f"'scoreModifiers{side}' can only be defined for '{side.lower()}', 'rrf' ranking methods")


def _interpolation(body: dict[str, Any]) -> Any:
    method = body.get("interpolationMethod")
    if method is not None and method not in INTERPOLATIONS:
        raise unprocessable(f"interpolationMethod must be one of {', '.join(INTERPOLATIONS)}.", "interpolationMethod")
    return method


def _check_unsupported(body: dict[str, Any]) -> None:
    """What the server itself does not support, in its words."""
    if body.get("boost") is not None:
        raise _refused("Boosting is not currently supported with Vespa")
    for field in ("searchableAttributes", "attributesToRetrieve"):
        for name in body.get(field) or ():
            if mistake := asked_mistake(name):
                raise ApiError(400, "invalid_field_name", mistake)
    if body.get("reRanker") is not None:
        check_reranker(body["reRanker"], body.get("searchableAttributes"))


def check_reranker(name: str, searched: Any) -> None:
    """There are no models for reranking here. Raises ApiError 400."""
    if searched is None:
        what = "Specify which fields to search and rerank over."
        raise _refused(f"searchable_attributes cannot be None when re-ranking. {what}")
    raise ApiError(400, "bad_request", f"reranking failure due to could not find model_name={name} for reranking.")


def _wrong(what: str) -> ApiError:
    return unprocessable(f"hybridParameters: {what}.", "hybridParameters")


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)
