"""Filling a shop of a running stack: an index with settings that suit the made-up catalogue, and its products."""

from collections.abc import Callable
from typing import Any

from hippodrome.shop.client import AnswerError, Shop
from hippodrome.shop.products import documents

SETTINGS: dict[str, Any] = {
    "facets": {
        "color": {"type": "string"},
        "brand": {"type": "string"},
        "productType": {"type": "string"},
        "price": {"type": "number", "ranges": [{"to": 50}, {"from": 50, "to": 150}, {"from": 150}]},
    },
    "synonyms": [["sofa", "couch"], ["sneaker", "trainer"], ["sweater", "jumper"]],
}


def fill(shop: Shop, index: str, *, products: int, seed: int, say: Callable[[str], None]) -> int:
    """Makes the index where it is missing, and adds the products; the same again changes nothing.

    Returns the number of documents, which are the products' variants. Raises AnswerError, JobError.
    """
    if make_index(shop, index, SETTINGS):
        say(f"Made index `{index}`.")
    return shop.add(index, documents(products, seed))


def make_index(shop: Shop, index: str, settings: dict[str, Any]) -> bool:
    """Whether it was made: one that is there stays as it is. Raises AnswerError."""
    try:
        shop.admin("POST", "/indexes", json={"name": index, "settings": settings})
    except AnswerError as error:
        if error.status != 409:
            raise
        return False
    return True
