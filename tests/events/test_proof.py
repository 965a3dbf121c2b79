"""The marker by which the path of events is known to be open."""

from typing import Any

import pytest

from hippodrome.events import proof
from hippodrome.services.common import exporting


def detail(**more: Any) -> dict[str, Any]:
    item = proof.marker(1700000000.25)
    return {"keys": {name: item[name] for name in ("pk", "sk")}, "newImage": item, **more}


def test_a_marker_is_known_again_and_says_when_it_was_written() -> None:
    assert proof.is_proof(detail())
    assert proof.put_at(detail()) == 1700000000.25


@pytest.mark.parametrize(
    "other",
    [{}, {"keys": None}, {"keys": {"pk": "HIPPODROME#PROOF"}}, {"keys": {"pk": {"S": "INDEX#1"}}}, {"keys": [1]}],
)
def test_nothing_else_is_taken_for_one(other: dict[str, Any]) -> None:
    assert not proof.is_proof(other)


@pytest.mark.parametrize("image", [None, 7, {}, {"at": 1}, {"at": {}}, {"at": {"N": "soon"}}, {"at": {"N": None}}])
def test_one_that_does_not_say_when_it_was_written_is_no_mistake(image: Any) -> None:
    assert proof.put_at(detail(newImage=image)) is None


def test_the_exporters_know_it_by_the_same_key() -> None:
    assert exporting.PROOF == proof.PK
