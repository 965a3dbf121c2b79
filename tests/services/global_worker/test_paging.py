"""Pages fit together whatever the rules do."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.services.global_worker.conftest import Shop, Worker, product, shop_in

COLORS = ("red", "blue", "green")
IDS = [f"id {n} (v\\{n})" for n in range(12)]  # ids that a filter has to quote
SIZES = st.integers(1, 7)

ids = st.sampled_from([*IDS, "gone"])
filters = st.sampled_from([f"color:{color}" for color in COLORS] + ["price:[3 TO 8]", "color:none"])
strengths = st.sampled_from([1.5, 4.0, 90.0])


def pins(wishes: list[tuple[str, int]]) -> dict[str, Any]:
    return {"type": "pin", "pins": [{"id": name, "position": place} for name, place in wishes]}


rules = st.lists(
    st.one_of(
        st.lists(st.tuples(ids, st.integers(1, 16)), min_size=1, max_size=4, unique_by=lambda wish: wish[0]).map(
            pins
        ),
        st.builds(lambda name: {"type": "hide", "documentIds": [name]}, ids),
        st.builds(lambda text: {"type": "hide", "filter": text}, filters),
        st.builds(
            lambda kind, text, strength: {"type": kind, "filter": text, "strength": strength},
            st.sampled_from(["boost", "bury"]),
            filters,
            strengths,
        ),
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def dozen(worker: Worker) -> Shop:
    """Twelve variants of six products, in three colours, at twelve prices."""
    shop = shop_in(worker)
    rows = [(COLORS[n % 3], f"lamp {'oak ' * n}", f"p{n // 2}") for n in range(len(IDS))]
    return shop.add(
        *(
            product(name, title, color=color, price=n, parentProductId=parent)
            for n, (name, (color, title, parent)) in enumerate(zip(IDS, rows, strict=True))
        )
    )


@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(rules, SIZES, st.booleans(), st.sampled_from(["", "color:red OR color:blue"]))
def test_pages_have_no_gap_and_no_repeat(
    dozen: Shop, acting: list[dict[str, Any]], size: int, collapse: bool, asked: str
) -> None:
    dozen.settings(collapse=collapse).rules(*acting)
    told = dozen.search("oak", limit=100, filter=asked)
    whole = [hit["_id"] for hit in told["hits"]]
    parts = [dozen.found("oak", limit=size, offset=offset, filter=asked) for offset in range(0, len(IDS) + 1, size)]
    assert [each for part in parts for each in part] == whole
    assert len(set(whole)) == len(whole) == told["totalHits"]


@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(rules, st.booleans())
def test_what_is_hidden_is_never_seen_and_what_is_pinned_is_in_its_place(
    dozen: Shop, acting: list[dict[str, Any]], is_sorted: bool
) -> None:
    dozen.settings(defaultSort=[{"fieldName": "price"}] if is_sorted else None).rules(*acting)
    found = dozen.found("oak")
    hidden = {each["_id"] for each in dozen.products if any(is_hidden_by(rule, each) for rule in acting)}
    assert set(found) == set(IDS) - hidden
    places = expected_places(acting, set(IDS) - hidden)
    assert found == laid_out([each for each in found if each not in places], places)


def test_sorted_pages_are_of_one_order(dozen: Shop) -> None:
    dozen.settings(defaultSort=[{"fieldName": "price"}], collapse=False).rules()
    parts = [dozen.found("oak", limit=2, offset=offset) for offset in range(0, len(IDS) + 1, 2)]
    assert [each for part in parts for each in part] == dozen.found("oak", limit=100)


def laid_out(others: list[str], places: dict[str, int]) -> list[str]:
    """The others in their order, the pinned at their places, or behind the last of the others."""
    pinned, waiting = {place: name for name, place in places.items()}, list(others)
    listed = list[str]()
    while waiting:
        listed.append(pinned.pop(len(listed) + 1, "") or waiting.pop(0))
    return [*listed, *(pinned[place] for place in sorted(pinned))]


def is_hidden_by(rule: dict[str, Any], product: dict[str, Any]) -> bool:
    if rule["type"] != "hide":
        return False
    text = rule.get("filter", "")
    return (
        product["_id"] in rule.get("documentIds", ())
        or text == f"color:{product['color']}"
        or (text.startswith("price") and 3 <= product["price"] <= 8)
    )


def expected_places(acting: list[dict[str, Any]], shown: set[str]) -> dict[str, int]:
    """Each product at the place that it wants, or the next that is free; of two wishes for one the first counts."""
    wishes: dict[str, int] = {}
    for rule in acting:
        for pin in rule.get("pins", ()):
            wishes.setdefault(pin["id"], pin["position"])
    places: dict[str, int] = {}
    for name, wanted in sorted(wishes.items(), key=lambda wish: wish[1]):
        if name in shown:
            place = wanted
            while place in places.values():
                place += 1
            places[name] = place
    return places
