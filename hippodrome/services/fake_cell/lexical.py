"""Lexical search: bm25 over all text of the documents, and required phrases."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

TERMS = re.compile(r"\w+")
PHRASES = re.compile(r'(?<!\\)"([^"]*)"(?=\s|$)')
K1, B = 1.2, 0.75  # Vespa's own defaults


def terms(text: str) -> list[str]:
    """Words, without case."""
    return TERMS.findall(text.casefold())


def text_of(fields: dict[str, Any], searched: Sequence[str] | None) -> str:
    """All text of a document, or of the fields that are searched."""
    values = (value for field, value in fields.items() if searched is None or field in searched)
    return "\n".join(part for value in values for part in _texts(value))


def _texts(value: Any) -> Iterable[str]:
    return [value] if isinstance(value, str) else value if isinstance(value, list) else ()


def phrases(query: str) -> list[list[str]]:
    """What must stand in a document word after word."""
    return [found for phrase in PHRASES.findall(query) if (found := terms(phrase))]


def scores(query: str, texts: dict[str, str]) -> dict[str, float]:
    """bm25 of each document (id → text) that holds a word of the query and all of its phrases."""
    words = {name: terms(text) for name, text in texts.items()}
    wanted, required = set(terms(query)), phrases(query)
    counts = {name: Counter(found) for name, found in words.items()}
    average = sum(map(len, words.values())) / max(len(words), 1) or 1.0
    rarity = {word: _idf(sum(word in count for count in counts.values()), len(words)) for word in wanted}
    found: dict[str, float] = {}
    for name, count in counts.items():
        score = sum(rarity[word] * _weight(count[word], len(words[name]) / average) for word in wanted)
        if score > 0 and all(_stands(phrase, words[name]) for phrase in required):
            found[name] = score
    return found


def _idf(documents_with: int, documents: int) -> float:
    return math.log(1 + (documents - documents_with + 0.5) / (documents_with + 0.5))


def _weight(count: int, relative_length: float) -> float:
    return count * (K1 + 1) / (count + K1 * (1 - B + B * relative_length))


def _stands(phrase: list[str], words: list[str]) -> bool:
    size = len(phrase)
    return any(words[start : start + size] == phrase for start in range(len(words) - size + 1))
