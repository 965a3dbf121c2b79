"""The model, and what is generated from it: examples, the reference, the JSON Schema, the shipped files."""

import json
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hippodrome.config import model, reader, reference
from hippodrome.config.json_schema import text as schema_text
from hippodrome.config.load import Request, examine, packaged_files
from hippodrome.config.reader import Document
from hippodrome.config.schema import check
from hippodrome.errors import Place
from tests.config.known_mistakes import MISTAKES

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads(schema_text())
EXAMPLES = [
    (section, kind, each.name, each.metadata["example"])
    for section, kind in reference.SECTIONS
    for each in fields(kind)
]
AT: dict[str, tuple[str, Any]] = {  # where a section's key stands, and whether it is inside a list
    "The file": ("{}", None),
    "services.NAME": ("services.a.{}", None),
    "sources": ("services.a.sources", list),
    "setup": ("services.a.setup", list),
    "depends_on.NAME": ("services.a.depends_on.b.{}", None),
    "healthcheck": ("services.a.healthcheck.{}", None),
    "env_file": ("services.a.env_file", list),
    "develop": ("services.a.develop.{}", None),
    "logging": ("services.a.logging.{}", None),
    "develop.watch": ("services.a.develop.watch", list),
    "profiles.NAME": ("profiles.dev.{}", None),
    "cells.NAME": ("cells.near.{}", None),
    "events": ("events.{}", None),
    "events.routes.NAME": ("events.routes.prices.{}", None),
    "dashboard": ("dashboard.{}", None),
}


@pytest.mark.parametrize(("section", "kind", "name", "example"), EXAMPLES, ids=[f"{e[0]}.{e[2]}" for e in EXAMPLES])
def test_the_example_of_every_key_loads(section: str, kind: type, name: str, example: object) -> None:
    path, inside = AT[section]
    document = Document("example")
    value = [{"path": ".", name: example}] if inside is list and section != "setup" else example
    value = [{name: example}] if section == "setup" else value
    document.put(path.format(name), value, Place("example", 1, 1))
    assert check(document).problems == [], kind


def test_the_reference_is_what_its_command_prints() -> None:
    command = [sys.executable, "-m", "hippodrome.config.reference"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60).stdout
    assert (ROOT / "docs" / "configuration.md").read_bytes() == printed


def test_every_key_is_in_the_reference() -> None:
    text = reference.reference()
    assert {title for title, _ in reference.SECTIONS} == set(re.findall(r"^## (.+)$", text, re.MULTILINE)) - {
        "Variables",
        "References",
    }
    sections = {each for each in vars(model).values() if is_dataclass(each) and fields(each)[0].metadata}
    assert {section for _, section in reference.SECTIONS} == sections


def test_the_schema_is_what_the_model_gives() -> None:
    assert (ROOT / "conf" / "schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("path", packaged_files(), ids=lambda path: path.stem)
def test_shipped_files_name_their_schema_and_hold_to_it(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == ROOT / "conf" / "schema.json"
    jsonschema.validate(reader.read(path, path.name).value, SCHEMA)


SEEN_BY_THE_LOADER_ALONE = (  # a schema knows neither shells, nor expressions, nor YAML itself
    "cannot be split as a shell splits it",
    "must be a regular expression",
    "must begin with CMD",
    "has nothing after CMD",
    "an item of `ports` must be a port",
    "`<<` takes a mapping",
    "a key must be text",
    "cannot be marked by itself",
)


@pytest.mark.parametrize(
    "text",
    [
        text
        for text, told in MISTAKES
        if ("[unknown-key]" in told or "[wrong-type]" in told or "[bad-name]" in told)
        and not any(each in told for each in SEEN_BY_THE_LOADER_ALONE)
    ],
    ids=lambda text: text[:60],
)
def test_an_editor_that_knows_the_schema_sees_the_mistake(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(reader.parse(text, "file").value, SCHEMA)


def test_the_schema_is_one_and_all_that_it_refers_to_is_in_it() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    text = schema_text()
    assert set(re.findall(r'"#/definitions/(\w+)"', text)) == set(SCHEMA["definitions"])


@pytest.mark.parametrize(("profile", "cell"), [*product(("core", "ecom", "full"), ("local", "staging", "prod"))])
def test_what_ships_has_no_mistake(tmp_path: Path, profile: str, cell: str) -> None:
    found = examine(Request(project_root=tmp_path, environ={}, profile=profile, cell=cell))
    assert (found.problems, found.config.warnings) == ((), ())
    assert {"core", "ecom", "full"} <= set(found.config.settings.profiles)
    assert {"local", "staging", "prod"} <= set(found.config.settings.cells)


def test_each_file_that_ships_defines_what_it_is_called() -> None:
    for path in packaged_files():
        value = reader.read(path, path.name).value
        if path.parent.name == "conf":
            assert [*value] == [path.stem]
            continue
        assert [*value] == [path.parent.name]
        assert [*value[path.parent.name]] == [path.stem]
