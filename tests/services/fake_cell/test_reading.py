"""What a body may say for a number, a truth value or a text."""

from typing import Any

import pytest

from hippodrome.services.fake_cell.bodies import fitted
from tests.services.fake_cell.conftest import Index


@pytest.mark.parametrize(
    ("said", "kinds", "taken"),
    [
        ("10", int, 10), (10.0, int, 10), ("-3", int, -3), ("0.5", (int, float), 0.5), ("7", (int, float), 7),
        ("true", bool, True), ("No", bool, False), (1, bool, True), (0, bool, False), ("on", bool, True),
        ("5", (str, dict), "5"), (5, str, "5"), (1.5, (str, dict), "1.5"), (True, str, "True"),
        # nothing that fits
        ("10.5", int, "10.5"), (10.5, int, 10.5), ("", int, ""), ("nan", float, "nan"), (True, int, True),
        (2, bool, 2), ("maybe", bool, "maybe"), ([1], int, [1]), ("9" * 30, int, "9" * 30),
        ([5], str, [5]),
    ],
)  # fmt: skip
def test_numbers_and_truth_values_are_taken_as_the_server_takes_them(said: Any, kinds: Any, taken: Any) -> None:
    found = fitted(said, kinds)
    assert (found, type(found)) == (taken, type(taken))


def test_a_search_takes_a_limit_of_digits(index: Index) -> None:
    index.add({"_id": "1", "title": "lamp"}, {"_id": "2", "title": "vase"}, tensor_fields=("title",))
    found = index.ask("POST", "/search", json={"q": "lamp", "limit": "1", "showHighlights": "no", "offset": 0.0})
    assert found.status_code == 200, found.text
    assert len(found.json()["hits"]) == 1
    assert "_highlights" not in found.json()["hits"][0]
    refused = index.ask("POST", "/search", json={"q": "lamp", "limit": "some"})
    assert (refused.status_code, refused.json()["code"]) == (422, "unprocessable_entity")
