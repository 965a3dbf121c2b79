"""Words and phrases of a query, and what they weigh."""

import pytest

from hippodrome.services.fake_cell.lexical import Lexicon, phrases, terms

TEXTS = {
    "often": "horse horse horse and a cart",
    "once": "a horse and a cart",
    "long": "a horse and a cart " + "and more of this and that " * 20,
    "other": "a lamp",
}


def scores(query: str, texts: dict[str, str]) -> dict[str, float]:
    lexicon, documents = Lexicon(), {name: {"text": text} for name, text in texts.items()}
    for name, fields in documents.items():
        lexicon.add(name, fields)
    return lexicon.scores(query, documents)


def ranked(query: str) -> list[str]:
    found = scores(query, TEXTS)
    return sorted(found, key=lambda name: -found[name])


def test_more_often_and_in_shorter_texts_counts_more() -> None:
    assert ranked("horse") == ["often", "once", "long"]


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    assert ranked("a lamp")[0] == "other"


def test_a_score_is_that_of_bm25() -> None:
    # one of two texts, both of one word: idf = ln(1 + 1.5 / 1.5), and the weight of a word that stands once is 1
    assert scores("horse", {"1": "horse", "2": "lamp"}) == {"1": pytest.approx(0.693147, abs=1e-6)}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"red lamp"', [["red", "lamp"]]),
        ('a "red lamp" and "blue horse"', [["red", "lamp"], ["blue", "horse"]]),
        ('"red lamp"s', []),
        ('\\"red lamp\\"', []),
        ('"unclosed', []),
        ('""', []),
        ('"!?"', []),
    ],
)
def test_a_phrase_stands_in_quotes(query: str, found: list[list[str]]) -> None:
    assert phrases(query) == found


def test_words_are_told_apart_without_case_in_every_script() -> None:
    assert terms("Straße, ÉTÉ & 東京-2") == ["strasse", "été", "東京", "2"]


def test_words_of_fields_and_lists_are_found_and_nothing_else_is() -> None:
    fields = {"title": "a lamp", "tags": ["old", "brass"], "price": 3, "picture": "data:image/svg+xml,lamp svg"}
    lexicon = Lexicon()
    lexicon.add("1", fields)
    documents = {"1": fields}
    assert lexicon.scores("brass", documents)
    assert lexicon.scores("lamp", documents, ["tags", "absent"]) == {}
    assert lexicon.scores("svg 3", documents) == {}


def test_what_is_removed_weighs_no_more() -> None:
    lexicon, alone = Lexicon(), Lexicon()
    kept, gone = {"title": "red lamp"}, {"title": "red vase of glass", "tags": ["red"]}
    alone.add("1", kept)
    lexicon.add("1", kept)
    lexicon.add("2", gone)
    lexicon.remove("2", gone)
    assert lexicon.scores("red lamp glass", {"1": kept}) == alone.scores("red lamp glass", {"1": kept})
