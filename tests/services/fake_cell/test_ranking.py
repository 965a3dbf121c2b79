"""The best of many scores, however many of them are equal."""

from typing import Any

import numpy as np
import pytest

from hippodrome.services.fake_cell.documents import Document
from hippodrome.services.fake_cell.lexical import NOT_A_HIT
from hippodrome.services.fake_cell.ranking import best
from hippodrome.services.fake_cell.table import Table

COUNT = 5000
DRAWN = np.random.default_rng(7)


@pytest.fixture(scope="module")
def table() -> Table:
    names = [f"{number:05}" for number in DRAWN.permutation(COUNT)]
    return Table(2, None, (Document(name, {}, (), np.zeros((0, 2), dtype=np.float32)) for name in names))


@pytest.mark.parametrize("count", [0, 1, 10, 1000, COUNT - 1, COUNT, 2 * COUNT])
@pytest.mark.parametrize(
    "scores",
    [
        DRAWN.random(COUNT),
        DRAWN.integers(0, 7, COUNT).astype(float),
        np.where(DRAWN.random(COUNT) < 0.02, DRAWN.random(COUNT), 0.0),  # most are equal, and below the best
        np.where(np.arange(COUNT) % 64 == 0, 1.0, 0.0),  # all of those that a sample would take
        np.where(DRAWN.random(COUNT) < 0.5, NOT_A_HIT, DRAWN.integers(0, 3, COUNT)),
        np.zeros(COUNT),
        np.full(COUNT, NOT_A_HIT),
    ],
    ids=["different", "few", "rare", "sampled", "absent", "equal", "none"],
)
def test_they_are_those_of_a_plain_sort(table: Table, scores: Any, count: int) -> None:
    hits = [place for place in range(COUNT) if scores[place] > NOT_A_HIT]
    ordered = sorted(hits, key=lambda place: (-scores[place], table.documents[place].id))
    assert best(scores, table, count).tolist() == ordered[:count]
