"""What may be asked of a structured index: only what its fields are for; and what of it not at all."""

from collections.abc import Iterable
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.filters import Contains, OneOf, Term
from hippodrome.services.fake_cell.index import Index
from hippodrome.services.fake_cell.masks import terms_of
from hippodrome.services.fake_cell.query import Query
from hippodrome.services.fake_cell.schema import fields_of, with_feature

IN_VALUES_MAX = 10_000
IN_TYPES = {"text", "int", "long", "array<text>", "array<int>", "array<long>", "custom_vector"}


def check_permitted(query: Query, index: Index) -> None:
    """Raises ApiError 400. Of an unstructured index anything may be asked but some filters."""
    terms = tuple(terms_of(query.filter)) if query.filter else ()
    for term in terms:
        if isinstance(term, OneOf) and len(term.values) > IN_VALUES_MAX:
            what = f"which exceeds the maximum of {IN_VALUES_MAX} (MARQO_MAX_IN_FILTER_IDS)."
            raise _refused(f"The IN filter contains {len(term.values)} values, {what}")
    if index.is_structured:
        _check_structured(query, terms, index.settings, index.name)
        return
    texts = index.grown.names["lexical"]
    for term in terms:
        if isinstance(term, OneOf) and term.field != "_id":
            what = "on semi-structured indexes."
            raise _refused(f"The 'IN' filter keyword is only supported for the '_id' field {what}")
        if isinstance(term, Contains) and term.field not in texts:
            what = f"Available lexical fields: {', '.join(sorted(texts))}"
            raise _refused(f"CONTAINS filter field '{term.field}' is not found in index '{index.name}'. {what}")


def _check_structured(query: Query, terms: tuple[Term, ...], settings: dict[str, Any], index: str) -> None:
    _check_supported(query)
    tensors, words = settings["tensorFields"], with_feature(settings, "lexical_search")
    fields = fields_of(settings)
    if query.method == "LEXICAL" and not words:
        what = "thus lexical search cannot be performed. Please create an index with a lexically searchable field."
        raise ApiError(400, "invalid_argument", f"Index {index} has no lexically searchable fields, {what}")
    _check(index, query.retrieved, fields, "field", "fields", but=())
    by_meaning = query.searched if query.method == "TENSOR" else query.hybrid.searched_by_meaning
    by_words = query.searched if query.method == "LEXICAL" else query.hybrid.searched_by_words
    _check(index, by_meaning, tensors, "tensor field", "tensor fields")
    _check(index, by_words, words, "lexically searchable field", "lexically searchable fields")
    documents = query.wanted.context.documents
    _check(index, documents.tensor_fields if documents else None, tensors, "tensor field", "tensor fields")
    weighing = with_feature(settings, "score_modifier")
    for modifiers in (query.modifiers, query.hybrid.by_words, query.hybrid.by_meaning):
        names = [name.partition(".")[0] for name in modifiers.fields]
        _check(index, names, weighing, "score modifier field", "score modifier fields")
    _check_filter(terms, settings, index)


def _check_supported(query: Query) -> None:
    """What a hybrid search has for unstructured indexes alone."""
    asked_for = (
        ("Facets are", query.facets, ""),
        ("trackTotalHits is", query.has_total, ""),
        ("The 'sortBy' features is", query.sort, " created with Marqo version 2.22.0 or later "),
        ("The 'relevanceCutoff' feature is", query.cutoff, " created with Marqo version 2.13.0 or later "),
    )
    if query.recency:
        what = "Structured indexes do not support the recencyParameters option."
        message = f"Recency scoring is only supported for unstructured indexes. {what}"
        raise ApiError(400, "bad_request", message)
    for name, said, since in asked_for:
        if said:
            raise ApiError(400, "bad_request", f"{name} only supported for unstructured indexes{since}")


def _check(
    index: str,
    names: Iterable[str] | None,
    known: Iterable[str],
    one: str,
    many: str,
    *,
    but: Iterable[str] = ("_id",),
) -> None:
    for name in names or ():
        if name not in known and name not in but:
            what = f"Available {many} are: {', '.join(known)}"
            raise ApiError(400, "invalid_field_name", f"Index {index} has no {one} {name}. {what}")


def _check_filter(terms: Iterable[Term], settings: dict[str, Any], index: str) -> None:
    filterable, fields = (*with_feature(settings, "filter"), "_id"), fields_of(settings)
    for term in terms:
        if term.field not in filterable:
            what = f"Available filterable fields are: '{', '.join(filterable)}'"
            message = f"Index '{index}' has no filterable field '{term.field}'. {what}"
            raise ApiError(400, "invalid_field_name", message)
        if isinstance(term, Contains):
            raise _refused("The 'CONTAINS' filter keyword is not yet supported for structured indexes")
        kind = fields[term.field].type if term.field in fields else "text"
        if isinstance(term, OneOf):
            _check_in(term, kind)


def _check_in(term: OneOf, kind: str) -> None:
    if kind not in IN_TYPES:
        what = f"However, '{term.field}' is of unsupported type: '{kind}'."
        known = ", ".join(sorted(IN_TYPES))
        raise _refused(f"The IN filter operator is only supported for the following field types: {known}. {what}")
    if kind in ("int", "long", "array<int>", "array<long>"):
        for value in term.values:
            if not value.lstrip("-").isdecimal():
                what = f"but found list element '{value}', which is not of type 'int'."
                raise _refused(f"Attempting to use the IN filter operator on field: '{term.field}', {what}")


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)
