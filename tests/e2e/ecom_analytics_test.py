"""What shoppers did, counted: the numbers here were counted by hand."""

from typing import Any

import pytest

from hippodrome.shop.client import AnswerError, Shop

# two shoppers look for boots, one clicks; one looks for boots again, clicks, puts them in the cart and buys;
# one looks for what the shop does not have, twice; one looks for a vase and leaves
EVENTS: list[dict[str, Any]] = [
    {"type": "search", "query": "boots", "resultCount": 8, "userId": "ann", "sessionId": "a1"},
    {"type": "click", "query": "boots", "docId": "b1", "position": 1, "userId": "ann", "sessionId": "a1"},
    {"type": "search", "query": "boots", "resultCount": 8, "userId": "bob", "sessionId": "b1"},
    {"type": "search", "query": "Boots ", "resultCount": 8, "userId": "ann", "sessionId": "a2"},
    {"type": "click", "query": "boots", "docId": "b2", "position": 3, "userId": "ann", "sessionId": "a2"},
    {"type": "addToCart", "query": "boots", "docId": "b2", "userId": "ann", "sessionId": "a2"},
    {"type": "purchase", "query": "boots", "docId": "b2", "userId": "ann", "sessionId": "a2"},
    {"type": "search", "query": "unicorn", "resultCount": 0, "userId": "cid", "sessionId": "c1"},
    {"type": "search", "query": "unicorn", "resultCount": 0, "userId": "cid", "sessionId": "c1"},
    {"type": "search", "query": "vase", "resultCount": 2, "userId": "dan", "sessionId": "d1"},
]


@pytest.fixture(scope="module", autouse=True)
def recorded(shop: Shop) -> None:
    shop.admin("POST", "/indexes", json={"name": "store"})
    told = shop.admin("POST", "/indexes/store/events", json={"events": EVENTS})
    assert told["accepted"] == len(EVENTS)


def told(shop: Shop, what: str, **more: str) -> Any:
    return shop.admin("GET", f"/indexes/store/analytics/{what}", params=more)


def test_top_queries_are_counted_whatever_their_case_and_spaces(shop: Shop) -> None:
    rows = [(row["query"], row["count"]) for row in told(shop, "top-queries")["queries"]]
    assert rows == [("boots", 3), ("unicorn", 2), ("vase", 1)]
    assert len(told(shop, "top-queries", limit="1")["queries"]) == 1


def test_queries_without_results_are_told_apart(shop: Shop) -> None:
    assert [(row["query"], row["count"]) for row in told(shop, "no-results")["queries"]] == [("unicorn", 2)]


def test_click_through_is_searches_with_a_click_over_searches(shop: Shop) -> None:
    answer = told(shop, "ctr")
    assert (answer["searches"], answer["clicks"]) == (6, 2)
    assert answer["ctr"] == pytest.approx(2 / 6)
    rows = {row["query"]: row["ctr"] for row in answer["queries"]}
    assert rows == {"boots": pytest.approx(2 / 3), "unicorn": 0, "vase": 0}


def test_conversion_is_sessions_that_bought_over_sessions_that_searched(shop: Shop) -> None:
    answer = told(shop, "conversion")
    assert (answer["sessions"], answer["addToCart"], answer["purchases"]) == (5, 1, 1)
    assert answer["conversion"] == pytest.approx(1 / 5)


def test_what_others_searched_is_suggested(shop: Shop) -> None:
    answer = shop.shopper("store", "recommendations/queries", {"q": "bo"})
    assert answer["suggestions"][0]["suggestion"] == "boots"


def test_an_event_that_cannot_be_counted_is_refused_with_its_field(shop: Shop) -> None:
    with pytest.raises(AnswerError, match="type") as caught:
        shop.admin("POST", "/indexes/store/events", json={"events": [{"type": "stare"}]})
    assert caught.value.status == 422
    assert told(shop, "ctr")["searches"] == 6
