"""What a merchant goes through on the first day, for whatever products the suite has."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from hippodrome.shop.client import AnswerError, Shop
from hippodrome.wait import Deadline, until
from tests.e2e.conftest import Stack, new_account

INDEX = "store"
PRODUCTS = 200
SEEN_S = 2.0
SETTINGS: dict[str, Any] = {
    "searchableFields": {"productTitle": 3, "variantTitle": 1, "description": 1},
    "facets": {"color": {"type": "string"}, "price": {"type": "number"}},
    "synonyms": [["sofa", "couch"]],
    "collapse": False,
}

Documents = list[dict[str, Any]]


def seen(shop: Shop, question: Callable[[], bool]) -> bool:
    """Whether a change of settings shows in searches as soon as it must, or once all that are away are back."""
    return bool(until(question, Deadline(SEEN_S + shop.patience.seconds), pause_s=0.05))


def kinds(shop: Shop, q: str) -> set[str]:
    """Of the first hits."""
    return {
        hit["productType"] for hit in shop.search(INDEX, q, limit=5, attributesToRetrieve=["productType"])["hits"]
    }


class Onboarding:
    """Tests in the order of a first day; `documents` and `shop` are the suite's own."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def store(cls, shop: Shop, documents: Documents) -> None:
        shop.admin("POST", "/indexes", json={"name": INDEX})
        shop.admin("PUT", f"/indexes/{INDEX}/settings", json=SETTINGS)
        assert shop.add(INDEX, documents) == len(documents)
        assert seen(shop, lambda: kinds(shop, "couch") == {"sofa"})  # by a synonym, so that all of them show

    def test_the_index_and_its_settings_are_told_as_they_were_given(self, shop: Shop) -> None:
        assert [index["name"] for index in shop.admin("GET", "/indexes")["indexes"]] == [INDEX]
        told = shop.admin("GET", f"/indexes/{INDEX}/settings")
        assert {name: told[name] for name in SETTINGS} == SETTINGS

    def test_every_document_is_there_as_it_was_sent(self, shop: Shop, documents: Documents) -> None:
        for start in range(0, len(documents), 100):
            batch = documents[start : start + 100]
            asked = {"documentIds": [each["_id"] for each in batch]}
            told = shop.admin("POST", f"/indexes/{INDEX}/get-documents", json=asked)["results"]
            assert [{"parentProductId": each["_id"], **each, "_found": True} for each in batch] == told

    def test_a_search_finds_what_was_asked_for_first(self, shop: Shop) -> None:
        for word in ("sofa", "backpack", "vase"):
            hits = shop.search(INDEX, word, limit=5, attributesToRetrieve=["productType"])["hits"]
            assert [hit["productType"] for hit in hits] == [word] * 5

    def test_a_synonym_finds_the_same_things(self, shop: Shop) -> None:
        assert kinds(shop, "couch") == {"sofa"}

    def test_a_filter_lets_nothing_else_through(self, shop: Shop, documents: Documents) -> None:
        wanted = {each["_id"] for each in documents if each["color"] == "red" and 50 <= each["price"] <= 200}
        assert wanted
        found = shop.found(INDEX, "", filter="color:red AND price:[50 TO 200]", limit=len(documents))
        assert set(found) == wanted
        assert len(found) == len(wanted)

    def test_facets_count_what_a_hand_counts(self, shop: Shop, documents: Documents) -> None:
        told = shop.search(INDEX, "", filter="productCollections:home", facets={"fields": SETTINGS["facets"]})
        home = [each for each in documents if "home" in each["productCollections"]]
        colours = Counter(each["color"] for each in home)
        assert {name: value["count"] for name, value in told["facets"]["color"].items()} == colours
        price = told["facets"]["price"]
        assert (price["count"], price["min"]) == (len(home), min(each["price"] for each in home))
        assert price["max"] == max(each["price"] for each in home)

    def test_a_collection_page_shows_its_products_and_no_others(self, shop: Shop, documents: Documents) -> None:
        wanted = {each["_id"] for each in documents if "shoes" in each["productCollections"]}
        body = {"collectionName": "shoes", "limit": len(documents)}
        assert {hit["_id"] for hit in shop.shopper(INDEX, "collections", body)["hits"]} == wanted

    def test_pages_have_no_gap_and_no_repeat(self, shop: Shop) -> None:
        whole = shop.found(INDEX, "wool", limit=60)
        parts = [shop.found(INDEX, "wool", limit=20, offset=offset) for offset in (0, 20, 40)]
        assert [each for part in parts for each in part] == whole
        assert len(set(whole)) == len(whole) == 60

    def test_a_price_that_is_patched_is_the_price_that_is_found(self, shop: Shop, documents: Documents) -> None:
        changed = documents[0]["_id"]
        body = {"documents": [{"_id": changed, "price": 12345.5}]}
        shop.finished(shop.admin("PATCH", f"/indexes/{INDEX}/documents", json=body)["jobId"])
        assert shop.found(INDEX, "", filter="price:[12345 TO 12346]") == [changed]
        back = {"documents": [{"_id": changed, "price": documents[0]["price"]}]}
        shop.finished(shop.admin("PATCH", f"/indexes/{INDEX}/documents", json=back)["jobId"])

    @pytest.mark.parametrize("key", ["", "wrong"])
    def test_a_wrong_key_is_refused_everywhere(self, stack: Stack, key: str) -> None:
        stranger = stack.shop(key)
        for refused in (
            lambda: stranger.admin("GET", "/indexes"),
            lambda: stranger.admin("POST", f"/indexes/{INDEX}/documents", json={"documents": [{"_id": "x"}]}),
            lambda: stranger.search(INDEX, "sofa"),
        ):
            with pytest.raises(AnswerError) as caught:
                refused()
            assert caught.value.status == 401

    def test_a_key_that_may_read_cannot_write(self, stack: Stack, shop: Shop) -> None:
        asked = {"name": "storefront", "scope": "read"}
        made = shop.control(stack.controller, "POST", "/keys", json=asked)
        reader = stack.shop(made["key"])
        assert reader.found(INDEX, "sofa", limit=1)
        with pytest.raises(AnswerError) as caught:
            reader.admin("DELETE", f"/indexes/{INDEX}/documents", json={"ids": ["x"]})
        assert caught.value.status == 403

    def test_a_second_account_sees_nothing_of_the_first(self, stack: Stack) -> None:
        other = new_account(stack)
        assert other.admin("GET", "/indexes")["indexes"] == []
        for refused in (
            lambda: other.admin("GET", f"/indexes/{INDEX}"),
            lambda: other.admin("GET", f"/indexes/{INDEX}/settings"),
            lambda: other.search(INDEX, "sofa"),
        ):
            with pytest.raises(AnswerError) as caught:
                refused()
            assert caught.value.status == 404
