"""Levels in the forms that loggers write."""

import pytest

from hippodrome.logs.levels import continues, level_of, plain


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ('{"level":"warn","msg":"slow"}', "warning"),
        ('{"time": 1, "level": 50, "msg": "pino"}', "error"),
        ('{"severity":"CRITICAL"}', "error"),
        ('{"msg":"nothing said"}', None),
        ("ts=2026-01-01T00:00:00Z level=debug msg=hi", "debug"),
        ('lvl="error" msg="no ERRORS here"', "error"),
        ("INFO fake_cell: index created name=x", "info"),
        ("WARNING:root:careful", "warning"),
        ("2026-01-02 03:04:05,678 - api.views - ERROR - broken", "error"),
        ("2026-01-02 03:04:05,678 [CRITICAL] api: broken", "error"),
        ('INFO:     127.0.0.1:5 - "GET / HTTP/1.1" 500 Internal Server Error', "info"),
        ('[02/Jan/2026 03:04:05] "GET /api HTTP/1.1" 500 17', "error"),
        ('[02/Jan/2026 03:04:05] "GET /api HTTP/1.1" 404 17', "warning"),
        ('[02/Jan/2026 03:04:05] "GET /api HTTP/1.1" 200 17', "info"),
        ("2026-01-02 03:04:05,678 CRIT Supervisor is running as root", "error"),
        ("2026-01-02 03:04:05,678 WARN exited: api (exit status 1)", "warning"),
        ("(node:812) [DEP0040] DeprecationWarning: punycode", "warning"),
        ("Error: listen EADDRINUSE: address already in use", "error"),
        ("TypeError: undefined is not a function", "error"),
        ("Uncaught ReferenceError: x is not defined", "error"),
        ("npm warn deprecated inflight@1.0.6", "warning"),
        ("npm ERR! code ELIFECYCLE", "error"),
        ("npm error code 1", "error"),
        ("[warn] deprecated option", "warning"),
        ("Traceback (most recent call last):", "error"),
        ("ValueError: bad", "error"),
        ("django.db.utils.OperationalError: locked", "error"),
        ("shop.cells.CellDown: http://127.0.0.1:9001 does not answer", "error"),
        ("error: unknown flag", "error"),
        ("Listening on http://127.0.0.1:9001", None),
        ("GET /errors/INFO/list", None),
        ("information about warnings", None),
        ("", None),
    ],
)
def test_the_level_of_a_line(line: str, level: str | None) -> None:
    assert level_of(line) == level


def test_colours_do_not_hide_a_level() -> None:
    coloured = "\x1b[32mINFO\x1b[0m:     started \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"
    assert plain(coloured) == "INFO:     started link"
    assert level_of(plain(coloured)) == "info"


@pytest.mark.parametrize("line", ['  File "x.py", line 3', "    at run (x.js:3:1)", "}", "\tmore"])
def test_indented_lines_belong_to_the_one_before(line: str) -> None:
    assert continues(line)


def test_other_lines_stand_for_themselves() -> None:
    assert not continues("ValueError: bad")
    assert not continues("")
