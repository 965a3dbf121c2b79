"""Several vectors made into one."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.common.errors import ApiError

Exact = NDArray[np.float64]
Method = Literal["lerp", "nlerp", "slerp"]
METHODS: tuple[Method, ...] = ("lerp", "nlerp", "slerp")


def interpolated(method: Method, vectors: Sequence[Exact], weights: Sequence[float]) -> Exact:
    """By the weights, of which only the proportions count; a negative one turns its vector. Raises ApiError 400."""
    total = sum(map(abs, weights))
    if not total:
        what = "Please ensure at least one weight is non-zero."
        raise _refused(f"Cannot interpolate vectors with all zero weights. {what}")
    shares = [weight / total for weight in weights]
    if method == "slerp":
        turned = [vector if share >= 0 else -vector for vector, share in zip(vectors, shares, strict=True)]
        return _along_the_sphere(turned, [abs(share) for share in shares])
    found: Exact = np.sum([vector * share for vector, share in zip(vectors, shares, strict=True)], axis=0)
    length = float(np.linalg.norm(found))
    if method == "nlerp":
        if not length:
            what = "NLERP cannot normalize a vector with zero magnitude"
            raise _refused(f"Linear interpolation of embeddings led to a zero-magnitude vector. {what}")
        found = found / length
    return found


def _along_the_sphere(vectors: list[Exact], weights: list[float]) -> Exact:
    """Two and two, until one is left, as in a knockout."""
    while len(vectors) > 1:
        pairs = range(0, len(vectors) - 1, 2)
        met = [_between(vectors[at : at + 2], weights[at : at + 2]) for at in pairs]
        both = [(weights[at] + weights[at + 1]) / 2 for at in pairs]
        odd = len(vectors) % 2
        vectors = met + vectors[len(vectors) - odd :]
        weights = both + weights[len(weights) - odd :]
    return vectors[0]


def _between(pair: list[Exact], weights: list[float]) -> Exact:
    one, other = pair
    share = weights[1] / (sum(weights) or 1.0)
    lengths = float(np.linalg.norm(one)) * float(np.linalg.norm(other))
    angle = math.acos(float(np.clip(np.dot(one, other) / lengths, -1.0, 1.0))) if lengths else 0.0
    if not math.sin(angle):
        return (1 - share) * one + share * other
    return (math.sin((1 - share) * angle) * one + math.sin(share * angle) * other) / math.sin(angle)


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)
