"""Products of a real Shopify shop, brought here; only with credentials of one."""

import os
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from hippodrome.shop.client import Shop
from tests.e2e.conftest import ANSWER_S

NEEDED = ("SHOPIFY_SHOP", "SHOPIFY_ADMIN_TOKEN")
API = "2025-01"  # https://shopify.dev/docs/api/admin-rest
COUNT = 50


@dataclass(frozen=True)
class Shopify:
    """A shop's Admin API, by its name (`my-shop.myshopify.com`) and an access token."""

    shop: str
    token: str

    def products(self) -> list[dict[str, Any]]:
        answer = requests.get(
            f"https://{self.shop}/admin/api/{API}/products.json",
            params={"limit": COUNT},
            headers={"X-Shopify-Access-Token": self.token},
            timeout=ANSWER_S,
        )
        answer.raise_for_status()
        products: list[dict[str, Any]] = answer.json()["products"]
        return products


@pytest.fixture(scope="module")
def shopify() -> Shopify:
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        pytest.skip(f"needs a real Shopify shop: {' and '.join(missing)} not set")
    return Shopify(*(os.environ[name] for name in NEEDED))


def documents_of(product: dict[str, Any]) -> list[dict[str, Any]]:
    """One document a variant."""
    image = (product.get("image") or {}).get("src", "")
    return [
        {
            "_id": str(variant["id"]),
            "parentProductId": str(product["id"]),
            "productTitle": product["title"],
            "variantTitle": variant["title"],
            "variantImageUrl": image,
            "price": float(variant["price"]),
        }
        for variant in product["variants"]
    ]


def test_the_products_of_a_shopify_shop_can_be_searched(shopify: Shopify, shop: Shop) -> None:
    products = shopify.products()
    assert products
    shop.admin("POST", "/indexes", json={"name": "shopify"})
    shop.add("shopify", [document for product in products for document in documents_of(product)])
    title = products[0]["title"]
    hits = shop.search("shopify", title, limit=5)["hits"]
    assert title in [hit["productTitle"] for hit in hits]
