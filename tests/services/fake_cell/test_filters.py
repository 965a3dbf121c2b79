"""The filter language against a plain reading of the same conditions."""

import operator
import re
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.documents import Document
from hippodrome.services.fake_cell.filters import OneOf, parse
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
        "color:(red",
        "title CONTAINS really",
        "title contains (REALLY, red)",
        "title CONTAINS reds AND NOT title CONTAINS (red really)",
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
        ("AND color:red", 0, "Unexpected AND"),
        ("color:red AND", 10, "Expected term or expression, but found AND"),
        ("color:red AND ", 11, "Expected term or expression, but found AND"),
        ("color:red OR OR color:blue", 13, "Expected term or expression, but found OR"),
        ("(color:red OR)", 11, "Expected term or expression, but found OR"),
        ("color:red color:blue", 10, "Unexpected term 'color:blue'. Expected an operator"),
        ("color:red and color:blue", 13, "Cannot parse token 'and'"),
        ("color:red (x:1)", 14, "Unexpected expression ending at position 14"),
        ("NOT NOT color:red", 4, "Unexpected modifier 'NOT'"),
        ("color:red NOT x:1", 10, "Unexpected modifier 'NOT'"),
        ("NOT AND color:red", 4, "Expected term or expression, but found AND"),
        ("NOT", 0, "Expected term or expression, but found NOT"),
        ("NOT(color:red)", 3, "Unexpected ("),
        ("color(red)", 5, "Unexpected ("),
        ("()", 0, "Empty expression"),
        (")", 0, "Unexpected )"),
        ("color:red)", 9, "Unexpected )"),
        ("color", 5, "Cannot parse token 'color'"),
        ("color:", 6, "Cannot parse token 'color:'"),
        ("color:()", 8, "Cannot parse token 'color:()'"),
        (":red", 4, "Cannot parse token ':red'"),
        ("color:(red)x", 11, "Expected end of term, but found 'x'"),
        ("price:[* TO *]", 14, "Cannot parse range term 'price:[* TO *]': At least one of lower or upper must be"),
        ("price:[a TO b]", 14, "Cannot parse range term 'price:[a TO b]': Invalid range limit 'a'"),
        ("price:[1 TO nan]", 16, "Cannot parse range term 'price:[1 TO nan]': Invalid range limit 'nan'"),
        ("price:[1 20]", 12, "not enough values to unpack (expected 2, got 1)"),
        ("price:[1 TO 2 TO 3]", 19, "too many values to unpack (expected 2)"),
        ("color IN red", 5, "Expected ( after ' IN '"),
        ("color IN (a b)", 11, "Unexpected white space in IN term list"),
        ("color IN (a, [1 TO 2])", 13, "[ and ] are only usable with the RANGE operator."),
        ("title CONTAINS [1 TO 2]", 15, "[ and ] are only usable with the RANGE operator."),
        ("title CONTAINS ", 15, "Cannot parse token 'title CONTAINS '"),
        ("title CONTAINS red lamp", 23, "Cannot parse token 'lamp'"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, position: int, why: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse(text)
    assert (caught.value.status, caught.value.code) == (400, "invalid_argument")
    blank, said, caret, place = caught.value.message.split("\n")
    assert (blank, said) == ("", f"Error parsing filter: {text}")
    assert caret.index("^") - len("Error parsing filter: ") == position
    assert place.startswith(f"at position {position}: ")
    assert why in place


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Cannot parse empty filter string"),
        ("   ", "Error parsing filter string None: Empty filter string"),
        ("(color:red", "Error parsing filter string None: Unbalanced parentheses"),
        ("color:red AND (", "Error parsing filter string None: Unbalanced parentheses"),
        ("color IN (a, b", "Error parsing filter string None: Unbalanced parentheses"),
        ("(" * 1000, "Error parsing filter string None: More than 100 parentheses within each other"),
    ],
)
def test_a_mistake_without_a_place_is_told_as_such(text: str, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse(text)
    assert caught.value.message == message


@given(st.text(st.sampled_from("ab:()[]\\ ,*0 ANDORNOTINTOCONTAINS"), max_size=30))
def test_any_text_is_read_or_refused_with_a_place_in_it(text: str) -> None:
    try:
        passing(parse(text), table_of({"a": "b"}))
    except ApiError as error:
        if "at position" not in error.message:
            return
        position = int(error.message.rpartition("at position ")[2].partition(":")[0])
        assert 0 <= position <= len(text)


Fields = dict[str, Any]
Case = tuple[str, Callable[[Fields], bool]]
NAMES = st.sampled_from(["x", "y", "a b"])
VALUES = st.sampled_from(["red", "a (b) c", "AND", "it's: so", "1", "2.5", "true", "\\"]) | st.integers(0, 3)


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


def words_in(value: Any) -> list[str]:
    return re.findall(r"\w+", value.lower()) if isinstance(value, str) else []


def containing(name: str, text: str) -> Case:
    """Words of which each is its own stem."""
    wanted = words_in(text)

    def holds(fields: Fields) -> bool:
        words = [word for each in held(fields, name) for word in words_in(each)]
        starts = range(len(words) - len(wanted) + 1)
        return bool(wanted) and any(words[start : start + len(wanted)] == wanted for start in starts)

    return f"{named(name)} CONTAINS {written(text)}", holds


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
    st.builds(containing, NAMES, st.sampled_from(["red", "B c", "it's", "so", "!"])),
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


def test_a_term_that_is_negated_after_and_takes_what_follows_to_its_side() -> None:
    """So does the server: AND waits for a term, and NOT is none yet."""
    assert parse("a:1 AND NOT b:1 OR c:1") == parse("a:1 AND (NOT b:1 OR c:1)")
    assert parse("a:1 AND NOT b:1 AND c:1 OR d:1") == parse("a:1 AND (NOT b:1 AND c:1 OR d:1)")
    assert parse("a:1 AND NOT (b:1) OR c:1") == parse("(a:1 AND NOT b:1) OR c:1") != parse("a:1 AND NOT b:1 OR c:1")


def test_a_filter_may_have_very_many_terms() -> None:
    text = " AND ".join(f"NOT x:{number}" for number in range(1000))
    assert lets_through(text, {"x": 1000})
    assert not lets_through(text, {"x": 999})


def test_a_comma_parts_values_within_brackets_too() -> None:
    assert parse("x IN ((a, b), c\\,d)") == OneOf("x", ("a", "b", "c,d"), "x IN ((a, b), c\\,d)")
    assert parse("x IN (,)") == OneOf("x", ("", ""), "x IN (,)")


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
