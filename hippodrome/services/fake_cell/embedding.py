"""Deterministic embeddings: hashed words and character n-grams, so that close texts lie close."""

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]

WORD_WEIGHT = 1.0
GRAM_WEIGHT = 0.4  # parts of words make inflections and misspellings close
GRAM = 3
WORDS = re.compile(r"\w+")


@lru_cache(maxsize=4096)
def embed(text: str, dimension: int) -> Vector:
    """A vector of length 1 and this dimension; the same for the same text on every machine."""
    vector = np.zeros(dimension, dtype=np.float32)
    for feature, weight in _features(text.casefold()):
        place = zlib.crc32(feature.encode("utf-8", "surrogatepass"))
        vector[place % dimension] += weight if place & 0x80000000 else -weight
    length = float(np.linalg.norm(vector))
    if length == 0.0:  # nothing to hash: some direction, always the same
        vector[0] = length = 1.0
    vector /= length
    vector.flags.writeable = False
    return vector


def _features(text: str) -> Iterator[tuple[str, float]]:
    for word in WORDS.findall(text) or [text]:
        yield word, WORD_WEIGHT
        framed = f"<{word}>"
        for start in range(len(framed) - GRAM + 1):
            yield framed[start : start + GRAM], GRAM_WEIGHT


def unit(vector: NDArray[np.float64]) -> Vector:
    """The same direction with length 1. `vector` is not zero."""
    return (vector / np.linalg.norm(vector)).astype(np.float32)
