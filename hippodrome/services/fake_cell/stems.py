"""Words of texts by their stems: in which language a field's words are stemmed, and a query's for that field."""

import re
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

TERMS = re.compile(r"\w+")
ENGLISH = "en"
STEMS_KEPT = 2**17  # a word takes a tenth of a millisecond, and most come again
STEMMERS = {  # those of Vespa's linguistics that are Snowball's; docs.vespa.ai/en/linguistics.html
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "nb": "norwegian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}


@dataclass(frozen=True)
class Style:
    """What mappings say of a field of texts: a tag such as `pt` or `pt-BR`, and `none` for words as they are.

    A field without a language is read as English, and so are queries for it.
    """

    language: str | None = None
    stemming: str | None = None

    def terms(self, text: str) -> tuple[str, ...]:
        """Of a text of this field."""
        return self._stemmed(tuple(words_in(text)), self.language)

    def asked(self, words: tuple[str, ...], language: str | None) -> tuple[str, ...]:
        """Words of a query in this language, as they may stand in this field."""
        return self._stemmed(words, (language or ENGLISH) if self.language else None)

    @property
    def kept(self) -> list[str | None]:
        """As it is written to disk, from which `Style(*kept)` makes it again."""
        return [self.language, self.stemming]

    def _stemmed(self, words: tuple[str, ...], language: str | None) -> tuple[str, ...]:
        if self.stemming == "none":
            return words
        base = (language or ENGLISH).replace("_", "-").partition("-")[0].lower()
        return tuple(stem(word, base) for word in words)


PLAIN = Style()


def words_in(text: str) -> list[str]:
    """Without case."""
    return TERMS.findall(text.casefold())


@lru_cache(maxsize=STEMS_KEPT)
def stem(word: str, language: str = ENGLISH) -> str:
    """A word with digits in it, or of a language that has no stemmer, stays as it is."""
    if not word.isalpha() or language not in STEMMERS:
        return word
    # a stemmer for each, for one at work serves no other thread
    found: str = snowballstemmer.stemmer(STEMMERS[language]).stemWord(word)
    return found
