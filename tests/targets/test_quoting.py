"""Hostile values, through supervisor's own parser."""

import shlex
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hippodrome.files import File
from hippodrome.targets import quoting
from tests.targets.hostile import names, text
from tests.targets.parsing import processes, written

# printable ASCII is all that `command` has to hold; the fragments come in so that `;` after a space is common
words = st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126)) | text)
variables = st.dictionaries(names, text | text.map(lambda value: value.encode("ascii", "ignore").decode()))


def read_back(**fields: str) -> tuple[list[str], dict[str, str], str | None]:
    """argv, environment and directory as supervisor takes them."""
    lines = "".join(f"{key}={value}\n" for key, value in fields.items())
    with tempfile.TemporaryDirectory() as folder:
        conf = File("supervisord.conf", f"[supervisord]\n[program:api]\n{lines}autostart=false\n")
        process = processes(written([conf], Path(folder)))["api"]
    return shlex.split(process.command), process.environment, process.directory


@given(words)
def test_every_printable_command_comes_back_as_it_was(said: list[str]) -> None:
    argv = ["serve", *filter(quoting.is_word, said)]
    assert read_back(command=quoting.quoted_command(argv))[0] == argv


@given(variables)
def test_every_value_that_environment_can_hold_comes_back_as_it_was(said: dict[str, str]) -> None:
    environment = {"PLAIN": "x"} | {name: value for name, value in said.items() if quoting.is_value(value)}
    assert read_back(command="serve", environment=quoting.quoted_environment(environment))[1] == environment


@given(words)
def test_every_path_that_a_field_can_hold_comes_back_as_it_was(said: list[str]) -> None:
    path = "/srv/" + "".join(word for word in said if quoting.is_path(f"/srv/{word}"))
    assume(quoting.is_path(path))
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
