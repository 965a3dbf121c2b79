"""What commands print."""

import click
import pytest

from hippodrome.cli.output import columns, cut, duration, wrapped


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0.0 s"),
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (42, "42 s"),
        (180, "3 min"),
        (3599, "59 min"),
        (7500, "2 h 5 min"),
        (60 * 60 * 75, "3 d 3 h"),
    ],
)
def test_a_duration_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_columns_are_aligned_by_what_is_seen_and_not_by_colour_codes() -> None:
    plain, coloured = columns([("a", "x"), (click.style("bb", fg="red"), "y")], limit=80)
    assert plain == "a   x"
    assert click.unstyle(coloured) == "bb  y"


def test_a_line_too_long_for_the_screen_ends_with_an_ellipsis() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut(click.style("abcd", fg="red"), 4) == click.style("abcd", fg="red")


def test_a_last_column_that_wraps_goes_on_below_itself() -> None:
    rows = [("name", "short"), ("longer", "a sentence that does not fit into what is left")]
    assert columns(rows, limit=30, wraps=True) == [
        "name    short",
        "longer  a sentence that does",
        "        not fit into what is",
        "        left",
    ]


def test_a_column_with_no_room_to_wrap_is_cut() -> None:
    assert columns([("a" * 30, "some words")], limit=36, wraps=True) == ["a" * 30 + "  som…"]


def test_text_is_broken_at_blanks_alone() -> None:
    assert wrapped("see https://example.com/a-long-address now", 20, indent="  ") == [
        "see",
        "  https://example.com/a-long-address",
        "  now",
    ]
