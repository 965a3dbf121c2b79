"""The words of an index, kept up to date document by document, and bm25 over them."""

import math
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.fake_cell.columns import HasFields
from hippodrome.services.fake_cell.stems import PLAIN, Style, words_in

QUOTE = re.compile(r'(?<!\\)"')
K1, B = 1.2, 0.75  # Vespa's own defaults
NOT_A_HIT = -np.inf

Words = tuple[str, ...]
Scores = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Asked:
    """What a lexical query asks for: any of the words, and each phrase word after word; not yet by their stems."""

    words: Words
    phrases: tuple[Words, ...]
    language: str | None = None


def read(query: str, *, needs_all: bool = False, language: str | None = None) -> Asked:
    """Phrases stand in quotes with a space, or the end, on their outer sides; other quotes are blanks.

    `needs_all`: whether each of the words must be there, as if it stood in quotes of its own.
    """
    marks = [found.start() for found in QUOTE.finditer(query)]
    rest, phrases = list(query), list[Words]()
    for first, last in zip(marks[::2], marks[1::2], strict=False):
        is_apart = (first == 0 or query[first - 1] == " ") and (last + 1 == len(query) or query[last + 1] == " ")
        if is_apart:
            if phrase := tuple(words_in(query[first + 1 : last])):
                phrases.append(phrase)
            rest[first : last + 1] = " " * (last + 1 - first)
    words = tuple(dict.fromkeys(words_in("".join(rest))))
    if needs_all:
        return Asked((), (*((word,) for word in words), *phrases), language)
    return Asked(words, tuple(phrases), language)


class _Field:
    """One field's words: where each stands and how often; and how many words there are at each place."""

    def __init__(self) -> None:
        self.holders: dict[str, tuple[array[int], array[int]]] = {}
        self.places, self.lengths = array("q"), array("q")
        self.style = PLAIN
        self._measured: tuple[tuple[int, int], Scores, float] | None = None

    def add(self, place: int, words: Sequence[str]) -> None:
        self.places.append(place)
        self.lengths.append(len(words))
        for word, count in Counter(words).items():
            places, counts = self.holders.setdefault(word, (array("q"), array("q")))
            places.append(place)
            counts.append(count)

    def score(self, words: Iterable[str], alive: Mask, found: Scores) -> None:
        """Adds what this field gives to each place that has a word; what was no hit becomes one."""
        documents = int(alive.sum())
        lengths, average = self._lengths(alive, documents)
        for word in dict.fromkeys(words):
            if word in self.holders:
                places, counts = (np.array(each) for each in self.holders[word])
                living = alive[places]
                places, counts = places[living], counts[living]
                rarity = math.log(1 + (documents - len(places) + 0.5) / (len(places) + 0.5))
                weight = counts * (K1 + 1) / (counts + K1 * (1 - B + B * lengths[places] / average))
                found[places] = np.maximum(found[places], 0.0) + rarity * weight

    def _lengths(self, alive: Mask, documents: int) -> tuple[Scores, float]:
        """How many words stand at each place, and on average where there are any; the same while nothing changes."""
        state = len(alive), documents  # places come or are emptied, and never come back
        if self._measured is None or self._measured[0] != state:
            lengths = np.zeros(len(alive))
            lengths[np.array(self.places)] = np.array(self.lengths)
            own = lengths[alive & (lengths > 0)]
            self._measured = state, lengths, float(own.mean()) if len(own) else 1.0
        return self._measured[1:]


class Lexicon:
    """By field and word. A document that has gone stays in it; who asks says which places are alive."""

    def __init__(self) -> None:
        self._fields: dict[str, _Field] = defaultdict(_Field)

    def add(self, place: int, fields: Mapping[str, Any], styles: Mapping[str, Style] | None = None) -> None:
        """Places come in their order. A field keeps the style that it began with."""
        for name, value in fields.items():
            field = self._fields.get(name)
            style = field.style if field else (styles or {}).get(name, PLAIN)
            if words := words_of(value, style):
                if field is None:
                    field = self._fields[name]
                    field.style = style
                field.add(place, words)

    def scores(
        self, asked: Asked, alive: Mask, documents: Sequence[HasFields], searched: Sequence[str] | None = None
    ) -> Scores:
        """bm25 of each place, summed over the fields; NOT_A_HIT where a phrase is missing, or every word."""
        names = [*self._fields] if searched is None else [each for each in searched if each in self._fields]
        found = np.full(len(alive), NOT_A_HIT)
        for name in names:
            self._fields[name].score(self._stemmed(name, asked.words, asked.language), alive, found)
        if asked.phrases:
            self._keep_phrases(asked, alive, documents, names, found)
        return found

    def holding(self, name: str, asked: Asked, documents: Sequence[HasFields]) -> Mask:
        """Where a field has its phrase, alive or not; nowhere for one without words."""
        found = np.zeros(len(documents), dtype=np.bool_)
        phrase = asked.phrases[0] if asked.phrases else ()
        words = self._stemmed(name, phrase, asked.language) if name in self._fields else ()
        holders = [self._fields[name].holders.get(word) for word in words]
        if not words or None in holders:
            return found
        fewest = min((each[0] for each in holders if each), key=len)
        for place in fewest:
            found[place] = self._has(documents[place].fields, [name], asked.language, phrase)
        return found

    def _stemmed(self, name: str, words: Words, language: str | None) -> Words:
        return self._fields[name].style.asked(words, language)

    def _keep_phrases(
        self, asked: Asked, alive: Mask, documents: Sequence[HasFields], names: list[str], found: Scores
    ) -> None:
        of_phrases = np.full(len(alive), NOT_A_HIT)
        together = tuple(dict.fromkeys(word for phrase in asked.phrases for word in phrase))
        for name in names:
            self._fields[name].score(self._stemmed(name, together, asked.language), alive, of_phrases)
        candidates = (found > NOT_A_HIT) & (of_phrases > NOT_A_HIT) if asked.words else of_phrases > NOT_A_HIT
        for place in np.flatnonzero(candidates).tolist():
            fields = documents[place].fields
            candidates[place] = all(self._has(fields, names, asked.language, phrase) for phrase in asked.phrases)
        total = np.maximum(found, 0.0) + np.maximum(of_phrases, 0.0)
        found[:] = np.where(candidates, total, NOT_A_HIT)

    def _has(self, fields: Mapping[str, Any], among: Iterable[str], language: str | None, phrase: Words) -> bool:
        size = len(phrase)
        for name in among:
            words, wanted = (
                words_of(fields.get(name), self._fields[name].style),
                self._stemmed(name, phrase, language),
            )
            if any(tuple(words[start : start + size]) == wanted for start in range(len(words) - size + 1)):
                return True
        return False


def words_of(value: Any, style: Style = PLAIN) -> list[str]:
    """Of a text, or a list of texts; what is embedded as a picture's bytes has none."""
    texts: Iterable[Any] = [value] if isinstance(value, str) else value if isinstance(value, list) else ()
    readable = (text for text in texts if isinstance(text, str) and not text.startswith("data:"))
    return [word for text in readable for word in style.terms(text)]
