"""Vectors: the same for the same text everywhere, closer for closer texts."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hippodrome.services.fake_cell.embedding import embed, unit

PRINT = """
import sys
from hippodrome.services.fake_cell.embedding import embed
print(embed(sys.argv[1], int(sys.argv[2])).tobytes().hex())
"""


def closeness(one: str, other: str, dimension: int = 768) -> float:
    return float(embed(one, dimension) @ embed(other, dimension))


@pytest.mark.parametrize("seed", ["0", "1"])
def test_another_process_makes_the_same_vector_whatever_its_hash_seed(seed: str) -> None:
    text = "A naïve horse 🏇 of brass"
    printed = subprocess.run(
        [sys.executable, "-c", PRINT, text, "384"],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "PYTHONUTF8": "1"},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert bytes.fromhex(printed.stdout) == embed(text, 384).tobytes()


@given(text=st.text(max_size=200), dimension=st.integers(1, 2000))
def test_every_text_has_a_vector_of_length_one(text: str, dimension: int) -> None:
    vector = embed(text, dimension)
    assert vector.shape == (dimension,)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "close", "far"),
    [
        ("a brass lamp", "a lamp of brass", "a wooden horse"),
        ("rocking horse", "rocking horses", "rocking chair"),
        ("porcelain", "porcelian", "leather"),
        ("Blue Teapot", "blue teapot", "teapot"),
        ("the horse was fed", "the horse was fed at noon", "it snowed at noon"),
    ],
)
def test_closer_texts_lie_closer(text: str, close: str, far: str) -> None:
    assert closeness(text, close) > closeness(text, far)


def test_unrelated_texts_lie_about_at_right_angles() -> None:
    assert abs(closeness("quick brown fox", "zebra lamp umbrella")) < 0.2


def test_a_vector_that_was_given_out_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        embed("lamp", 32)[0] = 1.0


def test_a_unit_vector_keeps_its_direction() -> None:
    assert unit(np.array([3.0, -4.0])) == pytest.approx(np.array([0.6, -0.8]))
