"""References, as they are written and as they are mistaken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hippodrome.plan.references import Missing, expand

VALUES = {"a": "1", "b.c": "2", "empty": ""}


def expanded(text: str) -> tuple[str, list[str]]:
    found: list[Missing] = []
    return expand(text, lambda name: VALUES.get(name, Missing("none", name, "")), found.append), [
        each.what for each in found
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("${a}", "1"),
        ("x${a}y${b.c}z", "x1y2z"),
        ("$$", "$"),
        ("$${a}", "${a}"),
        ("$$$${a}$", "$${a}$"),
        ("^ready$", "^ready$"),
        ("$HOME", "$HOME"),
        ("${none:-else}", "else"),
        ("${none:-}", ""),
        ("${empty:-else}", "else"),
        ("${a:-else}", "1"),
        ("${none:-${a}}", "1"),
        ("${none:-${other:-${b.c}}}!", "2!"),
        ("${none:-http://x:1/?y={z}", "http://x:1/?y={z"),
    ],
)
def test_references_are_replaced(text: str, value: str) -> None:
    assert expanded(text) == (value, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${none}", ["none"]),
        ("${none} ${other}", ["none", "other"]),
        ("${none:-${other}}", ["other"]),
        ("${a", ["`${a` has no closing brace"]),
        ("${}", ["`${}` is no reference"]),
        ("${a b}", ["`${a b}` is no reference"]),
        ("${A:?must}", ["`${A:?must}` is no reference"]),
    ],
)
def test_each_mistake_is_reported(text: str, said: list[str]) -> None:
    assert expanded(text)[1] == said


@given(st.text())
def test_text_without_dollars_is_untouched_and_doubled_dollars_give_any_text(text: str) -> None:
    assert expanded(text.replace("$", "$$")) == (text, [])
