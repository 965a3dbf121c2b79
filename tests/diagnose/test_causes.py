"""The likely cause, read from what a program wrote last."""

import pytest

from hippodrome.diagnose.causes import likely_cause

LINES = [
    ("ModuleNotFoundError: No module named 'flask'", "`flask` is missing"),
    ("Error: Cannot find module 'vite'", "hd setup web --again"),
    ("OSError: [Errno 98] Address already in use", "taken"),
    ("Error: listen EADDRINUSE: address already in use 127.0.0.1:9008", "taken"),
    ("OSError: [Errno 28] No space left on device", "disk is full"),
    ("PermissionError: [Errno 13] Permission denied: '/etc/shadow'", "/etc/shadow"),
    ("FATAL ERROR: Reached heap limit - JavaScript heap out of memory", "memory ran out"),
    ("KeyError: 'DATABASE_URL'", "`DATABASE_URL` is not set"),
    ("SyntaxError: invalid syntax", "does not parse"),
]


@pytest.mark.parametrize(("line", "said"), LINES)
def test_a_known_line_tells_its_cause(line: str, said: str) -> None:
    assert said in likely_cause("web", ["Traceback (most recent call last):", line, "  bye"])


def test_the_newest_line_that_tells_something_counts() -> None:
    assert "taken" in likely_cause("web", ["KeyError: 'OLD'", "EADDRINUSE"])


def test_lines_that_tell_nothing_give_no_guess() -> None:
    assert likely_cause("web", ["all is well", "KeyError: 'lower'"]) == ""
