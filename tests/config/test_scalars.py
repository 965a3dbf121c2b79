"""What single values may look like: durations, ports, truth, text that stays as it is written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hippodrome.config.model import Service
from hippodrome.config.schema import seconds
from tests.config.asking import loaded, mistakes


def service(folder: Path, said: str) -> Service:
    return loaded(folder, f"services: {{a: {{command: x, {said}}}}}").settings.services["a"]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("0", 0.0),
        ("5", 5.0),
        ("1.5", 1.5),
        ("'2'", 2.0),
        ("5s", 5.0),
        ("0s", 0.0),
        ("1.5s", 1.5),
        ("500ms", 0.5),
        ("250us", 0.00025),
        ("1m", 60.0),
        ("1m30s", 90.0),
        ("1h", 3600.0),
        ("2h3m4s5ms", 7384.005),
        ("0.5h", 1800.0),
    ],
)
def test_a_duration_is_seconds_or_as_compose_writes_it(tmp_path: Path, written: str, wanted: float) -> None:
    assert service(tmp_path, f"stop_grace_period: {written}").stop_grace_period == pytest.approx(wanted)


@pytest.mark.parametrize(
    "written",
    [
        "-1",
        "-1s",
        "5 s",
        "5S",
        "s",
        "1s1m",
        "1d",
        "1w",
        "1e3",
        ".5s",
        "5.s",
        "1:30",
        "'５s'",
        ".inf",
        ".nan",
        "true",
        "[5s]",
    ],
)
def test_what_is_no_duration_is_a_mistake(tmp_path: Path, written: str) -> None:
    (told,) = mistakes(tmp_path, f"services: {{a: {{command: x, stop_grace_period: {written}}}}}")
    assert "`stop_grace_period` must be a duration [wrong-type]" in told


@given(hours=st.integers(0, 99), minutes=st.integers(0, 99), rest=st.integers(0, 99), millis=st.integers(0, 999))
def test_the_parts_of_a_duration_add_up(hours: int, minutes: int, rest: int, millis: int) -> None:
    wanted = hours * 3600 + minutes * 60 + rest + millis / 1000
    assert seconds(f"{hours}h{minutes}m{rest}s{millis}ms") == pytest.approx(wanted)


@pytest.mark.parametrize(("written", "port"), [("1", 1), ("65535", 65535), ("'8000'", 8000)])
def test_a_port_may_be_quoted(tmp_path: Path, written: str, port: int) -> None:
    assert service(tmp_path, f"port: {written}").port == port


@pytest.mark.parametrize(
    "written", ["0", "65536", "-80", "80.0", "080000", "0x50", "8_000", "22:22", "true", "'80 '", "²"]
)
def test_what_is_no_port_is_a_mistake(tmp_path: Path, written: str) -> None:
    (told,) = mistakes(tmp_path, f"services: {{a: {{command: x, port: {written}}}}}")
    assert "`port` must be a number from 1 to 65535 [wrong-type]" in told


@pytest.mark.parametrize(
    ("written", "ports"),
    [
        ("[8000]", {"p8000": 8000}),
        ("['8000']", {"p8000": 8000}),
        ("['8080:8000']", {"p8000": 8000}),
        ("['127.0.0.1:8080:8000']", {"p8000": 8000}),
        ("['[::1]:8080:8000/udp']", {"p8000": 8000}),
        ("['8000/tcp', 9000]", {"p8000": 8000, "p9000": 9000}),
        ("[{target: 8000, published: '8080', protocol: tcp, mode: host}]", {"p8000": 8000}),
        ("{admin: 9102, web: '8000'}", {"admin": 9102, "web": 8000}),
        ("[]", {}),
    ],
)
def test_ports_are_named_or_those_that_compose_maps_to(tmp_path: Path, written: str, ports: dict[str, int]) -> None:
    assert service(tmp_path, f"ports: {written}").ports == ports


@pytest.mark.parametrize(
    ("written", "truth"), [("true", True), ("false", False), ("True", True), ("FALSE", False), ("'true'", True)]
)
def test_truth_is_true_or_false(tmp_path: Path, written: str, truth: bool) -> None:
    assert service(tmp_path, f"required: {written}").required is truth


@pytest.mark.parametrize("written", ["yes", "no", "on", "off", "y", "1", "0", "''"])
def test_other_words_for_truth_are_mistakes(tmp_path: Path, written: str) -> None:
    (told,) = mistakes(tmp_path, f"services: {{a: {{command: x, required: {written}}}}}")
    assert told == "1:38: `required` must be true or false [wrong-type] Write `true` or `false`."


AS_WRITTEN = [
    *("yes", "on", "No", "True", "FALSE", "1:30", "08", "007", "0x1F", "0o17", "1_000", "+5", "-5", "5", "0", "-0"),
    *("3.10", "1.0", "1e3", "1.50e+3", ".5", ".inf", ".NaN", "2001-01-01", "=", "a=b", "1" * 400, "null point"),
]


@pytest.mark.parametrize("written", AS_WRITTEN)
def test_the_text_of_a_variable_is_what_was_written(tmp_path: Path, written: str) -> None:
    assert service(tmp_path, f"environment: {{A: {written}}}").environment["A"] == written


@pytest.mark.parametrize("said", ["environment: {A: true, B: , C: ''}", "environment: [A=true, B, C=]"])
def test_variables_are_a_mapping_or_a_list_and_without_value_the_callers(tmp_path: Path, said: str) -> None:
    assert service(tmp_path, said).environment == {"A": "true", "B": None, "C": ""}


def test_an_environment_list_splits_at_the_first_sign(tmp_path: Path) -> None:
    assert service(tmp_path, "environment: ['URL=http://x/?a=b', 'A: b=c']").environment == {
        "URL": "http://x/?a=b",
        "A: b": "c",
    }


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("one 'two three'", ("one", "two three")),
        ("[one, 'two three', 4, true]", ("one", "two three", "4", "true")),
        ("one", ("one",)),
        ('"a\\\\ b c"', ("a b", "c")),
    ],
)
def test_a_command_is_a_list_or_split_as_a_shell_splits(tmp_path: Path, written: str, words: tuple[str, ...]) -> None:
    found = loaded(tmp_path, f"services: {{a: {{command: {written}}}}}").settings.services["a"]
    assert found.command == words


def test_a_line_of_shell_is_not_split(tmp_path: Path) -> None:
    found = loaded(tmp_path, """services: {a: {command: "echo it's && true", shell: true}}""").settings.services["a"]
    assert found.command == ("echo it's && true",)


def test_a_line_of_shell_that_lost_its_shell_stays_one_word(tmp_path: Path) -> None:
    team = """services: {a: {command: "echo it's", shell: true}}"""
    found = loaded(tmp_path, team, local="services: {a: {shell: false}}").settings.services["a"]
    assert found.command == ("echo it's",)


@pytest.mark.parametrize("said", ["core", "[core]"])
def test_one_name_does_for_a_list_of_names(tmp_path: Path, said: str) -> None:
    assert service(tmp_path, f"profiles: {said}").profiles == ("core",)


@pytest.mark.parametrize("word", ["always", "unless-stopped", "on-failure", "on-failure:3", "no", "'no'"])
def test_restart_policies_are_those_of_compose(tmp_path: Path, word: str) -> None:
    assert service(tmp_path, f"restart: {word}").restart == word.strip("'")


@pytest.mark.parametrize("word", ["SIGTERM", "TERM", "sigint", "SIGUSR1", "KILL"])
def test_signals_go_by_name(tmp_path: Path, word: str) -> None:
    assert service(tmp_path, f"stop_signal: {word}").stop_signal == word


def test_block_text_keeps_its_lines(tmp_path: Path) -> None:
    text = "services:\n  a:\n    shell: true\n    command: |\n      echo one\n      echo two\n"
    assert loaded(tmp_path, text).settings.services["a"].command == ("echo one\necho two\n",)
