"""Texts cut into chunks."""

from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hippodrome.services.fake_cell.chunks import chunks

Method = Literal["character", "word", "sentence", "passage"]


def cut(text: str, method: Method, length: int, overlap: int = 0) -> list[str]:
    return chunks(text, {"splitMethod": method, "splitLength": length, "splitOverlap": overlap})


@pytest.mark.parametrize(
    ("length", "overlap", "found"),
    [
        (2, 0, ["a b", "c d", "e"]),
        (2, 1, ["a b", "b c", "c d", "d e"]),
        (3, 2, ["a b c", "b c d", "c d e"]),
        (5, 4, ["a b c d e"]),
        (9, 0, ["a b c d e"]),
        (9, 8, ["a b c d e"]),
    ],
)
def test_each_group_shares_its_overlap_with_the_one_before(length: int, overlap: int, found: list[str]) -> None:
    assert cut("a b c d e", "word", length, overlap) == found


def test_a_sentence_ends_with_its_mark_and_a_space() -> None:
    assert cut("It cost 3.50 today! Why? It did.", "sentence", 1) == ["It cost 3.50 today!", "Why?", "It did."]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Dr. Smith left at 5 p.m. with J. Doe. He ran.", ["Dr. Smith left at 5 p.m. with J. Doe.", "He ran."]),
        ("It closes at 5 p.m. The door is red.", ["It closes at 5 p.m.", "The door is red."]),
        ('"Is it?" she asked. (It is.) So...  Good', ['"Is it?"', "she asked.", "(It is.)", "So...", "Good"]),
        ("Wait... for 3.50 more, e.g. tomorrow. ", ["Wait... for 3.50 more, e.g. tomorrow."]),
    ],
)
def test_an_abbreviation_ends_no_sentence(text: str, found: list[str]) -> None:
    assert cut(text, "sentence", 1) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don't stop. It's $3.50, or 1,000!", "Do n't stop . It 's $ 3.50 , or 1,000 !"),
        ('He (a Dr. Who) said "cannot".', "He ( a Dr. Who ) said `` can not '' ."),
        ("a,b: 3:30 -- dogs' toys...", "a , b : 3:30 -- dogs ' toys ..."),
    ],
)
def test_marks_are_words_by_themselves(text: str, found: str) -> None:
    assert cut(text, "word", 1) == found.split()


def test_passages_are_set_apart_by_an_empty_line_and_joined_by_a_blank() -> None:
    assert cut("a\nb\n\nc\n \nd", "passage", 2) == ["a\nb c\n \nd"]
    assert cut("a\n\n\n\nb", "passage", 1) == ["a", "b"]


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
@pytest.mark.parametrize("method", get_args(Method))
def test_no_text_is_one_blank_chunk(text: str, method: Method) -> None:
    assert cut(text, method, 2) == [" "]


@pytest.mark.parametrize("text", ["!" * 100_000, "." * 99_000 + " x", "a.'\" " * 20_000])
def test_rows_of_marks_are_cut_at_once(text: str) -> None:
    assert cut(text, "word", 10)


@given(st.lists(st.text("abc", min_size=1), min_size=1, max_size=30), st.integers(1, 9), st.data())
def test_every_word_is_in_a_chunk_and_no_chunk_is_too_long(
    words: list[str], length: int, data: st.DataObject
) -> None:
    found = cut(" ".join(words), "word", length, data.draw(st.integers(0, length - 1)))
    assert {word for chunk in found for word in chunk.split()} == set(words)
    assert all(len(chunk.split()) <= length for chunk in found)
    assert found[0].split() == words[:length]
    assert found[-1].split()[-1] == words[-1]
