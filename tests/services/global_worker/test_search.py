"""What a search, a collection's page and a look for similar products answer, by the settings of the index."""

from typing import Any

import pytest

from tests.services.global_worker.conftest import Shop, product

COLORS = {"color": {"type": "string"}}


def test_a_search_answers_what_the_api_documents(lamps: Shop) -> None:
    told = lamps.search("bulb", limit=1)
    assert told.keys() == {"hits", "query", "limit", "offset", "totalHits", "processingTimeMs"}
    assert (told["query"], told["limit"], told["offset"], told["totalHits"]) == ("bulb", 1, 0, 6)
    (hit,) = told["hits"]
    assert (hit["_id"], hit["productTitle"], hit["price"]) == ("f", "a bare bulb", 5)
    assert "color" not in hit  # which has to be asked for
    assert lamps.search("bulb", limit=1, attributesToRetrieve=["color"])["hits"][0]["color"] == "green"


def test_without_words_everything_is_found(lamps: Shop) -> None:
    assert sorted(lamps.found("")) == sorted(lamps.found()) == list("abcdef")


def test_a_word_finds_what_its_synonym_names(shop: Shop) -> None:
    shop.add(*(product(str(n), title) for n, title in enumerate(["a red couch", "a chair", "a shelf", "a sofa bed"])))
    shop.settings(synonyms=[["sofa", "Couch"], ["chair", "seat"]])
    assert set(shop.found("red SOFA", limit=2)) == {"0", "3"}
    assert shop.search("red SOFA")["query"] == "red SOFA"


@pytest.mark.parametrize("q", ["sale", " SALE "])
def test_a_redirect_of_the_settings_is_about_the_whole_query(lamps: Shop, q: str) -> None:
    lamps.settings(redirects=[{"query": "Sale", "url": "/sale"}])
    assert lamps.search(q)["redirect"] == "/sale"
    assert "redirect" not in lamps.search("sale lamp")
    assert "redirect" not in lamps.told("collections", collectionName="sale")


def test_a_redirect_rule_is_named_and_the_hits_come_all_the_same(lamps: Shop) -> None:
    lamps.rules({"type": "redirect", "url": "/lamps", "scope": {"kind": "query", "value": "lamp"}})
    told = lamps.search("lamp")
    assert (told["redirect"], len(told["hits"])) == ("/lamps", 6)
    assert lamps.applied("lamp") == ["rule-1"]


def test_facets_are_those_of_the_settings_unless_others_are_asked_for(lamps: Shop) -> None:
    lamps.settings(facets=COLORS)
    counts = {name: each["count"] for name, each in lamps.search("lamp")["facets"]["color"].items()}
    assert counts == {"red": 2, "blue": 2, "green": 2}
    asked = lamps.search("lamp", facets={"fields": {"price": {"type": "number"}}})["facets"]
    assert asked["price"]["max"] == 50
    assert "facets" not in lamps.search("lamp", facets={})


def test_facets_count_the_whole_list_when_something_is_pinned(lamps: Shop) -> None:
    lamps.settings(facets=COLORS).rules({"type": "pin", "pins": [{"id": "f", "position": 2}]})
    told = lamps.search("lamp", limit=2)
    assert {name: each["count"] for name, each in told["facets"]["color"].items()} == {
        "red": 2,
        "blue": 2,
        "green": 2,
    }


def test_the_settings_say_the_order_unless_the_shopper_does(lamps: Shop) -> None:
    lamps.settings(defaultSort=[{"fieldName": "price", "order": "desc"}])
    assert lamps.found("lamp") == ["e", "d", "c", "b", "a", "f"]
    assert lamps.found("lamp", sortBy={"fields": [{"fieldName": "price", "order": "asc"}]})[0] == "f"


def test_each_product_comes_once_where_the_settings_say_so(shop: Shop) -> None:
    shop.add(*(product(f"{name}{n}", f"lamp {n}", parentProductId=name) for name in "ab" for n in range(3)))
    assert len(shop.found("lamp")) == 6
    shop.settings(collapse=True)
    assert sorted(name[0] for name in shop.found("lamp")) == ["a", "b"]


def test_words_are_looked_for_in_the_searchable_fields(shop: Shop) -> None:
    filling = [product(f"x{n}", f"shelf {n}") for n in range(5)]
    shop.add(product("t", "velvet"), product("d", "thing", description="velvet velvet velvet"), *filling)
    shop.settings(searchableFields={"productTitle": 3, "description": 0})
    assert shop.found("velvet")[0] == "t"
    shop.settings(searchableFields={"description": 1})
    scores = {hit["_id"]: hit["_score"] for hit in shop.search("velvet", limit=9)["hits"]}
    assert scores["d"] > max(scores[each["_id"]] for each in filling)


def test_similar_products_are_neither_the_same_nor_variants_nor_hidden(shop: Shop) -> None:
    shop.add(*(product(f"lamp{n}", f"brass lamp {n}", parentProductId=f"p{n // 2}") for n in range(6)))
    shop.add(product("rug", "woollen rug"))
    shop.rules({"type": "hide", "documentIds": ["lamp4"]}, {"type": "pin", "pins": [{"id": "rug", "position": 1}]})
    told = shop.told("recommendations/similar", documentIds=["lamp0"], limit=3)
    assert {hit["_id"] for hit in told["hits"]} == {"lamp2", "lamp3", "lamp5"}
    only = shop.told("recommendations/similar", documentIds=["lamp0"], filter="_id:rug")
    assert [hit["_id"] for hit in only["hits"]] == ["rug"]


def test_what_is_similar_to_nothing_that_is_there_is_not_found(shop: Shop) -> None:
    answer = shop.ask("recommendations/similar", documentIds=["gone"])
    assert (answer.status_code, answer.json()["code"]) == (404, "document_not_found")


def test_a_field_that_is_kept_for_exports_is_never_shown(shop: Shop) -> None:
    shop.add(product("a", "lamp", ecomBucket=7))
    shown = shop.search("lamp", attributesToRetrieve=["ecomBucket", "productTitle"])["hits"]
    assert [hit.keys() for hit in shown] == [{"_id", "_score", "productTitle"}]


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("search", {"q": 1}, "q"),
        ("search", {"q": "x", "limit": "10"}, "limit"),
        ("search", {"q": "x", "limit": 1.5}, "limit"),
        ("search", {"q": "x", "facets": ["color"]}, "facets"),
        ("search", {"q": "x", "attributesToRetrieve": ["a", 1]}, "attributesToRetrieve"),
        ("search", {"query": "x"}, "query"),
        ("collections", {}, "collectionName"),
        ("collections", {"collectionName": "x", "q": "y"}, "q"),
        ("recommendations/similar", {"documentIds": []}, "documentIds"),
    ],
)
def test_a_wrong_field_is_named(shop: Shop, what: str, body: dict[str, Any], field: str) -> None:
    answer = shop.ask(what, **body)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "unprocessable_entity")
    assert told["detail"][0]["loc"] == [field]
    assert field in told["message"]


@pytest.mark.parametrize("page", [{"limit": 0}, {"limit": 1001}, {"offset": -1}, {"limit": 1, "offset": 10_000}])
def test_a_page_outside_of_what_can_be_asked_is_refused(shop: Shop, page: dict[str, int]) -> None:
    answer = shop.ask("search", q="x", **page)
    assert (answer.status_code, answer.json()["code"]) == (400, "illegal_requested_doc_count")


def test_what_is_null_counts_as_not_said(lamps: Shop) -> None:
    assert lamps.found("lamp", filter=None, facets=None, sortBy=None) == lamps.found("lamp")
