"""A shop's catalogue, made up: believable, and the same for the same seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hippodrome.shop.pictures import picture

Document = dict[str, Any]

SEED = 42
VARIANTS_MAX = 4
PAPER = "#f4f1ec"


@dataclass(frozen=True)
class Kind:
    """A kind of product: what it is called, looks like, costs, and where in the shop it is."""

    noun: str
    shape: str
    price: tuple[int, int]  # lowest and highest, in whole units of the currency
    collections: tuple[str, ...]
    materials: tuple[str, ...]
    sizes: tuple[str, ...]


LETTERS = ("S", "M", "L", "XL")
SHOE_SIZES = ("38", "40", "42", "44")
ONE_SIZE = ("one size",)
KINDS = (
    Kind("t-shirt", "shirt", (15, 45), ("clothing", "summer"), ("cotton", "linen", "bamboo"), LETTERS),
    Kind("sweater", "shirt", (45, 140), ("clothing", "winter"), ("wool", "cashmere", "cotton"), LETTERS),
    Kind("jacket", "shirt", (80, 260), ("clothing", "winter"), ("wool", "denim", "leather"), LETTERS),
    Kind("jeans", "trousers", (50, 130), ("clothing",), ("denim",), LETTERS),
    Kind("dress", "dress", (40, 190), ("clothing", "summer"), ("cotton", "linen", "silk"), LETTERS),
    Kind("sneaker", "shoe", (60, 160), ("shoes",), ("canvas", "leather", "mesh"), SHOE_SIZES),
    Kind("boot", "shoe", (90, 240), ("shoes", "winter"), ("leather", "suede"), SHOE_SIZES),
    Kind("backpack", "bag", (40, 150), ("bags",), ("canvas", "leather", "nylon"), ONE_SIZE),
    Kind("tote", "bag", (20, 90), ("bags", "summer"), ("canvas", "cotton", "leather"), ONE_SIZE),
    Kind("table lamp", "lamp", (30, 160), ("home",), ("brass", "ceramic", "oak"), ONE_SIZE),
    Kind("armchair", "chair", (150, 600), ("home", "furniture"), ("oak", "velvet", "linen"), ONE_SIZE),
    Kind("sofa", "sofa", (400, 1800), ("home", "furniture"), ("velvet", "linen", "leather"), ONE_SIZE),
    Kind("vase", "vase", (15, 80), ("home",), ("ceramic", "glass"), ONE_SIZE),
    Kind("rug", "rug", (60, 400), ("home",), ("wool", "jute", "cotton"), ONE_SIZE),
)
COLOURS = {
    "black": "#23252b",
    "white": "#fbfbf8",
    "red": "#c8433c",
    "blue": "#3c6ec8",
    "green": "#4c8f57",
    "yellow": "#e2b93b",
    "grey": "#8d9199",
    "brown": "#7d5a3d",
    "pink": "#d98aa4",
}
BRANDS = ("Arden", "Bellweather", "Corvid & Co", "Fjellby", "Maren", "Northgate", "Ostara", "Tidewell")
MANNERS = ("classic", "light", "soft", "sturdy", "relaxed", "slim", "everyday", "hand-made")
PLACES = ("the city", "long walks", "cold mornings", "the beach", "a quiet evening", "every day", "travel")


def documents(products: int, seed: int = SEED) -> Iterator[Document]:
    """The variants of this many products, in the form of the e-commerce API: one document a variant."""
    for number in range(1, products + 1):
        yield from _product(number, random.Random(f"{seed}:{number}"))


def _product(number: int, chance: random.Random) -> Iterator[Document]:
    kind, brand, manner = chance.choice(KINDS), chance.choice(BRANDS), chance.choice(MANNERS)
    material = chance.choice(kind.materials)
    title = f"{brand} {manner} {material} {kind.noun}"
    low, high = kind.price
    made = f"{_article(manner)} {manner} {kind.noun} of {material}, made by {brand}"
    shared: Document = {
        "parentProductId": f"p{number:05d}",
        "productTitle": title[0].upper() + title[1:],
        "description": f"{made} for {chance.choice(PLACES)}.",
        "brand": brand,
        "material": material,
        "productType": kind.noun,
        "productCollections": [*kind.collections, *(["sale"] if chance.random() < 0.2 else [])],
        "rating": round(chance.uniform(2.5, 5.0), 1),
        "popularity": chance.randint(0, 1000),
    }
    price = chance.randint(low, high) - 0.05
    looks = chance.sample(sorted(COLOURS), chance.randint(1, min(VARIANTS_MAX, len(COLOURS))))
    for place, colour in enumerate(looks, 1):
        size = chance.choice(kind.sizes)
        yield {
            **shared,
            "_id": f"p{number:05d}-v{place}",
            "variantTitle": f"{colour}, {size}",
            "color": colour,
            "size": size,
            "price": round(price * (0.8 if "sale" in shared["productCollections"] else 1.0), 2),
            "inStock": chance.random() < 0.9,
            "variantImageUrl": picture(kind.shape, COLOURS[colour], PAPER),
        }


def _article(word: str) -> str:
    return "An" if word[0] in "aeiou" else "A"
