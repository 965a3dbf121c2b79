"""From a new account to a shop with pictures, variants and collections."""

import pytest

from hippodrome.shop.client import Shop
from hippodrome.shop.products import documents as made_up
from tests.e2e.conftest import Stack
from tests.e2e.onboarding import INDEX, PRODUCTS, Documents, Onboarding, seen


class TestOnboarding(Onboarding):
    @pytest.fixture(scope="class")
    @classmethod
    def documents(cls, stack: Stack) -> Documents:
        return list(made_up(PRODUCTS, stack.seed))

    def test_a_hit_has_the_picture_that_the_shop_shows(self, shop: Shop) -> None:
        hits = shop.search(INDEX, "lamp", limit=5)["hits"]
        assert all(hit["variantImageUrl"].startswith("data:image/svg+xml,") for hit in hits)

    def test_variants_of_one_product_come_once_when_the_shop_says_so(self, shop: Shop, documents: Documents) -> None:
        before = shop.admin("GET", f"/indexes/{INDEX}/settings")
        shop.admin("PATCH", f"/indexes/{INDEX}/settings", json={"collapse": True})

        def parents() -> list[str]:
            hits = shop.search(INDEX, "", limit=len(documents), attributesToRetrieve=["parentProductId"])["hits"]
            return [hit["parentProductId"] for hit in hits]

        try:
            assert seen(shop, lambda: len(parents()) == PRODUCTS)
            assert len(set(parents())) == PRODUCTS
        finally:
            shop.admin("PATCH", f"/indexes/{INDEX}/settings", json={"collapse": before["collapse"]})
