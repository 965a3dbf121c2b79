"""An index copied with all that belongs to it; from then on each goes its own way."""

from typing import Any

import pytest

from hippodrome.shop.client import Shop
from hippodrome.shop.products import documents as made_up
from hippodrome.wait import Deadline, until
from tests.e2e.conftest import Stack

PATIENCE_S = 10.0
SETTINGS: dict[str, Any] = {"synonyms": [["sofa", "couch"]], "collapse": False}
RULE: dict[str, Any] = {
    "name": "best lamp",
    "type": "pin",
    "scope": {"kind": "query", "value": "lamp", "match": "exact"},
}


@pytest.fixture(scope="module")
def documents(stack: Stack) -> list[dict[str, Any]]:
    return list(made_up(100, stack.seed))


@pytest.fixture(scope="module", autouse=True)
def forked(shop: Shop, documents: list[dict[str, Any]]) -> None:
    shop.admin("POST", "/indexes", json={"name": "trunk", "settings": SETTINGS})
    pins = [{"id": documents[0]["_id"], "position": 1}]
    shop.admin("POST", "/indexes/trunk/rules", json={**RULE, "pins": pins})
    shop.add("trunk", documents)
    shop.finished(shop.admin("POST", "/indexes/trunk/fork", json={"name": "branch"})["jobId"])


def everything(shop: Shop, index: str, documents: list[dict[str, Any]]) -> tuple[Any, Any, Any]:
    """Documents, settings and rules, without what names or dates them."""
    found: list[Any] = []
    for start in range(0, len(documents), 100):
        asked = {"documentIds": [each["_id"] for each in documents[start : start + 100]]}
        found += shop.admin("POST", f"/indexes/{index}/get-documents", json=asked)["results"]
    settings = shop.admin("GET", f"/indexes/{index}/settings")
    rules = shop.admin("GET", f"/indexes/{index}/rules")["rules"]
    own = {"id", "version", "updatedAt", "createdAt"}
    return (
        found,
        {name: value for name, value in settings.items() if name not in own},
        [{name: value for name, value in rule.items() if name not in own} for rule in rules],
    )


def test_a_fork_is_equal_to_its_origin(shop: Shop, documents: list[dict[str, Any]]) -> None:
    assert everything(shop, "branch", documents) == everything(shop, "trunk", documents)


def test_a_fork_answers_as_its_origin_does(shop: Shop, documents: list[dict[str, Any]]) -> None:
    for word in ("lamp", "couch", "wool sweater"):
        assert shop.found("branch", word, limit=20) == shop.found("trunk", word, limit=20)
    assert shop.found("branch", "lamp", limit=1) == [documents[0]["_id"]]


def test_what_is_added_to_one_is_not_in_the_other(shop: Shop) -> None:
    shop.add("branch", [{"_id": "new", "productTitle": "zeppelin"}])
    assert shop.found("branch", "zeppelin", filter="_id:new") == ["new"]
    assert shop.found("trunk", "zeppelin", filter="_id:new") == []


def test_what_is_deleted_from_one_stays_in_the_other(shop: Shop, documents: list[dict[str, Any]]) -> None:
    gone = documents[1]["_id"]
    shop.delete("trunk", [gone])
    assert shop.found("trunk", "", filter=f"_id:{gone}") == []
    assert shop.found("branch", "", filter=f"_id:{gone}") == [gone]


def test_settings_and_rules_change_alone(shop: Shop, documents: list[dict[str, Any]]) -> None:
    shop.admin("PATCH", "/indexes/branch/settings", json={"synonyms": []})
    (rule,) = shop.admin("GET", "/indexes/branch/rules")["rules"]
    shop.admin("DELETE", f"/indexes/branch/rules/{rule['id']}")
    assert shop.admin("GET", "/indexes/trunk/settings")["synonyms"] == SETTINGS["synonyms"]
    assert len(shop.admin("GET", "/indexes/trunk/rules")["rules"]) == 1
    pinned = documents[0]["_id"]
    assert until(lambda: shop.found("branch", "lamp", limit=1) != [pinned], Deadline(PATIENCE_S), pause_s=0.05)
    assert shop.found("trunk", "lamp", limit=1) == [pinned]
