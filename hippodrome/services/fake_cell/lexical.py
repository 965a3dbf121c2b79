"""The words of an index, kept up to date document by document, and bm25 over them."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

TERMS = re.compile(r"\w+")
PHRASES = re.compile(r'(?<!\\)"([^"]*)"(?=\s|$)')
K1, B = 1.2, 0.75  # Vespa's own defaults


def terms(text: str) -> list[str]:
    """Words, without case."""
    return TERMS.findall(text.casefold())


def phrases(query: str) -> list[list[str]]:
    """What must stand in a document word after word."""
    return [found for phrase in PHRASES.findall(query) if (found := terms(phrase))]


class Lexicon:
    """By field: which document has which word how often, and how many words it has."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
        self._lengths: dict[str, dict[str, int]] = defaultdict(dict)
        self._total: Counter[str] = Counter()

    def add(self, name: str, fields: Mapping[str, Any]) -> None:
        """A document that is not in it."""
        for field, value in fields.items():
            if words := _words(value):
                self._lengths[field][name] = len(words)
                self._total[field] += len(words)
                for word, count in Counter(words).items():
                    self._counts[field][word][name] = count

    def remove(self, name: str, fields: Mapping[str, Any]) -> None:
        """A document with the fields that it was added with."""
        for field, value in fields.items():
            self._total[field] -= self._lengths[field].pop(name, 0)
            for word in set(_words(value)):
                holders = self._counts[field][word]
                holders.pop(name, None)
                if not holders:
                    del self._counts[field][word]

    def scores(
        self, query: str, documents: Mapping[str, Mapping[str, Any]], searched: Sequence[str] | None = None
    ) -> dict[str, float]:
        """bm25 of each document (id → fields) that holds a word of the query and all of its phrases."""
        among = [*self._lengths] if searched is None else [field for field in searched if field in self._lengths]
        average = sum(self._total[field] for field in among) / max(len(documents), 1) or 1.0
        found: dict[str, float] = defaultdict(float)
        for word in set(terms(query)):
            counts: Counter[str] = Counter()
            for field in among:
                counts.update(self._counts[field].get(word, {}))
            rarity = math.log(1 + (len(documents) - len(counts) + 0.5) / (len(counts) + 0.5))
            for name, count in counts.items():
                length = sum(self._lengths[field].get(name, 0) for field in among)
                found[name] += rarity * count * (K1 + 1) / (count + K1 * (1 - B + B * length / average))
        for phrase in phrases(query):
            found = {name: score for name, score in found.items() if _has(documents[name], among, phrase)}
        return dict(found)


def _words(value: Any) -> list[str]:
    texts: Iterable[Any] = [value] if isinstance(value, str) else value if isinstance(value, list) else ()
    readable = (text for text in texts if isinstance(text, str) and not text.startswith("data:"))
    return [word for text in readable for word in terms(text)]


def _has(fields: Mapping[str, Any], among: Iterable[str], phrase: list[str]) -> bool:
    size = len(phrase)
    for field in among:
        words = _words(fields.get(field))
        if any(words[start : start + size] == phrase for start in range(len(words) - size + 1)):
            return True
    return False
