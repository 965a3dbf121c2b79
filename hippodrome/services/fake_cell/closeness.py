"""How a vector's distance becomes a score, by the space of the index: 1 / (1 + distance), as Vespa has it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.fake_cell.embedding import Vector
from hippodrome.services.fake_cell.matrix import Matrix

Scores = NDArray[np.float64]
EARTH_KM = 6371.0088  # as Vespa has it, searchlib/tensor/geo_degrees_distance


def closeness(space: str, matrix: Matrix, wanted: Vector) -> Scores:
    """The score of each row."""
    return SPACES[space](matrix, wanted)


def nearness_in(space: str, vectors: Vector, wanted: Vector) -> Scores:
    """Of a few vectors: the nearest has the most."""
    if space == "geodegrees" and len(wanted) == 2:
        return -_kilometres(vectors, wanted)
    if space in ("euclidean", "geodegrees", "hamming"):
        distances: Scores = np.linalg.norm(vectors - wanted, axis=1).astype(np.float64)
        return -distances
    return (vectors @ wanted).astype(np.float64)


def _prenormalized(matrix: Matrix, wanted: Vector) -> Scores:
    """The distance is 1 - cosine."""
    scores = matrix.products(wanted).astype(np.float64)
    np.clip(scores, -1.0, 1.0, out=scores)  # in place: among many documents a new array costs more than its contents
    np.subtract(2.0, scores, out=scores)
    return np.divide(1.0, scores, out=scores)


def _angular(matrix: Matrix, wanted: Vector) -> Scores:
    """The distance is the angle."""
    lengths = matrix.norms() * float(np.linalg.norm(wanted.astype(np.float64)))
    cosines = np.divide(matrix.products(wanted), lengths, out=np.zeros(len(matrix)), where=lengths > 0)
    return _near(np.arccos(np.clip(cosines, -1.0, 1.0)))


def _euclidean(matrix: Matrix, wanted: Vector) -> Scores:
    return _near(matrix.distances(wanted))


def _geodegrees(matrix: Matrix, wanted: Vector) -> Scores:
    """The distance is that of two places on earth, in km; of use for latitude and longitude alone, in degrees."""
    if matrix.dimension != 2:
        return _euclidean(matrix, wanted)
    return _near(matrix.measured(lambda rows: _kilometres(rows, wanted)))


def _kilometres(places: Vector, wanted: Vector) -> Scores:
    """From each of these rows to a vector, both of latitude and longitude, by the haversine formula."""
    here, there = np.radians(places.astype(np.float64)), np.radians(wanted.astype(np.float64))
    half = (here - there) / 2
    share = np.sin(half[:, 0]) ** 2 + np.cos(here[:, 0]) * np.cos(there[0]) * np.sin(half[:, 1]) ** 2
    found: Scores = 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(share, 0.0, 1.0)))
    return found


def _dotproduct(matrix: Matrix, wanted: Vector) -> Scores:
    """The product itself, which may be below 0."""
    return np.nan_to_num(matrix.products(wanted).astype(np.float64))


def _hamming(matrix: Matrix, wanted: Vector) -> Scores:
    """The distance is in how many numbers they differ."""
    return _near(matrix.differing(wanted))


def _near(distances: Scores) -> Scores:
    scores: Scores = 1.0 / (1.0 + np.nan_to_num(distances))
    return scores


SPACES: dict[str, Callable[[Matrix, Vector], Scores]] = {
    "prenormalized-angular": _prenormalized,
    "angular": _angular,
    "euclidean": _euclidean,
    "geodegrees": _geodegrees,
    "dotproduct": _dotproduct,
    "hamming": _hamming,
}
