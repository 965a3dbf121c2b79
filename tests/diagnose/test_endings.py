"""What an exit code or a signal means."""

import pytest

from hippodrome.diagnose.endings import meaning
from hippodrome.plan.conditions import Exit


@pytest.mark.parametrize(
    ("code", "signal", "told"),
    [
        (0, None, "it ended well"),
        (127, None, "its command was not found"),
        (77, None, ""),
        (None, 9, "somebody ended it by force, or memory ran out"),
        (None, 11, "it crashed in native code"),
        (None, 10, ""),
        (None, 200, ""),
    ],
)
def test_an_end_is_put_into_words(code: int | None, signal: int | None, told: str) -> None:
    assert meaning(Exit(code, signal, 1.0, 0.0)) == told


def test_what_has_not_ended_means_nothing() -> None:
    assert meaning(None) == ""
