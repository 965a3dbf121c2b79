"""Every mistake is found, at its place, with what to do about it; and all of them at once."""

import re
import textwrap
from pathlib import Path

import pytest
import yaml

from hippodrome.config import reader
from hippodrome.config.load import Request, examine
from tests.config.asking import mistakes, request
from tests.config.known_mistakes import MISTAKES


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("text", "told"), MISTAKES, ids=[each[0][:60] for each in MISTAKES])
def test_a_mistake_is_told_with_its_place_and_its_mend(tmp_path: Path, text: str, told: str) -> None:
    assert mistakes(tmp_path, text) == [told]


CHECK_THERE = "Check indentation, quotes and brackets there."
SYNTAX = [
    ("services: {a: [}", "1:16: not YAML: while parsing a flow node did not find expected node content"),
    ("services: *nowhere", "1:11: not YAML: found undefined alias"),
    (
        "services: {}\n---\nservices: {}",
        "2:1: not YAML: expected a single document in the stream but found another document",
    ),
]


def test_a_reference_that_needs_quotes_is_told_so(tmp_path: Path) -> None:
    (told,) = mistakes(tmp_path, "services: {a: {command: serve ${port}, port: 80}}")
    assert told.startswith("1:32: not YAML") and "text with a reference needs quotes" in told


ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
BLOCKS = [
    text
    for path in DOCUMENTS
    for text in re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
]


@pytest.mark.parametrize("text", BLOCKS, ids=[each.splitlines()[0][:40] for each in BLOCKS])
def test_what_the_documents_show_is_read_without_a_mistake(tmp_path: Path, text: str) -> None:
    (tmp_path / "hippodrome.yaml").write_text(textwrap.dedent(text))
    assert examine(Request(project_root=tmp_path, environ={})).problems == ()


@pytest.mark.parametrize(("text", "told"), SYNTAX)
def test_text_that_is_no_yaml_is_told_where_reading_ended(tmp_path: Path, text: str, told: str) -> None:
    assert mistakes(tmp_path, text) == [f"{told} [syntax] {CHECK_THERE}"]


def test_a_character_that_yaml_has_no_place_for_is_named_with_its_place(tmp_path: Path) -> None:
    (told,) = mistakes(tmp_path, "services: {}\nx-é: \x07")
    assert told.startswith("2:6: not YAML: the character U+0007 cannot stand in it [syntax]")


FOLLOWED = [  # each with one mistake, which others could be thought to follow from
    "services: {a: {command: x, healthcheck: {htp: /}}}",
    "services: {a: {command: x, healthcheck: true}}",
    "services: {a: {command: x, setup: [{vnv: x}]}}",
    "services: {a: {command: x, sources: [{pth: x}]}}",
    "services: {a: {command: x, sources: [x]}}",
    "services: {a: {command: x, develop: {watch: [{pth: x}]}}}",
    "services: {a: {command: x}}\nprofiles: {dev: {services: {a: {healthcheck: {htp: /}}}}}\nprofile: dev",
]


@pytest.mark.parametrize("text", FOLLOWED)
def test_one_mistake_makes_one_message(tmp_path: Path, text: str) -> None:
    assert len(mistakes(tmp_path, text)) == 1


def test_what_is_wrong_is_taken_as_if_it_were_not_said(tmp_path: Path) -> None:
    found = examine(request(tmp_path, "services: {a: {command: x, enabled: maybe, restart: [1], stop_signal: {}}}"))
    assert len(found.problems) == 3
    service = found.config.settings.services["a"]
    assert (service.enabled, service.restart, service.stop_signal) == (True, "always", "SIGTERM")


@pytest.mark.parametrize("text", ["just text", "- a", "5", "''"])
def test_a_file_holds_a_mapping(tmp_path: Path, text: str) -> None:
    (tmp_path / "hippodrome.yaml").write_text("packaged: false\n")
    (tmp_path / "hippodrome.local.yaml").write_text(text)
    (problem,) = examine(Request(project_root=tmp_path, environ={})).problems
    assert str(problem) == (
        "hippodrome.local.yaml:1:1: the file must hold a mapping [wrong-type]\n  hint: Begin with `services:`."
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "~"])
def test_a_file_may_be_empty(tmp_path: Path, text: str) -> None:
    made = request(tmp_path, "")
    (tmp_path / "hippodrome.local.yaml").write_text(text)
    assert examine(made).problems == ()


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
@pytest.mark.parametrize("text", [text for text, _ in (*MISTAKES, *SYNTAX)])
def test_both_loaders_know_the_same_places(loader: type, text: str) -> None:
    quick, other = reader.parse(text, "f"), reader.parse(text, "f", loader)
    assert (quick.value, quick.keys, quick.values) == (other.value, other.keys, other.values)
    assert [(each.code, each.place) for each in quick.problems] == [
        (each.code, each.place) for each in other.problems
    ]


def test_all_mistakes_of_all_files_come_at_once_in_order(tmp_path: Path) -> None:
    team = "services:\n  a: {comand: x, port: 0}\n  b: {restart: never}\n"
    problems = examine(request(tmp_path, team, local="services: {c: {imagine: x}}")).problems
    places = [str(problem.place) for problem in sorted(problems, key=lambda each: str(each.place))]
    assert places == [
        "hippodrome.local.yaml:1:16",
        "hippodrome.yaml:3:24",
        "hippodrome.yaml:3:7",
        "hippodrome.yaml:4:16",
    ]


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    made = request(tmp_path, "")
    (tmp_path / "hippodrome.local.yaml").write_bytes(b"\xff\xfe\x00")
    (problem,) = examine(made).problems
    assert str(problem.place) == "hippodrome.local.yaml:1"
    assert (problem.code, problem.what, problem.hint) == (
        "unreadable-file",
        "cannot be read: byte 1 is not UTF-8",
        "Save it as UTF-8 text.",
    )


def test_what_stands_where_a_file_should_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "hippodrome.yaml").mkdir()
    (tmp_path / "hippodrome.local.yaml").symlink_to("gone")
    said = [str(problem).partition("\n")[0] for problem in examine(Request(tmp_path, {})).problems]
    assert said == [
        "hippodrome.yaml:1: cannot be read: Is a directory [unreadable-file]",
        "hippodrome.local.yaml:1: cannot be read: No such file or directory [unreadable-file]",
    ]


def test_aliases_that_multiply_are_stopped(tmp_path: Path) -> None:
    lines = ["x-a: &a [1,1,1,1,1,1,1,1,1,1]"]
    lines += [f"x-{new}: &{new} [{','.join([f'*{old}'] * 10)}]" for old, new in zip("abcdef", "bcdefg", strict=True)]
    (told,) = mistakes(tmp_path, "\n".join(lines))
    assert told.endswith(": more than 200000 values [too-much] Do aliases multiply here?")


def test_merges_that_multiply_are_stopped(tmp_path: Path) -> None:
    lines = ["x-a: &a {}"]
    lines += [f"x-{n}: &n{n} {{<<: [{', '.join([f'*n{n - 1}' if n else '*a'] * 10)}]}}" for n in range(8)]
    (told,) = mistakes(tmp_path, "\n".join(lines))
    assert "[too-much]" in told


@pytest.mark.parametrize("depth", [60, 5000])
def test_brackets_within_brackets_are_stopped(tmp_path: Path, depth: int) -> None:
    (told,) = mistakes(tmp_path, f"x-a: {'[' * depth}{']' * depth}")
    assert told.endswith(": more than 50 values within each other [too-much] Are all brackets closed?")


def test_keys_for_containers_and_extensions_are_no_mistakes(tmp_path: Path) -> None:
    loaded = examine(request(tmp_path, "x-common: 5\nservices: {a: {command: x, image: y, x-note: z}}"))
    assert loaded.problems == ()
    (warning,) = loaded.config.warnings
    assert warning == "hippodrome.yaml:3:28: `image` means nothing without a container; it is ignored."
