"""Which names are those of secrets, and what of a text may be shown."""

import re
from pathlib import Path

import pytest

from hippodrome.secret import (
    ANYWHERE,
    AS_A_WORD,
    AT_THE_END,
    MASK,
    Secret,
    is_secret_name,
    masked,
    redacted,
    without_passwords,
)

PAGE = (Path(__file__).parents[1] / "docs" / "security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (anywhere|as a word|at the end) \| `(\w+)` \| (.+) \|$", re.MULTILINE)


def test_the_page_has_the_table_and_every_example_is_a_secrets_name() -> None:
    told = {(where, mark): tuple(re.findall(r"`(\w+)`", examples)) for where, mark, examples in ROW.findall(PAGE)}
    table: dict[str, dict[str, tuple[str, ...]]]
    table = {"anywhere": ANYWHERE, "as a word": AS_A_WORD, "at the end": AT_THE_END}
    assert told == {(where, mark): names for where, marks in table.items() for mark, names in marks.items()}
    assert all(is_secret_name(name) for names in told.values() for name in names)


@pytest.mark.parametrize("name", ["api_key", "Stripe-Key", "x_token_y", "mysql_pwd", "dbPassword", "HTTP_AUTH"])
def test_case_and_dashes_do_not_matter(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["PWD", "OLDPWD", "PATH", "KEYBOARD", "MONKEY", "AUTHOR", "BYPASS", "LC_ALL", "PORT"]
)
def test_names_that_only_look_alike_are_shown(name: str) -> None:
    assert not is_secret_name(name)


def test_an_environment_is_shown_without_secrets_and_passwords() -> None:
    environment = {"B_TOKEN": "hush", "A": "pg://u:hush@h/d", "EMPTY_KEY": "", "PORT": "1"}
    told = masked(environment, ["DECLARED"])
    assert list(told.items()) == [
        ("A", f"pg://u:{MASK}@h/d"),
        ("B_TOKEN", MASK),
        ("DECLARED", MASK),
        ("EMPTY_KEY", ""),
        ("PORT", "1"),
    ]


def test_a_text_loses_what_is_known_to_be_secret() -> None:
    Secret("read-by-a-command")
    Secret("two\nlines")
    environ = {"GITHUB_TOKEN": "of-the-caller", "SHORT_KEY": "abc", "HOME": "/home/ada"}
    text = (
        "read-by-a-command of-the-caller abc /home/ada 'two\\nlines' --api-key=typed\n"
        "{'DB_PASSWORD': 'quoted', \"A_TOKEN\": \"as json\"} https://ada:inside@host/ NAME=kept"
    )
    told = redacted(text, environ)
    for secret in ("read-by", "of-the", "lines", "typed", "quoted", "as json", "inside"):
        assert secret not in told, told
    for kept in (" abc ", "/home/ada", "NAME=kept", "https://ada:", "@host/", "--api-key="):
        assert kept in told, told
    assert without_passwords("no url: here@x") == "no url: here@x"
