"""The filter language against a plain reading of the same conditions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.filters import parse

SHOE = {
    "_id": "a b",
    "color": "red",
    "price": 19.5,
    "count": 3,
    "inStock": True,
    "tags": ["summer sale", "new"],
    "stock": {"berlin": 4},
    "title": "It's (really): red",
}


@pytest.mark.parametrize(
    "text",
    [
        "color:red",
        "color:(red)",
        "_id:(a b)",
        r"_id:a\ b",
        "price:19.5",
        "price:[10 TO 20]",
        "price:[19.5 to *]",
        "price:[* TO 19.5]",
        "count:3.0",
        "inStock:TRUE",
        "tags:new",
        "tags:(summer sale)",
        "stock.berlin:4",
        "stock.berlin:[1 TO 5]",
        "color IN (blue, red)",
        "tags in ((summer sale), old)",
        "count IN (1, 3)",
        "NOT color:blue",
        "NOT (color:blue OR price:[100 TO *])",
        "color:blue OR color:red AND inStock:true",
        "(color:blue OR color:red) AND NOT missing:x",
        r"title:It's\ \(really\)\:\ red",
        r"title:(It's (really\): red)",
    ],
)
def test_it_lets_through(text: str) -> None:
    assert parse(text)(SHOE)


@pytest.mark.parametrize(
    "text",
    ["color:Red", "color:re", "price:[20 TO *]", "missing:x", "tags:summer", "inStock:1", "color:red AND count:4",
     "color IN (blue)", "stock.munich:4", "price:red", "color:[1 TO 2]"],
)  # fmt: skip
def test_it_holds_back(text: str) -> None:
    assert not parse(text)(SHOE)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("   ", 3),
        ("AND color:red", 0),
        ("color:red AND", 13),
        ("color:red OR OR color:blue", 13),
        ("color:red color:blue", 10),
        ("NOT NOT color:red", 4),
        ("()", 1),
        ("(color:red", 10),
        ("color:red)", 9),
        ("color", 5),
        ("color:", 6),
        ("price:[* TO *]", 6),
        ("price:[a TO b]", 6),
        ("price:[1 20]", 6),
        ("color IN ()", 10),
        ("color IN (a b)", 12),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, position: int) -> None:
    with pytest.raises(ApiError) as caught:
        parse(text)
    assert caught.value.status == 400
    assert "Error parsing filter" in caught.value.message
    assert f"at position {position}" in caught.value.message
    assert caught.value.message.endswith(" " * position + "^")


Case = tuple[str, Any]
FIELDS = st.sampled_from(["x", "y"])
TERMS = st.one_of(
    st.tuples(FIELDS, st.integers(0, 3)).map(lambda it: (f"{it[0]}:{it[1]}", lambda f: f.get(it[0]) == it[1])),
    st.tuples(FIELDS, st.integers(0, 3), st.integers(0, 3)).map(
        lambda it: (f"{it[0]}:[{it[1]} TO {it[2]}]", lambda f: it[0] in f and it[1] <= f[it[0]] <= it[2])
    ),
    st.tuples(FIELDS, st.lists(st.integers(0, 3), min_size=1)).map(
        lambda it: (f"{it[0]} IN ({', '.join(map(str, it[1]))})", lambda f: f.get(it[0]) in it[1])
    ),
)


def joined(inner: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    return st.one_of(
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]}) AND ({two[1][0]})", lambda f: two[0][1](f) and two[1][1](f))
        ),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]}) OR ({two[1][0]})", lambda f: two[0][1](f) or two[1][1](f))
        ),
        inner.map(lambda one: (f"NOT ({one[0]})", lambda f: not one[1](f))),
    )


@given(
    st.recursive(TERMS, joined, max_leaves=8),
    st.dictionaries(FIELDS, st.integers(0, 3)),
)
def test_any_filter_means_what_its_parts_mean(case: Case, fields: dict[str, int]) -> None:
    text, plain = case
    assert parse(text)(fields) == bool(plain(fields))
