"""Every mistake is found, at its place, with what to do about it; and all of them at once."""

from pathlib import Path

import pytest

from hippodrome.config.load import examine
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
        "services: {a: {command: x}, b: {command: y, depends_on: {a: {condition: service_healthy}}}}",
        "1:61: `b` waits for `a` to be healthy, which has neither a health check nor a port [nothing-to-check] "
        "Give `a` a `healthcheck`, or wait for `service_started`.",
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
        "1:38: `a` names the profile `nope`, which nobody defines [unknown-profile] Known: `dev`.",
    ),
    (
        "services: {a: {command: x, cells: [nope]}}\ncells: {dev: {service: a}}",
        "1:35: `a` names the cell `nope`, which nobody defines [unknown-cell] Known: `dev`.",
    ),
    (
        "profiles: {dev: {extends: [nope]}}",
        "1:27: profile `dev` extends `nope`, which nobody defines [unknown-profile] Known: `dev`.",
    ),
    (
        "services: {a: {command: x, depends_on: [b]}}",
        "1:40: `a` depends on `b`, which nobody defines [unknown-service] Known: `a`.",
    ),
    (
        "services: {a: {command: x, depends_on: [b]}, b: {command: y, depends_on: [a]}}",
        "1:40: services wait for each other: a → b → a [dependency-cycle] Take one of these dependencies away.",
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
        "1:61: `interval` must be a duration [wrong-type] Write `5s`, `1m30s`, `500ms`, or seconds as a number.",
    ),
    (
        "services: {a: {command: x, healthcheck: {log: '('}}}",
        "1:47: `log` must be a regular expression [wrong-type] "
        "Brackets and other special characters are escaped with a backslash.",
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


def test_text_that_is_no_yaml_is_told_where_reading_ended(tmp_path: Path) -> None:
    (told,) = mistakes(tmp_path, "services: {a: [}")
    assert told.startswith("1:16: not YAML: ")
    assert "[syntax]" in told


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
    assert problem.code == "unreadable-file"
    assert str(problem.place) == "hippodrome.local.yaml:1"


def test_aliases_that_multiply_are_stopped(tmp_path: Path) -> None:
    lines = ["x-a: &a [1,1,1,1,1,1,1,1,1,1]"]
    lines += [f"x-{new}: &{new} [{','.join([f'*{old}'] * 10)}]" for old, new in zip("abcdef", "bcdefg", strict=True)]
    assert any("[too-much]" in told for told in mistakes(tmp_path, "\n".join(lines)))


def test_keys_for_containers_and_extensions_are_no_mistakes(tmp_path: Path) -> None:
    loaded = examine(request(tmp_path, "x-common: 5\nservices: {a: {command: x, image: y, x-note: z}}"))
    assert loaded.problems == ()
    (warning,) = loaded.config.warnings
    assert warning == "hippodrome.yaml:3:28: `image` means nothing without a container; it is ignored."
