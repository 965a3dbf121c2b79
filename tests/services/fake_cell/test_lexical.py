"""Words and phrases of a query, and what they weigh."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from hippodrome.services.fake_cell.lexical import NOT_A_HIT, Lexicon, read
from hippodrome.services.fake_cell.stems import PLAIN, Style

Scores = dict[str, float]

TEXTS = {
    "often": "horse horse horse and a cart",
    "once": "a horse and a cart",
    "long": "a horse and a cart " + "and more of this and that " * 20,
    "other": "a lamp",
}


@dataclass(frozen=True)
class Text:
    fields: dict[str, Any]


def found(
    query: str,
    documents: Sequence[dict[str, Any]],
    *,
    gone: Sequence[int] = (),
    searched: Sequence[str] | None = None,
    styles: dict[str, Style] | None = None,
    language: str | None = None,
) -> dict[int, float]:
    """The score of each place that is a hit."""
    lexicon, alive = Lexicon(), np.ones(len(documents), dtype=np.bool_)
    for place, fields in enumerate(documents):
        lexicon.add(place, fields, styles)
    alive[list(gone)] = False
    asked = read(query, language=language)
    scores = lexicon.scores(asked, alive, [Text(fields) for fields in documents], searched)
    return {place: float(score) for place, score in enumerate(scores) if score > NOT_A_HIT}


def scores(query: str, texts: dict[str, str]) -> Scores:
    names = [*texts]
    return {names[place]: score for place, score in found(query, [{"text": text} for text in texts.values()]).items()}


def ranked(query: str) -> list[str]:
    scored = scores(query, TEXTS)
    return sorted(scored, key=lambda name: -scored[name])


def test_more_often_and_in_shorter_texts_counts_more() -> None:
    assert ranked("horse") == ["often", "once", "long"]


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    assert ranked("a lamp")[0] == "other"


def test_a_score_is_that_of_bm25() -> None:
    # one of two texts, both of one word: idf = ln(1 + 1.5 / 1.5), and the weight of a word that stands once is 1
    assert scores("horse", {"1": "horse", "2": "lamp"}) == {"1": pytest.approx(0.693147, abs=1e-6)}


@pytest.mark.parametrize(
    ("query", "words", "phrases"),
    [
        ('"red lamp"', (), (("red", "lamp"),)),
        ('a "red lamp" and "blue horse"', ("a", "and"), (("red", "lamp"), ("blue", "horse"))),
        ('"red lamp"s', ("red", "lamp", "s"), ()),
        ('a"red lamp"', ("a", "red", "lamp"), ()),
        ('\\"red lamp\\"', ("red", "lamp"), ()),
        ('"red \\"lamp\\""', (), (("red", "lamp"),)),
        ('"unclosed', ("unclosed",), ()),
        ('""', (), ()),
        ('"!?"', (), ()),
    ],
)
def test_a_phrase_stands_in_quotes_that_stand_apart(
    query: str, words: tuple[str, ...], phrases: tuple[tuple[str, ...], ...]
) -> None:
    asked = read(query)
    assert (asked.words, asked.phrases) == (words, phrases)


def test_each_phrase_must_be_there_and_one_of_the_other_words() -> None:
    documents = [{"text": "a red lamp"}, {"text": "a lamp, red"}, {"text": "red lamp", "note": "old"}]
    assert found('"red lamp"', documents).keys() == {0, 2}
    assert found('old "red lamp"', documents).keys() == {2}
    assert found('new "red lamp"', documents).keys() == set()


def test_words_are_told_apart_without_case_in_every_script() -> None:
    assert PLAIN.terms("Straße, ÉTÉ & 東京-2") == ("strass", "été", "東京", "2")


def test_words_are_found_in_every_form_and_phrases_too() -> None:
    documents = [{"text": "reading lamps"}, {"text": "he reads by a lamp"}, {"text": "a vase no3s"}]
    assert found("lamp", documents).keys() == found("LAMPS", documents).keys() == {0, 1}
    assert found('"read lamp"', documents).keys() == {0}
    assert found("no3", documents) == {}


def test_words_of_fields_and_lists_are_found_and_nothing_else_is() -> None:
    fields = {"title": "a lamp", "tags": ["old", "brass"], "price": 3, "picture": "data:image/svg+xml,lamp svg"}
    assert found("brass", [fields])
    assert found("lamp", [fields], searched=["tags", "absent"]) == {}
    assert found("svg 3", [fields]) == {}


def test_each_field_counts_for_itself() -> None:
    both, one = {"title": "lamp", "note": "lamp"}, {"title": "lamp", "note": "vase"}
    scored = found("lamp", [both, one])
    assert scored[0] > scored[1]
    assert found("lamp", [both, one], searched=["title"])[0] == pytest.approx(scored[1])


def test_what_has_gone_weighs_no_more() -> None:
    kept, gone = {"title": "red lamp"}, {"title": "red vase of glass", "tags": ["red"]}
    assert found("red lamp glass", [kept, gone], gone=[1]) == found("red lamp glass", [kept])


def test_a_field_with_a_language_is_found_by_words_of_that_language() -> None:
    documents, styles = [{"pt": "mole", "en": "dress"}, {"pt": "leve", "en": "moles"}], {"pt": Style("pt-BR")}
    assert found("mole", documents, styles=styles, language="pt").keys() == {0, 1}
    assert found("mole", documents, styles=styles).keys() == {1}  # whose stem is another in Portuguese
    assert found('"moles"', documents, styles=styles, language="pt", searched=["pt"]).keys() == {0}


def test_a_field_without_stems_has_its_words_as_they_are() -> None:
    documents = [{"title": "red lamps"}]
    assert found("lamps", documents, styles={"title": Style(stemming="none")})
    assert not found("lamp", documents, styles={"title": Style(stemming="none")})
    assert found("lamp", documents, styles={"title": Style(stemming="best")})
    assert found("lamps", documents, styles={"title": Style("xx")}, language="xx")
