"""What merchants' rules make of a search."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.services.global_worker.conftest import Shop, product

NOW = datetime.now(UTC)
PAST, SOON = ((NOW + timedelta(days=days)).isoformat() for days in (-1, 1))
HIDE_A = {"type": "hide", "documentIds": ["a"]}


def test_without_rules_the_data_planes_own_order_is_answered(lamps: Shop) -> None:
    body = {"q": "oak", "searchMethod": "HYBRID", "limit": 100}
    answer = lamps.worker.cell.ask("POST", f"/indexes/{lamps.id}/search", json=body).json()
    assert lamps.found("oak") == [hit["_id"] for hit in answer["hits"]]
    assert lamps.applied("oak") == []


def test_hidden_products_are_in_no_answer_and_no_count(lamps: Shop) -> None:
    before = lamps.found("lamp")
    lamps.rules({"type": "hide", "documentIds": ["a"]}, {"type": "hide", "filter": "color:blue"})
    assert lamps.found("lamp") == [each for each in before if each not in "acd"]
    told = lamps.search("lamp", facets={"fields": {"color": {"type": "string"}}})
    assert told["totalHits"] == 3
    assert {name: each["count"] for name, each in told["facets"]["color"].items()} == {"green": 2, "red": 1}


def test_a_hide_rule_may_have_ids_and_a_filter(lamps: Shop) -> None:
    lamps.rules({"type": "hide", "documentIds": ["a"], "filter": "price:[40 TO *]"})
    assert sorted(lamps.found("lamp")) == ["b", "c", "f"]


@pytest.mark.parametrize("position", [1, 3, 6])
def test_a_pin_stands_at_its_place_and_the_others_keep_their_order(lamps: Shop, position: int) -> None:
    others = [each for each in lamps.found("lamp") if each != "f"]
    lamps.rules({"type": "pin", "pins": [{"id": "f", "position": position}]})
    others.insert(position - 1, "f")
    assert lamps.found("lamp") == others
    assert lamps.search("lamp")["totalHits"] == 6


def test_a_pin_behind_the_last_hit_stands_at_the_end(lamps: Shop) -> None:
    lamps.rules({"type": "pin", "pins": [{"id": "a", "position": 90}, {"id": "b", "position": 50}]})
    assert lamps.found("lamp")[-2:] == ["b", "a"]
    assert lamps.found("lamp", limit=2, offset=4) == ["b", "a"]
    assert lamps.found("lamp", limit=2, offset=6) == []


def test_of_two_pins_for_one_place_the_second_stands_after_the_first(lamps: Shop) -> None:
    lamps.rules(
        {"type": "pin", "pins": [{"id": "d", "position": 2}]},
        {"type": "pin", "pins": [{"id": "e", "position": 2}, {"id": "d", "position": 1}]},
    )
    assert lamps.found("lamp")[1:3] == ["d", "e"]


def test_a_pin_of_what_is_hidden_filtered_out_or_not_there_takes_no_place(lamps: Shop) -> None:
    pins = [{"id": name, "position": place} for place, name in enumerate(["a", "gone", "c", "f"], 1)]
    lamps.rules({"type": "pin", "pins": pins}, HIDE_A)
    assert "a" not in lamps.found("lamp")
    found = lamps.found("lamp", filter="NOT color:blue")
    assert sorted(found) == ["b", "e", "f"]
    assert lamps.applied("lamp") == ["rule-2", "rule-1"]


def test_a_pinned_variant_stands_for_its_product(shop: Shop) -> None:
    for name in ("p", "q"):
        shop.add(*(product(f"{name}{n}", f"{name} lamp {n}", parentProductId=name) for n in range(3)))
    shop.settings(collapse=True).rules({"type": "pin", "pins": [{"id": "q2", "position": 1}]})
    told = shop.search("p lamp", attributesToRetrieve=["productTitle"])
    assert [hit["_id"][0] for hit in told["hits"]] == ["q", "p"]
    assert told["hits"][0].keys() == {"_id", "_score", "productTitle"}
    assert told["totalHits"] == 2


def test_boost_raises_and_bury_lowers_what_matches(lamps: Shop) -> None:
    before = lamps.found("lamp")
    last, first = before[-1], before[0]
    lamps.rules(
        {"type": "boost", "documentIds": [last], "strength": 50},
        {"type": "bury", "filter": f"_id:{first}", "strength": 50},
    )
    assert lamps.found("lamp") == [last, *before[1:-1], first]
    assert lamps.applied("lamp") == ["rule-1", "rule-2"]


def test_a_boost_of_a_filter_is_about_all_that_match_and_nothing_else(lamps: Shop) -> None:
    before = lamps.found("lamp")
    lamps.rules({"type": "boost", "filter": "color:blue OR color:green", "strength": 100})
    raised = [each for each in before if each in "cdef"]
    assert lamps.found("lamp") == [*raised, *(each for each in before if each in "ab")]


def test_a_boost_that_concerns_no_hit_is_not_told(lamps: Shop) -> None:
    lamps.rules({"type": "boost", "filter": "color:purple"})
    assert lamps.applied("lamp") == []


def test_the_shoppers_own_order_is_not_weighed(lamps: Shop) -> None:
    lamps.rules({"type": "boost", "filter": "color:blue", "strength": 100})
    cheapest = {"fields": [{"fieldName": "price", "order": "asc"}]}
    assert lamps.found("lamp", sortBy=cheapest) == ["f", "a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("rule", "acts"),
    [
        ({"enabled": False}, False),
        ({"startsAt": SOON}, False),
        ({"endsAt": PAST}, False),
        ({"startsAt": PAST, "endsAt": SOON}, True),
        ({"scope": {"kind": "query", "value": "Oak  LAMP"}}, True),
        ({"scope": {"kind": "query", "value": "oak"}}, False),
        ({"scope": {"kind": "query", "value": "oak", "match": "contains"}}, True),
        ({"scope": {"kind": "query", "value": "ak lam", "match": "contains"}}, False),
        ({"scope": {"kind": "collection", "value": "oak lamp"}}, False),
    ],
)
def test_a_rule_acts_in_its_time_and_its_scope(lamps: Shop, rule: dict[str, Any], acts: bool) -> None:
    lamps.rules({**HIDE_A, **rule})
    assert ("a" not in lamps.found("oak lamp")) == acts
    assert lamps.applied("oak lamp") == (["rule-1"] if acts else [])


def test_a_rule_of_a_collection_acts_on_its_page_alone(shop: Shop) -> None:
    shop.add(*(product(name, f"{name} lamp", productCollections=["home (new)", "sale"]) for name in "ab"))
    shop.rules({**HIDE_A, "scope": {"kind": "collection", "value": "home (new)"}})
    shown = {
        name: [hit["_id"] for hit in shop.told("collections", collectionName=name)["hits"]]
        for name in ("home (new)", "sale", "none")
    }
    assert {name: sorted(ids) for name, ids in shown.items()} == {"home (new)": ["b"], "sale": ["a", "b"], "none": []}


def test_a_filter_cannot_reach_what_is_hidden(lamps: Shop) -> None:
    lamps.rules(HIDE_A)
    for tricky in ("color:blue) OR (color:red", "color:(blue) OR color:red)", "(color:red"):
        answer = lamps.ask("search", q="lamp", filter=tricky)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument"), answer.text
    assert sorted(lamps.found("lamp", filter="color:red OR color:blue")) == ["b", "c", "d"]
