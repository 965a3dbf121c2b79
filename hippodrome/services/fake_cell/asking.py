"""Reading what a search asks for: the body of a request becomes a Query."""

from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.asked_facets import read_facets
from hippodrome.services.fake_cell.asked_hybrid import HYBRID, check_searched, read_hybrid
from hippodrome.services.fake_cell.asked_order import read_collapse, read_cutoff, read_modifiers, read_sort
from hippodrome.services.fake_cell.asked_recency import check_recency, read_recency
from hippodrome.services.fake_cell.asked_vectors import echoed, read_context, read_words
from hippodrome.services.fake_cell.bodies import Kinds, known, names_in, none_of, unprocessable
from hippodrome.services.fake_cell.filters import Node, parse
from hippodrome.services.fake_cell.index import Index
from hippodrome.services.fake_cell.interpolation import METHODS as INTERPOLATIONS
from hippodrome.services.fake_cell.names import asked_mistake
from hippodrome.services.fake_cell.permitted import check_permitted
from hippodrome.services.fake_cell.query import Query, words_of
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
    "recencyParameters": dict,
}
METHODS = ("HYBRID", "LEXICAL", "TENSOR")
CONTEXT_DOCUMENTS_MAX = 10
HYBRID_ALONE = (
    "hybridParameters",
    "facets",
    "recencyParameters",
    "trackTotalHits",
    "sortBy",
    "relevanceCutoff",
    "collapseFields",
)
LABELS = {"facets": "Facets", "hybridParameters": "Hybrid parameters", "recencyParameters": "Recency parameters"}


def read_query(body: dict[str, Any], index: Index) -> Query:
    """Raises ApiError for what cannot be asked, or not of this index."""
    method = body.get("searchMethod", "TENSOR").upper()
    if method not in METHODS:
        raise none_of("searchMethod", METHODS, "searchMethod")
    _check_together(body, method)
    how = known(body.get("hybridParameters") or {}, HYBRID, "hybridParameters")
    context, hybrid = read_context(body.get("context")), read_hybrid(how)
    meaning, words = _words(body, how, method, context)
    if method == "HYBRID":
        check_searched(hybrid, how, meaning, words, context)
    node = read_filter(body.get("filter"), excludes=bool(context.documents and context.documents.excludes))
    sort, knows_legs = read_sort(body.get("sortBy")), "hybridParameters" in body and hybrid.retrieval == "disjunction"
    query = Query(
        q=echoed(body.get("q")),
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
        modifiers=read_modifiers(body.get("scoreModifiers")),
        depth=body.get("rerankDepth"),
        sort=sort,
        collapse=read_collapse(body.get("collapseFields"), index.settings, sort),
        cutoff=read_cutoff(body.get("relevanceCutoff"), knows_legs=knows_legs),
        facets=read_facets(body["facets"], node) if body.get("facets") is not None else None,
        has_total=body.get("trackTotalHits", False),
        language=body.get("language"),
        recency=read_recency(body.get("recencyParameters")),
    )
    check_recency(query.recency, how, is_sorted=sort is not None)
    check_permitted(query, index)
    _check_unsupported(body, index.settings, method)
    return query


def read_filter(text: str | None, *, excludes: bool) -> Node | None:
    """`excludes`: whether the server adds documents that are not to be found, so that a blank is none at all."""
    return None if text is None or (excludes and not text.strip()) else parse(text)


def _check_together(body: dict[str, Any], method: str) -> None:
    """What one kind of search takes and the other does not."""
    if method != "HYBRID":
        for name in HYBRID_ALONE:
            if body.get(name) not in (None, False):
                raise unprocessable(_hybrid_alone(name, method), name)
    elif body.get("searchableAttributes") is not None:
        keys = "'searchableAttributesTensor' and/or 'searchableAttributesLexical' keys"
        hint = f"Instead, define the {keys} inside the 'hybridParameters' dict parameter."
        raise _refused(f"'searchableAttributes' cannot be used for hybrid search. {hint}")
    if body.get("image_download_headers") and body.get("mediaDownloadHeaders"):
        names = "imageDownloadHeaders(image_download_headers) and mediaDownloadHeaders"
        old = "'imageDownloadHeaders'(image_download_headers) is deprecated and will be removed in the future"
        message = f"Cannot set both {names}. {old}. Use mediaDownloadHeaders instead."
        raise unprocessable(message, "mediaDownloadHeaders")
    if body.get("sortBy") is not None and body.get("scoreModifiers") is not None:
        why = "as they are working in the same rerank phase"
        what = "Please use sortBy only for sorting by fields, and scoreModifiers only for modifying scores"
        both = "'sortBy' cannot be used with 'scoreModifiers'(global score modifiers) in hybrid search"
        raise unprocessable(f"{both} {why}. {what}", "sortBy")
    if method == "TENSOR" and body.get("language"):
        what = "Language specification only applies to lexical and hybrid search."
        raise unprocessable(f"language parameter is not supported for TENSOR search method. {what}", "language")
    if (boost := body.get("boost")) is not None:
        check_boost(boost, method)
    _check_nearest(body, method)
    _check_depth(body, method)


def _hybrid_alone(name: str, method: str) -> str:
    """In the server's words, which are not the same for each."""
    label = LABELS.get(name, name)
    if name in ("sortBy", "relevanceCutoff"):
        said = method if name == "sortBy" else f"'{method}'"
        return f"{label} can only be provided for 'HYBRID' search, but received search method {said}"
    return f"{label} can only be provided for 'HYBRID' search. Search method is {method}."


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
        message = f"'approximateThreshold' must be between 0 and 1, got {threshold}."
        raise unprocessable(message, "approximateThreshold")


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
        if method == "HYBRID":
            ways = "Query(q), context, hybridParameters.queryTensor, or hybridParameters.queryTensor"
            raise unprocessable(f"One of {ways} is required for HYBRID search but all are missing", "q")
        raise unprocessable(f"One of Query(q) or context is required for {method} search but both are missing", "q")
    if q is not None and own:
        what = "when hybridParameters.queryTensor or hybridParameters.queryLexical is provided"
        raise unprocessable(f"Query(q) cannot be provided for {method} search {what}", "q")
    if context.documents and method == "LEXICAL":
        raise unprocessable("Context is not supported for lexical search", "context")
    if context.documents and len(context.documents.ids) > CONTEXT_DOCUMENTS_MAX:
        what = f"Maximum allowed is {CONTEXT_DOCUMENTS_MAX}, but got {len(context.documents.ids)}."
        hint = "To increase, set the environment variable 'MARQO_MAX_SEARCH_CONTEXT_DOCS'"
        message = f"Search context documents limit exceeded. {what} {hint}"
        raise ApiError(400, "illegal_requested_doc_count", message)
    if method == "LEXICAL":
        _check_lexical(q)
    elif method == "TENSOR" and isinstance(q, str) and context != Context():
        what = "This is not supported as the context only works when the query is a dictionary."
        hint = "If you aim to search with your custom vectors, reformat the query as a dictionary."
        raise _refused(f"Marqo received a query = `{q}` with type =`str` and a parameter `context`.\n{what}{hint}")
    elif method == "HYBRID" and isinstance(q, dict):
        what = "use 'hybrid_parameters.queryTensor' instead of 'q'."
        raise _refused(f'To use multi-term query with search_method="HYBRID", {what}')
    if own:
        return read_words(how.get("queryTensor"), "queryTensor"), how.get("queryLexical")
    return q, q


def _check_lexical(q: Words) -> None:
    if isinstance(q, Given):
        both = 'search_method="HYBRID" and search_method="TENSOR"'
        raise _refused(f"Custom vector search is only supported for {both}.")
    if not isinstance(q, str):
        raise _refused('Multi-term query is not supported for search_method="LEXICAL"')


def _interpolation(body: dict[str, Any]) -> Any:
    method = body.get("interpolationMethod")
    if method is not None and method not in INTERPOLATIONS:
        raise none_of("interpolationMethod", INTERPOLATIONS, "interpolationMethod")
    return method


def _check_unsupported(body: dict[str, Any], settings: dict[str, Any], method: str) -> None:
    """What the server itself does not support, in its words."""
    for field in ("searchableAttributes", "attributesToRetrieve"):
        for name in body.get(field) or ():
            if mistake := asked_mistake(name):
                raise ApiError(400, "invalid_field_name", mistake)
    if settings["type"] == "structured":
        if method == "LEXICAL" and body.get("language") is not None:
            raise ApiError(400, "bad_request", "Language is not supported for structured indexes")
        if (body.get("hybridParameters") or {}).get("secondPhaseModifier"):
            what = "is only supported for unstructured indexes created with Marqo 2.24.11 or later "
            raise ApiError(400, "bad_request", f"'secondPhaseModifier' {what}")
    check_reranker(body)


def check_reranker(body: dict[str, Any]) -> None:
    """Raises ApiError 400 where one is asked for."""
    if body.get("reRanker") is not None:
        raise _refused("Reranker is no longer supported in Marqo version 2.17 and later")


def check_boost(boost: dict[str, Any], method: str) -> None:
    """Searches by meaning had boosts once, and the others never. Raises ApiError 400."""
    for name, weights in boost.items():
        if mistake := asked_mistake(name):
            raise ApiError(400, "invalid_field_name", f"Invalid boost dictionary. {mistake}")
        if method == "TENSOR":
            _check_weights(name, weights)
    if method != "TENSOR":
        raise _refused(f'Boosting is only supported for search_method="TENSOR". Received search_method={method}')
    raise _refused("Boosting is not currently supported with Vespa")


def _check_weights(name: str, weights: Any) -> None:
    """A weight and, if need be, a bias."""
    form = "Boost dictionaries have structure <attribute (string)>: <[weight (float), bias (float)]>\n"
    if not isinstance(weights, list | str):
        what = f"Found value of type `{type(weights)}` instead of Array. Value=`{weights}`"
        raise _refused(f"{form}{what}")
    if len(weights) not in (1, 2) or not all(isinstance(each, int | float) for each in weights):
        what = f"An attribute boost must have a weight float and optional bias float. Instead received `{weights}`"
        raise _refused(f"{form}{what}")


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)
