"""Small catalogues of every kind, for Hypothesis to choose from and to shrink."""

from typing import Any

from hypothesis import strategies as st

WORDS = ("red", "warm", "wool", "sofa", "lamp", "coat", "boot", "vase", "light", "oak")
COLOURS = ("red", "green", "blue")
COLLECTIONS = ("sale", "home", "winter")
PRODUCTS_MAX = 12

Catalogue = list[dict[str, Any]]

titles = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
prices = st.integers(1, 500).map(float)


@st.composite
def catalogues(draw: st.DrawFn, min_size: int = 1) -> Catalogue:
    """Products with ids `a`, `b`, …: the simplest is one that is called `red`."""
    count = draw(st.integers(min_size, PRODUCTS_MAX))
    return [
        {
            "_id": chr(ord("a") + number),
            "productTitle": draw(titles),
            "color": draw(st.sampled_from(COLOURS)),
            "price": draw(prices),
            "productCollections": draw(st.lists(st.sampled_from(COLLECTIONS), unique=True, max_size=2)),
        }
        for number in range(count)
    ]


queries = st.one_of(st.sampled_from(WORDS), titles)
