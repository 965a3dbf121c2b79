"""Environment files, in the forms that are met."""

import pytest

from hippodrome.plan.env_files import parse_env_file


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("A=1", [("A", "1")]),
        ("export A=1", [("A", "1")]),
        ("  A = spaced  ", [("A", "spaced")]),
        ("A=", [("A", "")]),
        ("A=x=y", [("A", "x=y")]),
        ("A=b # said", [("A", "b")]),
        ("A=b#c", [("A", "b#c")]),
        ("A='it # stays' # said", [("A", "it # stays")]),
        ('A="two\\nlines \\"q\\""', [("A", 'two\nlines "q"')]),
        ("A='\\n'", [("A", "\\n")]),
        ("A=${B}", [("A", "${B}")]),
        ("# A=1", []),
        ("", []),
        ("A", []),
        ("A=1\r\nB=2", [("A", "1"), ("B", "2")]),
    ],
)
def test_a_line_is_read(line: str, found: list[tuple[str, str]]) -> None:
    assert list(parse_env_file(line)) == found
