"""What a shop asks of a cell: filtered, counted, sorted, collapsed, weighed; and partial updates."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from hippodrome.shop.products import documents
from tests.services.conftest import Service
from tests.services.fake_cell.conftest import Index, assert_refused, index_in

PRODUCTS = list(documents(60))
HYBRID = {"searchMethod": "HYBRID"}


@pytest.fixture(scope="module")
def shop(cell: Service) -> Iterator[Index]:
    made = index_in(cell, model="random/small", collapseFields=[{"name": "parentProductId"}])
    for start in range(0, len(PRODUCTS), 128):
        told = made.add(*PRODUCTS[start : start + 128], tensor_fields=("productTitle",))
        assert not told["errors"], told
    yield made
    made.ask("DELETE")


def ids(**wanted: Any) -> set[str]:
    return {each["_id"] for each in PRODUCTS if all(each[name] == value for name, value in wanted.items())}


@pytest.mark.parametrize("method", ["TENSOR", "HYBRID"])
def test_an_empty_query_finds_all_that_the_filter_lets_through(shop: Index, method: str) -> None:
    found = shop.found("", filter="color:red", limit=1000, searchMethod=method)
    assert set(found) == ids(color="red")
    assert len(found) == len(set(found))


def test_a_star_finds_all_in_a_stable_order_page_by_page(shop: Index) -> None:
    whole = shop.found("*", searchMethod="LEXICAL", limit=1000)
    parts = [shop.found("*", searchMethod="LEXICAL", limit=50, offset=at) for at in range(0, len(PRODUCTS), 50)]
    assert [each for part in parts for each in part] == whole
    assert set(whole) == {each["_id"] for each in PRODUCTS}


def test_words_count_more_with_a_smaller_alpha(shop: Index) -> None:
    by_words = {**HYBRID, "hybridParameters": {"alpha": 0.0, "searchableAttributesLexical": ["color"]}}
    hits = shop.search("red", limit=len(ids(color="red")), **by_words)
    assert {hit["color"] for hit in hits} == {"red"}


@pytest.mark.parametrize("retrieval", ["lexical", "tensor"])
@pytest.mark.parametrize("ranking", ["lexical", "tensor"])
def test_one_kind_of_search_may_retrieve_and_the_other_rank(shop: Index, retrieval: str, ranking: str) -> None:
    how = {"retrievalMethod": retrieval, "rankingMethod": ranking}
    found = shop.found("sofa", limit=1000, hybridParameters=how, **HYBRID)
    assert len(found) == (len(ids(productType="sofa")) if retrieval == "lexical" else len(PRODUCTS))


def test_facets_count_what_a_hand_counts(shop: Index) -> None:
    fields = {
        "color": {"type": "string"},
        "productCollections": {"type": "array"},
        "price": {"type": "number"},
        "rating": {"type": "number", "ranges": [{"to": 3}, {"from": 3, "to": 4, "name": "good"}, {"from": 4}]},
        "absent": {"type": "string"},
    }
    body = {"q": "", "filter": "productCollections:home", "facets": {"fields": fields}, "trackTotalHits": True}
    told = shop.ask("POST", "/search", json={**body, **HYBRID}).json()
    home = [each for each in PRODUCTS if "home" in each["productCollections"]]
    assert told["totalHits"] == len(home)
    facets = told["facets"]
    assert {name: each["count"] for name, each in facets["color"].items()} == Counter(each["color"] for each in home)
    names = Counter(name for each in home for name in each["productCollections"])
    assert {name: each["count"] for name, each in facets["productCollections"].items()} == names
    prices = [each["price"] for each in home]
    assert facets["price"] == {
        "min": min(prices),
        "max": max(prices),
        "sum": pytest.approx(sum(prices)),
        "avg": pytest.approx(sum(prices) / len(prices)),
        "count": len(prices),
    }
    ranges = {name: each["count"] for name, each in facets["rating"].items()}
    ratings = [each["rating"] for each in home]
    assert ranges == {
        "-Inf:3.0": sum(rating < 3 for rating in ratings),
        "good": sum(3 <= rating < 4 for rating in ratings),
        "4.0:Inf": sum(rating >= 4 for rating in ratings),
    }
    assert facets["absent"] == {}
    counts = [each["count"] for each in facets["color"].values()]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize(
    "facets",
    [
        {},
        {"productCollections": {"type": "string"}},
        {"color": {"type": "array"}},
        {"inStock": {"type": "string"}},
        {"price": {"type": "number", "ranges": [{"from": -2, "to": -1}]}},
    ],
)
def test_a_facet_of_another_kind_and_a_range_without_any_count_nothing(shop: Index, facets: dict[str, Any]) -> None:
    told = shop.ask("POST", "/search", json={"q": "*", "facets": {"fields": facets}, **HYBRID}).json()
    assert told["facets"] == {name: {} for name in facets}


def test_collapsed_hits_come_once_a_product_and_facets_count_products(shop: Index) -> None:
    body = {"q": "", "limit": 1000, "collapseFields": [{"name": "parentProductId"}], "trackTotalHits": True}
    facets = {"fields": {"color": {"type": "string"}, "price": {"type": "number"}}}
    told = shop.ask("POST", "/search", json={**body, **HYBRID, "facets": facets}).json()
    parents = [hit["parentProductId"] for hit in told["hits"]]
    assert sorted(parents) == sorted({each["parentProductId"] for each in PRODUCTS})
    assert told["totalHits"] == len(parents)
    red = {each["parentProductId"] for each in PRODUCTS if each["color"] == "red"}
    assert told["facets"]["color"]["red"]["count"] == len(red)
    assert told["facets"]["price"] == {"count": len(parents)}


def test_sorting_goes_field_by_field_with_what_lacks_one_last_or_first(shop: Index) -> None:
    fields = [{"fieldName": "rating", "order": "asc"}, {"fieldName": "price"}, {"fieldName": "brand"}]
    hits = shop.search("", limit=1000, sortBy={"fields": fields}, **HYBRID)
    rows = [(hit["rating"], -hit["price"]) for hit in hits]
    assert rows == sorted(rows)
    bare = {"_id": "bare", "productTitle": "without a price", "parentProductId": "bare"}
    shop.add(bare, tensor_fields=("productTitle",))
    try:
        last = shop.found("", limit=1000, sortBy={"fields": [{"fieldName": "price", "order": "asc"}]}, **HYBRID)[-1]
        by_first = {"fieldName": "price", "order": "asc", "missing": "first"}
        first = shop.found("", limit=1, sortBy={"fields": [by_first], "minSortCandidates": 1000}, **HYBRID)
        assert (last, first) == ("bare", ["bare"])
    finally:
        shop.ask("POST", "/documents/delete-batch", json=["bare"])


@pytest.mark.parametrize("method", ["TENSOR", "LEXICAL", "HYBRID"])
def test_a_score_is_multiplied_by_and_added_to_what_a_field_says(shop: Index, method: str) -> None:
    plain = {hit["_id"]: hit["_score"] for hit in shop.search("sofa", limit=1000, searchMethod=method)}
    how = {"multiply_score_by": [{"field_name": "rating", "weight": 2}], "add_to_score": [{"field_name": "absent"}]}
    changed = shop.search("sofa", limit=1000, searchMethod=method, scoreModifiers=how)
    for hit in changed:
        assert hit["_score"] == pytest.approx(plain[hit["_id"]] * hit["rating"] * 2)
    assert [hit["_score"] for hit in changed] == sorted((hit["_score"] for hit in changed), reverse=True)


def test_a_partial_update_changes_its_fields_and_what_is_found_by_them(index: Index) -> None:
    index.add(
        {"_id": "1", "title": "a lamp", "note": "red lamp", "price": 1, "kept": "yes"}, tensor_fields=("title",)
    )
    body = {"documents": [{"_id": "1", "note": "blue vase", "price": 2}, {"_id": "2", "price": 1}]}
    told = index.ask("PATCH", "/documents", json=body).json()
    assert told["errors"] is True
    assert [(item["_id"], item["status"]) for item in told["items"]] == [("1", 200), ("2", 404)]
    stored = {"_id": "1", "title": "a lamp", "note": "blue vase", "price": 2, "kept": "yes"}
    assert index.document("1").json() == stored
    assert index.found("vase", searchMethod="LEXICAL") == ["1"]
    assert index.found("red", searchMethod="LEXICAL") == []
    assert index.search("a lamp")[0]["_score"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"_id": "1", "n": 1.5}, "Marqo vector store couldn't update the document"),
        ({"_id": "1", "f": 2}, "Marqo vector store couldn't update the document"),
        ({"_id": "1", "stock": {"a": 2.5}}, "Marqo vector store couldn't update the document"),
        ({"_id": "1", "fresh": "x"}, "fresh of type str does not exist in the original document"),
        ({"_id": "1", "fresh": ["x"]}, "only support updating existing string array fields"),
        ({"_id": "2", "fresh": "x"}, "fresh of type str does not exist"),
        ({"_id": "2", "stock": {"a": 2}}, "Marqo vector store couldn't update the document"),
    ],
)
def test_a_partial_update_keeps_to_the_fields_and_types_that_there_are(
    index: Index, document: dict[str, Any], words: str
) -> None:
    index.add({"_id": "1", "n": 1, "f": 1.5, "stock": {"a": 1}})
    told = index.ask("PATCH", "/documents", json={"documents": [document]}).json()
    assert [(item["_id"], item["status"]) for item in told["items"]] == [(document["_id"], 400)]
    assert words in told["items"][0]["error"]


def test_a_partial_update_replaces_mappings_and_may_bring_numbers(index: Index) -> None:
    index.add({"_id": "1", "stock": {"a": 1, "b": 2}}, {"_id": "2", "tags": ["x"], "note": "x"})
    change = {"_id": "1", "stock": {"b": 3}, "n": 1, "is_new": True, "tags": ["y"], "note": "y"}
    assert index.ask("PATCH", "/documents", json={"documents": [change]}).json()["errors"] is False
    assert index.document("1").json() == {name: change[name] for name in change if name != "stock"} | {"stock.b": 3}
    assert_refused(
        index.ask("PATCH", "/documents", json={"documents": [{"_id": "1", "a b": 1}]}), 400, "invalid_field_name"
    )


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ({}, "Document missing required field 'parentProductId'"),
        ({"parentProductId": 7}, "'parentProductId' must be of type string"),
        ({"parentProductId": " "}, "'parentProductId' cannot be empty"),
    ],
)
def test_a_document_of_an_index_that_collapses_says_its_group(shop: Index, group: dict[str, Any], words: str) -> None:
    (item,) = shop.add({"_id": "odd", **group})["items"]
    assert (item["status"], item["code"]) == (400, "invalid_argument")
    assert words in item["message"]


def test_the_group_of_a_document_stays_in_an_update(shop: Index) -> None:
    change = {"_id": PRODUCTS[0]["_id"], "parentProductId": "other"}
    (item,) = shop.ask("PATCH", "/documents", json={"documents": [change]}).json()["items"]
    assert item["status"] == 400
    assert "parentProductId of type str does not exist" in item["error"]


def test_an_index_has_a_hundred_fields_of_a_kind_and_no_more(index: Index) -> None:
    for kind, value in (("lexical", "x"), ("string array", ["x"])):
        names = [f"{kind[0]}{number}" for number in range(100)]
        index.add({"_id": "1", **dict.fromkeys(names[:60], value)}, {"_id": "2", **dict.fromkeys(names[60:], value)})
        body = {"documents": [{"_id": "3"}, {"_id": "4", "more" + kind[0]: value}], "tensorFields": []}
        assert_refused(index.ask("POST", "/documents", json=body), 400, "bad_request", f"100 {kind} fields")
    assert index.stats == (2, 0)


def test_a_partial_update_needs_no_content_type(index: Index) -> None:
    index.add({"_id": "1", "price": 1})
    told = index.ask("PATCH", "/documents", data='{"documents": [{"_id": "1", "price": 3}]}')
    assert told.json()["errors"] is False
    assert index.document("1").json()["price"] == 3


def test_all_documents_can_go_at_once(index: Index) -> None:
    index.add({"_id": "1", "title": "lamp"}, {"_id": "2", "title": "lamp"}, tensor_fields=("title",))
    assert index.ask("DELETE", "/documents/delete-all").json() == {"documentCount": 2}
    assert index.stats == (0, 0)
    assert index.found("lamp", searchMethod="LEXICAL") == []


def test_indexes_are_made_and_deleted_in_batches(cell: Service) -> None:
    names = ["batch-one", "batch-two"]
    made = cell.ask("POST", "/batch/indexes/create", json=[{"indexName": name} for name in names])
    assert made.json()["index_names"] == names
    bad = cell.ask("POST", "/batch/indexes/create", json=[{"indexName": "batch-three"}, {"indexName": "bad name"}])
    assert bad.status_code == 400
    listed = {each["indexName"] for each in cell.ask("GET", "/indexes").json()["results"]}
    assert set(names) <= listed
    assert "batch-three" not in listed
    assert cell.ask("POST", "/batch/indexes/delete", json=names).ok


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"facets": {"fields": {"price": {"type": "string", "ranges": [{"to": 1}]}}}}, 422),
        ({"facets": {"fields": {"price": {"type": "number", "ranges": [{"to": 5}, {"from": 4}]}}}}, 422),
        ({"facets": {"fields": {"price": {"type": "number", "ranges": [{"from": 5, "to": 5}]}}}}, 422),
        ({"facets": {"fields": {"price": {"type": "int"}}}}, 422),
        ({"facets": {"fields": {}, "max_results": 1}}, 422),
        ({"collapseFields": [{"name": "brand"}]}, 400),
        ({"scoreModifiers": {"multiply_score_by": [{"weight": 1}]}}, 400),
    ],
)
def test_what_cannot_be_counted_collapsed_or_weighed_is_refused(
    shop: Index, body: dict[str, Any], status: int
) -> None:
    code = {400: "invalid_argument", 422: "unprocessable_entity"}[status]
    assert_refused(shop.ask("POST", "/search", json={"q": "x", **HYBRID, **body}), status, code)


@pytest.mark.parametrize(
    "how",
    [
        {"retrievalMethod": "lexical"},
        {"rankingMethod": "tensor"},
        {"alpha": 2},
        {"alpha": 0.5, "retrievalMethod": "tensor", "rankingMethod": "tensor"},
        {"depth": 1},
        {"retrievalMethod": "guess"},
    ],
)
def test_a_hybrid_search_that_contradicts_itself_is_refused(shop: Index, how: dict[str, Any]) -> None:
    answer = shop.ask("POST", "/search", json={"q": "x", **HYBRID, "hybridParameters": how})
    assert_refused(answer, 422, "unprocessable_entity", "hybridParameters")
