"""recencyParameters: what a document's time makes of its score, and what cannot be asked."""

import math
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hippodrome.services.fake_cell.documents import Document
from hippodrome.services.fake_cell.recency import Curve, Recency, Shape
from hippodrome.services.fake_cell.table import Table
from tests.services.conftest import Service
from tests.services.fake_cell.conftest import Index, assert_refused, index_in

DAY, CENTER = 86_400.0, 2_000_000_000.0
SHAPES: tuple[Shape, ...] = ("exponential", "linear", "gaussian", "binary")
LEXICAL = {"retrievalMethod": "lexical", "rankingMethod": "lexical"}


def plainly(shape: Shape, age: float, scale: float, floor: float) -> float:
    """As the schema of the server has it."""
    if shape == "binary":
        return 1.0 if age < scale else floor
    formulas = {
        "exponential": lambda: math.exp(math.log(floor) * age / scale),
        "linear": lambda: (scale - age * (1 - floor)) / scale,
        "gaussian": lambda: math.exp(age**2 * math.log(floor) / scale**2),
    }
    return max(floor, formulas[shape]())


def recency_of(moment: float | None, recency: Recency) -> float:
    fields = {} if moment is None else {"at": moment}
    document = Document("1", fields, (), np.zeros((0, 2), dtype=np.float32))
    return float(recency.scores(Table(2, None, [document]))[0])


@given(
    st.sampled_from(SHAPES), st.integers(1, 30), st.integers(0, 5), st.sampled_from([0.01, 0.5, 1.0]),
    st.integers(-40, 40),
)  # fmt: skip
def test_a_score_falls_with_age_as_the_server_has_it(
    shape: Shape, scale: int, offset: int, floor: float, days: int
) -> None:
    decay = Curve(shape, scale * DAY, offset * DAY, floor)
    found = recency_of(CENTER - days * DAY, Recency("at", decay, center=CENTER))
    expected = 1.0 if days < offset else plainly(shape, (days - offset) * DAY, scale * DAY, floor)
    assert found == pytest.approx(floor if days >= scale + offset else expected)


def test_what_is_to_come_grows_towards_its_time() -> None:
    decay = Curve("linear", 10 * DAY, 0, 0.5)
    grow = Curve("linear", 10 * DAY, 2 * DAY, 0.2)
    found = [
        recency_of(CENTER + days * DAY, Recency("at", decay, grow, center=CENTER)) for days in (0, 1, 2, 7, 12, 99)
    ]
    assert found == pytest.approx([1, 1, 1, 0.6, 0.2, 0.2])


def test_without_a_time_it_is_as_old_as_can_be_and_now_is_the_default() -> None:
    decay = Curve("exponential", 7 * DAY, 0, 0.5)
    assert recency_of(None, Recency("at", decay)) == 0.5
    assert recency_of(time.time() - 7 * DAY, Recency("at", decay)) == pytest.approx(0.5, abs=1e-4)  # three minutes
    assert recency_of(time.time() + DAY, Recency("at", decay)) == 1


@pytest.fixture(scope="module")
def news(cell: Service) -> Index:
    made = index_in(cell, model="random/small")
    times = {"old": CENTER - 7 * DAY, "new": CENTER, "timeless": None}
    for name, at in times.items():
        made.add({"_id": name, "title": "lamp", **({"at": at} if at else {})}, tensor_fields=("title",))
    return made


def told(index: Index, recency: dict[str, Any], **more: Any) -> dict[str, float]:
    body = {
        "searchMethod": "HYBRID",
        "recencyParameters": {"recencyField": "at", "center": CENTER, **recency},
        **more,
    }
    return {hit["_id"]: hit["_score"] for hit in index.search("lamp", **body)}


def test_a_score_is_multiplied_by_it_or_it_is_added(news: Index) -> None:
    plain = next(iter(told(news, {"decayTo": 1.0}, hybridParameters=LEXICAL).values()))
    once = told(news, {"applyInRankingPhase": "exclude-global"}, hybridParameters=LEXICAL)
    assert once == pytest.approx({"new": plain, "old": plain / 2, "timeless": plain / 2})
    assert told(news, {"applyInRankingPhase": "only-global"}, hybridParameters=LEXICAL) == pytest.approx(once)
    assert told(news, {}, hybridParameters=LEXICAL)["old"] == pytest.approx(plain / 4)  # in both phases
    added = told(news, {"addToScoreWeight": 2, "applyInRankingPhase": "only-global"}, hybridParameters=LEXICAL)
    assert added == pytest.approx({"new": plain + 2, "old": plain + 1, "timeless": plain + 1})


def test_it_counts_for_one_kind_of_search_alone_if_it_is_told(news: Index) -> None:
    how = {"applyInRankingPhase": "exclude-global", "decayTo": 0.01}
    hits = news.search(
        "lamp",
        searchMethod="HYBRID",
        recencyParameters={"recencyField": "at", "center": CENTER, "applyToSubqueries": ["lexical"], **how},
    )
    by_id = {hit["_id"]: hit for hit in hits}
    assert by_id["old"]["_tensor_score"] == pytest.approx(by_id["new"]["_tensor_score"])
    assert by_id["old"]["_lexical_score"] == pytest.approx(by_id["new"]["_lexical_score"] * 0.01)
    assert {name: hit["_recency_score"] for name, hit in by_id.items()} == {"new": 1, "old": 0.01, "timeless": 0.01}


FORM = "Expected format: {number}{unit} where unit is 'd' (days) or 'h' (hours). Examples: '1d', '6h', '0.5d'"
GROW = "Grow parameters must be either all provided or all omitted. Provided: [growFrom]. Missing: [growFunction, "


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"recencyField": None}, "recencyField: field required"),
        ({"recencyField": " "}, "recency_field cannot be empty"),
        ({"scale": "7"}, f"Invalid scale format: Invalid duration format: '7'. {FORM}"),
        ({"scale": "0d"}, "scale must be greater than 0, got: 0d (0.0 seconds)"),
        ({"offset": "-1d"}, "Invalid offset format: Invalid duration format: '-1d'."),
        ({"decayTo": 0}, "ensure this value is greater than 0.0"),
        ({"decay_to": 1.5}, "ensure this value is less than or equal to 1.0"),
        ({"decayFunction": "steep"}, "value is not a valid enumeration member; permitted: 'exponential', 'linear', "),
        ({"applyInRankingPhase": "exclude_global"}, "permitted: 'all', 'only-global', 'exclude-global'"),
        ({"addToScoreWeight": -1}, "ensure this value is greater than 0.0"),
        ({"center": -1}, "ensure this value is greater than or equal to 0"),
        ({"applyToSubqueries": ["both"]}, "unexpected value; permitted: 'tensor', 'lexical'"),
        ({"growFrom": 0.5}, GROW),
        ({"nonsense": 1}, "extra fields not permitted"),
    ],
)
def test_what_cannot_be_is_refused_in_the_words_of_the_server(news: Index, said: dict[str, Any], words: str) -> None:
    body = {"q": "x", "searchMethod": "HYBRID", "recencyParameters": {"recencyField": "at", **said}}
    assert_refused(news.ask("POST", "/search", json=body), 422, "unprocessable_entity", words)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"searchMethod": "LEXICAL"},
            "Recency parameters can only be provided for 'HYBRID' search. Search method is LEX",
        ),
        (
            {"sortBy": {"fields": [{"fieldName": "at"}]}},
            "'sortBy' cannot be used with 'recencyParameters' with global-",
        ),
        (
            {"hybridParameters": LEXICAL},
            "'applyToSubqueries' can only be used with 'disjunction' retrieval method. Retr",
        ),
    ],
)
def test_it_goes_with_some_searches_alone(news: Index, body: dict[str, Any], words: str) -> None:
    recency = {"recencyField": "at", "applyToSubqueries": []}
    asked = {"q": "x", "searchMethod": "HYBRID", "recencyParameters": recency, **body}
    assert_refused(news.ask("POST", "/search", json=asked), 422, "unprocessable_entity", words)


def test_structured_indexes_have_none(cell: Service) -> None:
    fields = [{"name": "title", "type": "text", "features": ["lexical_search"]}]
    index = index_in(cell, type="structured", allFields=fields, tensorFields=["title"], model="random/small")
    body = {"q": "x", "searchMethod": "HYBRID", "recencyParameters": {"recencyField": "at"}}
    words = "Structured indexes do not support the recencyParameters option."
    assert_refused(index.ask("POST", "/search", json=body), 400, "bad_request", words)
