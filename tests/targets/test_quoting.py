"""Hostile values, through supervisor's own parser."""

import shlex
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hippodrome.files import File
from hippodrome.targets import quoting
from tests.targets.hostile import argvs, environments, names, text
from tests.targets.parsing import processes, written

# printable ASCII is all that `command` has to hold; the fragments come in so that `;` after a space is common
ascii_words = st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126)) | text.filter(str.isascii))


def read_back(**fields: str) -> tuple[list[str], dict[str, str], str | None]:
    """argv, environment and directory as supervisor takes them."""
    lines = "".join(f"{key}={value}\n" for key, value in fields.items())
    with tempfile.TemporaryDirectory() as folder:
        conf = File("supervisord.conf", f"[supervisord]\n[program:api]\n{lines}autostart=false\n")
        process = processes(written([conf], Path(folder)))["api"]
    return shlex.split(process.command), process.environment, process.directory


@given(ascii_words)
def test_every_printable_command_comes_back_as_it_was(words: list[str]) -> None:
    argv = ["serve", *filter(quoting.is_word, words)]
    assert read_back(command=quoting.quoted_command(argv))[0] == argv


@given(st.dictionaries(names, text.filter(quoting.is_value), max_size=5))
def test_every_value_that_environment_can_hold_comes_back_as_it_was(environment: dict[str, str]) -> None:
    assume(environment)
    assert read_back(command="serve", environment=quoting.quoted_environment(environment))[1] == environment


@given(text.map(lambda tail: f"/srv/{tail}").filter(quoting.is_path))
def test_every_path_that_a_field_can_hold_comes_back_as_it_was(path: str) -> None:
    assert read_back(command="serve", directory=quoting.quoted_path(path))[2] == path


@pytest.mark.parametrize(
    "word", [" ;", "a ;b", ";", "# c", "x  #", "100%", "%(here)s", "it's", 'say "hi"', "\\", "$HOME", ""]
)
def test_words_that_look_dangerous_need_no_launcher(word: str) -> None:
    assert quoting.is_word(word)
    assert read_back(command=quoting.quoted_command(["serve", word, "end"]))[0] == ["serve", word, "end"]


@pytest.mark.parametrize(
    "value", ["", "a,b=c", "100%", "it's", 'say "hi" there', "$HOME", "C:\\x\\", "a;b#c", "; a", " padded "]
)
def test_common_values_need_no_launcher(value: str) -> None:
    assert quoting.is_value(value)
    assert read_back(command="serve", environment=quoting.quoted_environment({"A": value, "B": "b"}))[1] == {
        "A": value,
        "B": "b",
    }


@pytest.mark.parametrize(
    "value", ["two\nlines", "a ;b", "x #y", "'quoted'", 'ends in "', 'it\'s "both"', "é", "tab\there"]
)
def test_what_environment_cannot_hold_is_known(value: str) -> None:
    assert not quoting.is_value(value)


@given(text)
def test_a_comment_stays_a_comment(said: str) -> None:
    assert quoting.commented(said).isascii()
    assert len(f"; {quoting.commented(said)}".splitlines()) == 1


@given(argvs, environments)
def test_what_is_said_to_fit_is_never_changed_and_never_refused(argv: list[str], environment: dict[str, str]) -> None:
    argv = ["serve", *filter(quoting.is_word, argv)]
    fitting = {
        name: value for name, value in environment.items() if quoting.is_variable(name) and quoting.is_value(value)
    }
    assume(fitting)
    found = read_back(command=quoting.quoted_command(argv), environment=quoting.quoted_environment(fitting))
    assert found[:2] == (argv, fitting)
