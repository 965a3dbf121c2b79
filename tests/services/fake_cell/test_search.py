"""Searching by meaning, by words and by both, as a client sees it."""

from typing import Any

import pytest

from tests.services.conftest import Service
from tests.services.fake_cell.conftest import Index, assert_refused, index_in

TITLES = {
    "lamp": "A brass reading lamp for the desk",
    "light": "Reading light, clips to a book",
    "horse": "A wooden rocking horse",
    "saddle": "Leather saddle for a horse",
    "teapot": "Teapot of blue porcelain",
}


@pytest.fixture(scope="session")
def shop(cell: Service) -> Index:
    """Five things; nobody changes it."""
    index = index_in(cell)
    things: list[dict[str, Any]] = [{"_id": name, "title": title, "price": 1} for name, title in TITLES.items()]
    index.add(*things, {"_id": "no-vector", "note": "horse horse horse"}, tensor_fields=("title",))
    return index


def test_the_very_text_of_a_document_scores_one_and_comes_first(shop: Index) -> None:
    for name, title in TITLES.items():
        first, second, *_ = shop.search(title)
        assert first["_id"] == name
        assert first["_score"] == pytest.approx(1.0, abs=1e-5)
        assert second["_score"] < 0.99


def test_closer_text_ranks_higher(shop: Index) -> None:
    assert set(shop.found("a lamp for reading", limit=2)) == {"lamp", "light"}
    assert set(shop.found("horses", limit=2)) == {"horse", "saddle"}
    assert shop.found("blue tea pots of porcelain", limit=1) == ["teapot"]
    assert shop.found("a bras raeding lamp", limit=1) == ["lamp"]  # misspelt


def test_scores_fall_from_the_first_to_the_last_and_lie_between_zero_and_one(shop: Index) -> None:
    scores = [hit["_score"] for hit in shop.search("a lamp for reading")]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_a_document_without_vectors_is_never_found_by_meaning(shop: Index) -> None:
    assert sorted(shop.found("horse")) == sorted(TITLES)
    assert "no-vector" in shop.found("horse", searchMethod="LEXICAL")


def test_what_came_closest_is_highlighted(cell: Service) -> None:
    index = index_in(cell, textPreprocessing={"splitLength": 1})
    index.add(
        {"_id": "1", "text": "It snowed all day. The horse was fed.", "title": "News"},
        tensor_fields=("text", "title"),
    )
    assert index.search("a horse is fed")[0]["_highlights"] == [{"text": "The horse was fed."}]
    assert index.search("news")[0]["_highlights"] == [{"title": "News"}]
    assert "_highlights" not in index.search("news", showHighlights=False)[0]
    assert index.search("news", searchMethod="LEXICAL")[0]["_highlights"] == []


def test_only_the_fields_that_are_searched_count(cell: Service) -> None:
    index = index_in(cell)
    fields = ("front", "back")
    index.add(
        {"_id": "1", "front": "apple", "back": "pear"},
        {"_id": "2", "front": "pear", "back": "plum"},
        tensor_fields=fields,
    )
    for method in ("TENSOR", "LEXICAL"):
        how = {"searchMethod": method, "limit": 1}
        assert index.found("pear", searchableAttributes=["back"], **how) == ["1"]
        assert index.found("pear", searchableAttributes=["front"], **how) == ["2"]
        assert index.found("pear", searchableAttributes=["sideways"], **how) == []


def test_only_the_fields_that_are_asked_for_are_told(shop: Index) -> None:
    for fields, told in ((["price"], {"price"}), ([], set()), (["absent"], set()), (None, {"title", "price"})):
        hit = shop.search("teapot", limit=1, attributesToRetrieve=fields)[0]
        assert hit.keys() - {"_id", "_score", "_highlights"} == told


def test_the_answer_says_what_was_asked(shop: Index) -> None:
    told = shop.ask("POST", "/search?&device=cpu", json={"q": "teapot", "limit": 2, "offset": 1}).json()
    assert (told["query"], told["limit"], told["offset"], len(told["hits"])) == ("teapot", 2, 1, 2)
    assert isinstance(told["processingTimeMs"], int)


@pytest.mark.parametrize("method", ["TENSOR", "LEXICAL", "HYBRID", "hybrid"])
def test_pages_follow_one_another_without_gap_or_repeat(cell: Service, method: str) -> None:
    index = index_in(cell)
    index.add(*({"_id": f"{n:02}", "title": "the same horse"} for n in range(25)), tensor_fields=("title",))
    pages = [index.found("horse", searchMethod=method, limit=7, offset=start) for start in range(0, 28, 7)]
    assert [len(page) for page in pages] == [7, 7, 7, 4]
    paged = [name for page in pages for name in page]
    assert sorted(paged) == [f"{n:02}" for n in range(25)]
    assert paged == index.found("horse", searchMethod=method, limit=25)


def test_texts_with_weights_are_weighed(shop: Index) -> None:
    assert shop.found({"horse": 1.0, "leather": 1.0}, limit=1) == ["saddle"]
    assert shop.found({"horse": 1.0, "leather saddle": -0.5}, limit=1) == ["horse"]
    assert shop.found({"teapot": 1e-12, "horse": 0}, limit=1) == ["teapot"]
    assert shop.found({"teapot": 1e300}, limit=1) == ["teapot"]
    assert shop.search({"horse": "1.0", "leather": "1"}) == shop.search({"horse": 1.0, "leather": 1.0})


def test_words_are_ored_without_case_and_rare_ones_count_more(shop: Index) -> None:
    found = shop.found("A ROCKING horse", searchMethod="LEXICAL")
    assert found[0] == "horse"
    assert set(found) == {"horse", "saddle", "no-vector", "lamp", "light"}


def test_a_quoted_phrase_must_stand_word_after_word(shop: Index) -> None:
    assert shop.found('"reading lamp"', searchMethod="LEXICAL") == ["lamp"]
    assert shop.found('"lamp reading"', searchMethod="LEXICAL") == []
    assert shop.found('leather "for a horse"', searchMethod="LEXICAL") == ["saddle"]
    assert shop.found('desk "for a horse"', searchMethod="LEXICAL") == []


def test_no_word_finds_nothing_and_a_star_finds_all(shop: Index) -> None:
    for nothing in ("", "  ", "?!", "xyzzy"):
        assert shop.found(nothing, searchMethod="LEXICAL") == []
    assert len(shop.found("*", searchMethod="LEXICAL")) == 6


def test_an_empty_query_by_meaning_finds_all_that_has_vectors(shop: Index) -> None:
    assert sorted(shop.found("")) == sorted(TITLES)


def test_both_together_find_what_either_finds(shop: Index) -> None:
    hits = shop.search("rocking horse", searchMethod="HYBRID")
    assert hits[0]["_id"] == "horse"
    assert {hit["_id"] for hit in hits} == {*TITLES, "no-vector"}
    assert hits[0]["_score"] == pytest.approx(0.5 / 61 + 0.5 / 61)  # first in both
    by_words = next(hit for hit in hits if hit["_id"] == "no-vector")
    assert by_words["_highlights"] == []


def test_an_empty_index_finds_nothing(index: Index) -> None:
    for method in ("TENSOR", "LEXICAL", "HYBRID"):
        assert index.search("anything", searchMethod=method) == []


def test_what_was_replaced_or_deleted_is_found_no_more(index: Index) -> None:
    index.add({"_id": "1", "title": "lantern"}, {"_id": "2", "title": "anchor"}, tensor_fields=("title",))
    index.add({"_id": "1", "title": "compass"}, tensor_fields=("title",))
    assert index.found("lantern", searchMethod="LEXICAL") == []
    assert index.found("compass", limit=1) == ["1"]
    index.ask("POST", "/documents/delete-batch", json=["1"])
    assert index.found("compass") == ["2"]
    assert index.found("compass", searchMethod="LEXICAL") == []


def test_the_same_query_scores_the_same_in_another_index(shop: Index) -> None:
    twin = index_in(shop.cell)
    twin.add(*({"_id": name, "title": title, "price": 1} for name, title in TITLES.items()), tensor_fields=("title",))
    assert twin.search("a lamp for reading") == shop.search("a lamp for reading")


def test_a_number_is_taken_for_a_text(shop: Index) -> None:
    assert shop.ask("POST", "/search", json={"q": 7}).json()["query"] == "7"
    assert shop.found(7) == shop.found("7")


def test_a_filter_asks_for_words_of_a_field(shop: Index) -> None:
    assert shop.found("*", searchMethod="LEXICAL", filter="note CONTAINS horses") == ["no-vector"]
    assert shop.found("*", searchMethod="LEXICAL", filter="note CONTAINS (horse vase)") == []
    assert "no-vector" not in shop.found("x", filter="NOT note CONTAINS Horse")


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({}, 422, "unprocessable_entity", "Query(q)"),
        ({"q": None}, 422, "unprocessable_entity", "Query(q)"),
        ({"q": ["x"]}, 422, "unprocessable_entity", "'q'"),
        ({"q": {}}, 400, "invalid_argument", "at least one query"),
        ({"q": {"a": "b"}}, 422, "unprocessable_entity", "<string>:<float>"),
        ({"q": {"a": [1]}}, 422, "unprocessable_entity", "<string>:<float>"),
        ({"q": "x", "boost": {"a": [1]}, "searchMethod": "HYBRID"}, 400, "invalid_argument", "only supported for"),
        ({"q": "x", "boost": {"a/b": [1]}}, 400, "invalid_field_name", "Invalid boost dictionary"),
        ({"q": "x", "reRanker": "any"}, 400, "invalid_argument", "no longer supported in Marqo version 2.17"),
        ({"q": "x", "filter": "NOT price IN (1)"}, 400, "invalid_argument", "only supported for the '_id' field"),
        ({"q": "x", "filter": f"_id IN ({'1,' * 10_000}1)"}, 400, "invalid_argument", "exceeds the maximum of 10000"),
        ({"q": {"a": 0}}, 400, "invalid_argument", "all zero weights"),
        ({"q": {"a": 1, "A": -1}}, 400, "bad_request", "Zero magnitude"),
        ({"q": {"customVector": {"vector": [1]}}}, 400, "invalid_argument", "same dimension"),
        ({"q": {"a": 1}, "searchMethod": "LEXICAL"}, 400, "invalid_argument", "LEXICAL"),
        ({"q": {"a": 1}, "searchMethod": "HYBRID"}, 400, "invalid_argument", "HYBRID"),
        ({"q": "x", "searchMethod": "GUESS"}, 422, "unprocessable_entity", "searchMethod"),
        ({"q": "x", "limit": 0}, 400, "illegal_requested_doc_count", "result_count"),
        ({"q": "x", "limit": 1001}, 400, "illegal_requested_doc_count", "1000"),
        ({"q": "x", "limit": 10**30}, 400, "illegal_requested_doc_count", "limit"),
        ({"q": "x", "offset": -1}, 400, "illegal_requested_doc_count", "offset"),
        ({"q": "x", "limit": 1000, "offset": 9001}, 400, "illegal_requested_doc_count", "10000"),
        ({"q": "x", "limit": "ten"}, 422, "unprocessable_entity", "'limit'"),
        ({"q": "x", "limit": True}, 422, "unprocessable_entity", "'limit'"),
        ({"q": "x", "limit": 1.5}, 422, "unprocessable_entity", "'limit'"),
        ({"q": "x", "search_method": "TENSOR"}, 422, "unprocessable_entity", "search_method"),
        ({"q": "x", "attributesToRetrieve": "title"}, 422, "unprocessable_entity", "attributesToRetrieve"),
        ({"q": "x", "searchableAttributes": [[1]]}, 422, "unprocessable_entity", "searchableAttributes"),
        ({"q": "x", "filter": "price:"}, 400, "invalid_argument", "Error parsing filter"),
        ({"q": "x", "filter": ""}, 400, "invalid_argument", "Cannot parse empty filter string"),
        ({"q": "x", "filter": "price CONTAINS 1"}, 400, "invalid_argument", "Available lexical fields: note, title"),
        ({"q": "x", "facets": {"fields": {"a": {"type": "string"}}}}, 422, "unprocessable_entity", "HYBRID"),
        ({"q": "x", "relevanceCutoff": {"method": "gap_detection"}}, 422, "unprocessable_entity", "relevanceCutoff"),
    ],
)
def test_a_search_that_cannot_be_is_refused_by_name(
    shop: Index, body: dict[str, Any], status: int, code: str, words: str
) -> None:
    assert_refused(shop.ask("POST", "/search", json=body), status, code, words)


def test_a_query_of_zero_magnitude_is_refused_in_an_empty_index_too(index: Index) -> None:
    assert_refused(index.ask("POST", "/search", json={"q": {"a": 1, "A": -1}}), 400, "bad_request", "Zero magnitude")
