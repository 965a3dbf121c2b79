"""The filter language against a plain reading of the same conditions."""

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.documents import Document
from hippodrome.services.fake_cell.filters import parse
from hippodrome.services.fake_cell.masks import passing, terms_of, without
from hippodrome.services.fake_cell.table import Table

SHOE = {
    "color": "red",
    "price": 19.5,
    "count": 3,
    "inStock": True,
    "tags": ["summer sale", "new"],
    "sizes": [38, 39.5],
    "stock": {"berlin": 4},
    "title": "It's (really): red",
    "link": "https://shop.test/a?b=[1]",
    "note": "x" * 60,
}


def table_of(*documents: dict[str, Any], longest: int | None = 50) -> Table:
    nothing = np.zeros((0, 2), dtype=np.float32)
    named = ((fields.get("_id", str(place)), fields) for place, fields in enumerate(documents))
    return Table(2, longest, (Document(name, fields, (), nothing) for name, fields in named))


def lets_through(text: str, fields: dict[str, Any], longest: int | None = 50) -> bool:
    return bool(passing(parse(text), table_of({"_id": "a b", **fields}, longest=longest))[0])


@pytest.mark.parametrize(
    "text",
    [
        "color:red",
        "color:(red)",
        "  color:red  ",
        "_id:(a b)",
        r"_id:a\ b",
        "_id IN ((a b), c)",
        "price:19.5",
        "price:[10 TO 20]",
        "price:[19.5 to *]",
        "price:[* TO 19.5]",
        "count:3.0",
        "inStock:TRUE",
        "tags:new",
        "tags:(summer sale)",
        "sizes:38",
        "sizes:[39 TO 40]",
        "stock.berlin:4",
        "stock.berlin:[1 TO 5]",
        "color IN (blue, red)",
        "color in (blue,red)",
        "tags in ((summer sale), old)",
        "count IN (1, 3)",
        "NOT color:blue",
        "NOT (color:blue OR price:[100 TO *])",
        "color:blue OR color:red AND inStock:true",
        "color:red AND inStock:true OR color:blue AND missing:x",
        "(color:blue OR color:red) AND NOT missing:x",
        "((color:red))",
        r"title:It's\ \(really\)\:\ red",
        r"title:(It's (really\): red)",
        "link:https://shop.test/a?b=[1]",
    ],
)
def test_it_lets_through(text: str) -> None:
    assert lets_through(text, SHOE)


@pytest.mark.parametrize(
    "text",
    ["color:Red", "color:re", "price:[20 TO *]", "missing:x", "tags:summer", "inStock:1", "color:red AND count:4",
     "color IN (blue)", "stock.munich:4", "price:red", "color:[1 TO 2]", "note:" + "x" * 60, "sizes:[40 TO *]",
     "_id IN ()"],
)  # fmt: skip
def test_it_holds_back(text: str) -> None:
    assert not lets_through(text, SHOE)


def test_a_text_that_is_too_long_for_the_index_cannot_be_asked_for() -> None:
    assert lets_through("note:" + "x" * 60, SHOE, longest=60)
    assert not lets_through("note:" + "x" * 60, SHOE, longest=59)
    assert lets_through("note:" + "x" * 60, SHOE, longest=None)


@pytest.mark.parametrize(
    ("text", "position", "why"),
    [
        ("   ", 3, "empty"),
        ("AND color:red", 0, "found AND"),
        ("color:red AND", 13, "the filter ends"),
        ("color:red OR OR color:blue", 13, "found OR"),
        ("color:red color:blue", 10, "expected an operator"),
        ("color:red and color:blue", 10, "expected an operator"),
        ("NOT NOT color:red", 4, "modifier"),
        ("NOT AND color:red", 4, "found AND"),
        ("NOT(color:red)", 3, "Unexpected ("),
        ("color(red)", 5, "Unexpected ("),
        ("()", 0, "Empty expression"),
        ("(color:red", 10, "Unbalanced"),
        ("color:red)", 9, "Unexpected )"),
        ("color:(red", 6, "Unbalanced"),
        ("color", 5, "expected a colon"),
        ("color:", 6, "no value"),
        (":red", 0, "Unexpected :"),
        ("color:(red)x", 11, "Expected end of term"),
        ("price:[* TO *]", 6, "At least one"),
        ("price:[a TO b]", 6, "Invalid range limit 'a'"),
        ("price:[1 TO nan]", 6, "Invalid range limit 'nan'"),
        ("price:[1 20]", 6, "range term"),
        ("color IN red", 9, "Expected ("),
        ("color IN (,)", 10, "IN needs values"),
        ("color IN (a b)", 11, "white space"),
        ("color IN (a, [1 TO 2])", 13, "Unexpected ["),
        ("color IN (a, b", 14, "Unbalanced"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, position: int, why: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse(text)
    assert (caught.value.status, caught.value.code) == (400, "invalid_argument")
    said, caret, place = caught.value.message.split("\n")
    assert said == f"Error parsing filter: {text}"
    assert caret.index("^") - len("Error parsing filter: ") == position
    assert place.startswith(f"at position {position}: ")
    assert why in place


@given(st.text(st.sampled_from("ab:()[]\\ ,*0 ANDORNOTINTO"), max_size=30))
def test_any_text_is_read_or_refused_with_a_place_in_it(text: str) -> None:
    try:
        passing(parse(text), table_of({"a": "b"}))
    except ApiError as error:
        position = int(error.message.rpartition("at position ")[2].partition(":")[0])
        assert 0 <= position <= len(text)


Fields = dict[str, Any]
Case = tuple[str, Callable[[Fields], bool]]
NAMES = st.sampled_from(["x", "y", "a b"])
VALUES = st.sampled_from(["red", "a (b) c", "AND", "it's: so", "1", "2.5", "true", "\\", ""]) | st.integers(0, 3)


def written(value: Any) -> str:
    """A value in brackets, where only two characters need help."""
    return "(" + str(value).replace("\\", "\\\\").replace(")", "\\)") + ")"


def named(name: str) -> str:
    return name.replace(" ", "\\ ")


def held(fields: Fields, name: str) -> list[Any]:
    value = fields.get(name)
    return value if isinstance(value, list) else [] if value is None else [value]


def is_same(value: Any, text: str) -> bool:
    """As the language compares: by type of what is stored."""
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if isinstance(value, int | float):
        try:
            return float(text) == value
        except ValueError:
            return False
    return bool(value == text)


def equal(name: str, value: Any) -> Case:
    return f"{named(name)}:{written(value)}", lambda f: any(is_same(each, str(value)) for each in held(f, name))


def within(name: str, low: int, high: int) -> Case:
    def holds(fields: Fields) -> bool:
        numbers = [
            each for each in held(fields, name) if isinstance(each, int | float) and not isinstance(each, bool)
        ]
        return any(low <= each <= high for each in numbers)

    return f"{named(name)}:[{low} TO {high}]", holds


def one_of(name: str, values: list[Any]) -> Case:
    parts = [equal(name, value)[1] for value in values]
    return f"{named(name)} IN ({', '.join(map(written, values))})", lambda f: any(part(f) for part in parts)


def chain(word: str, cases: list[Case]) -> Case:
    how = operator.and_ if word == "AND" else operator.or_
    texts = [f"({text})" for text, _ in cases]
    return f" {word} ".join(texts), lambda f: reduce(how, [holds(f) for _, holds in cases])


def negated(case: Case) -> Case:
    return f"NOT ({case[0]})", lambda f: not case[1](f)


leaves = st.one_of(
    st.builds(equal, NAMES, VALUES),
    st.builds(within, NAMES, st.integers(0, 3), st.integers(0, 3)),
    st.builds(one_of, NAMES, st.lists(VALUES, min_size=1, max_size=3)),
)
cases = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(chain, st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=2, max_size=3)),
        st.builds(negated, inner),
    ),
    max_leaves=8,
)
contents = VALUES | st.booleans() | st.floats(0, 3, width=16) | st.lists(VALUES, max_size=3)


@given(cases, st.lists(st.dictionaries(NAMES, contents), min_size=1, max_size=4))
def test_any_filter_means_what_its_parts_mean(case: Case, documents: list[Fields]) -> None:
    text, holds = case
    assert passing(parse(text), table_of(*documents)).tolist() == [holds(fields) for fields in documents]


@given(st.lists(leaves, min_size=3, max_size=3), st.dictionaries(NAMES, contents))
def test_and_binds_tighter_than_or(three: list[Case], fields: Fields) -> None:
    (a, is_a), (b, is_b), (c, is_c) = three
    table = table_of(fields)
    assert passing(parse(f"{a} OR {b} AND {c}"), table)[0] == (is_a(fields) or (is_b(fields) and is_c(fields)))
    assert passing(parse(f"NOT {a} AND {b}"), table)[0] == (not is_a(fields) and is_b(fields))


def test_a_filter_can_be_had_without_some_of_its_terms() -> None:
    node = parse("color:red AND (price:[1 TO 2] OR NOT size IN (a, b))")
    assert [term.raw for term in terms_of(node)] == ["color:red", "price:[1 TO 2]", "size IN (a, b)"]
    assert without(node, frozenset({"color:red"})) == parse("price:[1 TO 2] OR NOT size IN (a, b)")
    assert without(node, frozenset({"price:[1 TO 2]"})) == parse("color:red AND NOT size IN (a, b)")
    assert without(node, frozenset({"color:red", "price:[1 TO 2]", "size IN (a, b)"})) is None


def test_documents_that_come_later_are_filtered_too_and_those_that_went_are_found_no_more() -> None:
    table = table_of({"x": "a"}, {"x": "b"})
    assert passing(parse("x:a"), table).tolist() == [True, False]
    table.add(Document("late", {"x": "a"}, (), np.zeros((0, 2), dtype=np.float32)))
    table.remove("0")
    assert (passing(parse("x:a"), table) & table.alive).tolist() == [False, False, True]
