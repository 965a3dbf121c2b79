"""Every mistake is found, at its place, with what to do about it; and all of them at once."""

from pathlib import Path

import pytest
import yaml

from hippodrome.config import reader
from hippodrome.config.load import Request, examine
from tests.config.asking import mistakes, request

MISTAKES = [
    ("servces: {}", "1:1: unknown key `servces` [unknown-key] Did you mean `services`?"),
    ("services: {a: {comand: x}}", "1:16: unknown key `comand` [unknown-key] Did you mean `command`?"),
    (
        "services: {a: {command: x, port: no}}",
        "1:34: `port` must be a number from 1 to 65535 [wrong-type] Write `port: 8000`.",
    ),
    (
        "services: {a: {command: x, port: 70000}}",
        "1:34: `port` must be a number from 1 to 65535 [wrong-type] Write `port: 8000`.",
    ),
    (
        "services:\n  a: {command: x}\n  a: {command: y}",
        "3:3: `a` is set twice, first in line 3 [duplicate-key] Keep one of them.",
    ),
    (
        "services: {a: {command: !python x}}",
        "1:25: the tag `!python` means nothing here [unknown-tag] Known: !reset, !override.",
    ),
    ("services: &a {b: *a}", "1:11: an alias holds itself [endless-alias] Write the value out."),
    (
        "services: {1a: {command: x}}",
        "1:12: `1a` cannot be a name [bad-name] Use letters, digits, `_` and `-`, beginning with a letter.",
    ),
    (
        "services: {a: {command: x, healthcheck: {http: /, tcp: 80}}}",
        "1:41: the health check of `a` is of several kinds: http, tcp [several-checks] Keep one.",
    ),
    (
        "services: {a: {command: x, healthcheck: {}}}",
        "1:41: the health check of `a` says nothing to check [empty-check] Give it `http`, `tcp`, `test` or `log`.",
    ),
    (
        "services: {a: {command: x, restart: sometimes}}",
        "1:37: `restart: sometimes` is no policy [bad-restart] "
        "Write `always`, `on-failure`, `on-failure:3`, `unless-stopped` or `no`.",
    ),
    (
        "services: {a: {command: x, stop_signal: SIGNOPE}}",
        "1:41: `SIGNOPE` is no signal [bad-signal] Write `SIGTERM` or `INT`.",
    ),
    (
        "services: {a: {command: x, sources: [{path: p, reference: r}]}}",
        "1:38: a source of `a` must be either a `path` or a `reference` [unclear-source] Write one of them.",
    ),
    (
        "services: {a: {command: x, setup: [{venv: a, npm: b}]}}",
        "1:36: a set-up step of `a` must do one thing [unclear-setup] "
        "Write `venv: requirements.txt`, `npm: .`, or `run: make assets`.",
    ),
    (
        "services: {a: {command: x, profiles: [nope]}}\nprofiles: {dev: {description: d}}",
        "1:38: `a` names the profile `nope`, which nobody defines [unknown-profile] Known: `default`, `dev`.",
    ),
    (
        "services: {a: {command: x, cells: [nope]}}\ncells: {dev: {service: a}}",
        "1:35: `a` names the cell `nope`, which nobody defines [unknown-cell] Known: `dev`.",
    ),
    (
        "profiles: {dev: {extends: [nope]}}",
        "1:27: profile `dev` extends `nope`, which nobody defines [unknown-profile] Known: `default`, `dev`.",
    ),
    (
        "services: {a: {command: x, depends_on: [b]}}",
        "1:40: `a` depends on `b`, which nobody defines [unknown-service] Define `b` below `services:`.",
    ),
    (
        "services: {a: {command: x, depends_on: [cell]}}",
        "1:40: `a` depends on `cell`, which nobody defines [unknown-service] Define `cell` below `services:`.",
    ),
    (
        "cells: {near: {service: fakes}}",
        "1:25: cell `near` is the service `fakes`, which nobody defines [unknown-service] "
        "There are no services yet: define it below `services:`.",
    ),
    (
        "services: {fake: {command: x}}\ncells: {near: {service: fakes}}",
        "2:25: cell `near` is the service `fakes`, which nobody defines [unknown-service] Did you mean `fake`?",
    ),
    (
        "services: {api: {command: x}}\nprofiles: {dev: {services: {apy: {port: 80}}}}",
        "2:29: profile `dev` changes the service `apy`, which nobody defines [unknown-service] Did you mean `api`?",
    ),
    (
        "services: {api: {command: x}}\ncells: {near: {services: {apy: {port: 80}}}}",
        "2:27: cell `near` changes the service `apy`, which nobody defines [unknown-service] Did you mean `api`?",
    ),
    (
        "services: {a: {command: x, depends_on: [{b: 1}]}}",
        "1:41: an item of `depends_on` must be the name of a service [wrong-type] "
        "Conditions need a mapping: `{api: {condition: service_healthy}}`.",
    ),
    (
        "services: {a: {command: x, stop_grace_period: 5 parsecs}}",
        "1:47: `stop_grace_period` must be a duration [wrong-type] "
        "Write `5s`, `1m30s`, `500ms`, or seconds as a number.",
    ),
    (
        "services: {a: {command: 5}}",
        '1:25: `command` must be a command [wrong-type] Write `python app.py`, or `["python", "app.py"]`.',
    ),
    (
        "services: {a: {command: [x, {y: 1}]}}",
        "1:29: an item of `command` must be text [wrong-type] Write one value, quoted if it has special characters.",
    ),
    (
        'services: {a: {command: "unbalanced \'quote"}}',
        "1:25: `command` cannot be split as a shell splits it: No closing quotation [wrong-type] "
        "Close the quote, or write a list.",
    ),
    (
        "services: {a: {command: x, develop: {watch: [{pth: .}]}}}",
        "1:47: unknown key `pth` [unknown-key] Did you mean `path`?",
    ),
    (
        "services: {a: {command: x, develop: {watch: [{ignore: [b]}]}}}",
        "1:46: an item of `watch` must say `path` [wrong-type] Write `path: …` there.",
    ),
    (
        "cells: {c: {aws: both}}",
        "1:18: `aws` must be one of moto, account, and is `both` [wrong-type] Known: `account`, `moto`.",
    ),
    ("<<: 5", "1:5: `<<` takes a mapping [wrong-type] Write `<<: *name`."),
    (
        "services: {a: {command: x, enabled: maybe}}",
        "1:37: `enabled` must be true or false [wrong-type] Write `true` or `false`.",
    ),
    (
        "services: {a: {command: x, healthcheck: {http: /, interval: -5}}}",
        "1:61: `interval` must be a duration above zero [wrong-type] "
        "Write `5s`, `1m30s`, `500ms`, or seconds as a number.",
    ),
    (
        "services: {a: {command: x, healthcheck: {log: '('}}}",
        "1:47: `log` must be a regular expression [wrong-type] "
        "Brackets and other special characters are escaped with a backslash.",
    ),
    (
        "services: {a: {command: x, healthcheck: {http: /, timeout: 0s}}}",
        "1:60: `timeout` must be a duration above zero [wrong-type] "
        "Write `5s`, `1m30s`, `500ms`, or seconds as a number.",
    ),
    (
        "services: {a: {command: x, healthcheck: {http: /, retries: 0}}}",
        "1:60: `retries` must be a whole number from 1 [wrong-type] Write `3`.",
    ),
    (
        "services: {a: {command: x, healthcheck: {test: [pg_isready]}}}",
        "1:48: `test` must begin with CMD, CMD-SHELL or NONE [wrong-type] "
        'Write `["CMD", "pg_isready"]`, or one string for a shell.',
    ),
    (
        "services: {a: {command: x, healthcheck: {test: [CMD]}}}",
        '1:48: `test` has nothing after CMD [wrong-type] Write `["CMD", "pg_isready"]`, or one string for a shell.',
    ),
    (
        "services: {a: {command: x, ports: [8000-8010]}}",
        "1:36: an item of `ports` must be a port, and is `8000-8010` [wrong-type] "
        'Write `8000` or `"8080:8000"`; ranges cannot be had here.',
    ),
    (
        "services: {a: {command: x, ports: ['80:70000']}}",
        "1:36: an item of `ports` must be a port, and is `80:70000` [wrong-type] "
        'Write `8000` or `"8080:8000"`; ranges cannot be had here.',
    ),
    (
        "services: {a: {command: x, ports: [{published: 80}]}}",
        "1:36: an item of `ports` must be a port [wrong-type] "
        'Write `8000` or `"8080:8000"`; ranges cannot be had here.',
    ),
    (
        "services: {a: {command: x, ports: 8000}}",
        "1:35: `ports` must be a list of ports, or a mapping of names to ports [wrong-type] "
        "Write `[8000]`, or `{admin: 8001}`.",
    ),
    (
        "services: {a: {command: x, port: ²}}",
        "1:34: `port` must be a number from 1 to 65535 [wrong-type] Write `port: 8000`.",
    ),
    (
        "services: {a: {command: x, port: " + "1" * 5000 + "}}",
        "1:34: `port` must be a number from 1 to 65535 [wrong-type] Write `port: 8000`.",
    ),
    (
        "services: {a: {command: x, environment: [A: b]}}",
        "1:42: an item of `environment` must be `NAME=value` or `NAME` [wrong-type] "
        "Write `- NAME=value`; with a colon it is a mapping: no `- `.",
    ),
    (
        "services: {a: {command: x, env_file: [!reset .env]}}",
        "1:39: an item of `env_file` cannot be marked by itself [wrong-type] Mark the whole list: `!reset […]`.",
    ),
    (
        "services: {a: {command: x, env_file: [{required: false}]}}",
        "1:39: an item of `env_file` must say `path` [wrong-type] Write `path: …` there.",
    ),
    (
        "services: {a: {command: x, depends_on: {b: {condition: healthy}}}, b: {command: y}}",
        "1:56: `condition` must be one of service_started, service_healthy, service_completed_successfully, "
        "and is `healthy` [wrong-type] Did you mean `service_healthy`?",
    ),
    (
        "services: {a: {command: x, depends_on: b}}",
        "1:40: `depends_on` must name services [wrong-type] Write `[api]`, or `{api: {condition: service_healthy}}`.",
    ),
    ("services: {a: {command: x, ? [1] : 2}}", "1:30: a key must be text [wrong-type] Write a plain word."),
    (
        "services: {a: {command: !!binary aGk=}}",
        "1:25: the tag `!!binary` means nothing here [unknown-tag] Known: !reset, !override.",
    ),
    ("x-a: &a {<<: *a}", "1:6: an alias holds itself [endless-alias] Write the value out."),
    (
        "services: [a]",
        "1:11: `services` must be a mapping of names [wrong-type] Write a name, a colon, and its keys below.",
    ),
    (
        "services: {a: {command: x, secrets: [TOKEN]}}",
        "1:37: `secrets` must be a mapping [wrong-type] Write `name: value`.",
    ),
    (
        "services: {a: {command: x, setup: {venv: x}}}",
        "1:35: `setup` must be a list [wrong-type] Write `[one, two]`, or a line with `- ` for each.",
    ),
    (
        "services: {a: {command: x, environment: {A: [1]}}}",
        "1:45: `A` must be text [wrong-type] Quote it, or write it as JSON in quotes.",
    ),
]


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
