"""The model, and what is generated from it: examples, the reference, the JSON Schema, the shipped files."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from hippodrome.config import reference
from hippodrome.config.json_schema import text as schema_text
from hippodrome.config.load import packaged_files
from hippodrome.config.reader import Document
from hippodrome.config.schema import check
from hippodrome.errors import Place

ROOT = Path(__file__).resolve().parents[2]
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
    "develop.watch": ("services.a.develop.watch", list),
    "profiles.NAME": ("profiles.dev.{}", None),
    "cells.NAME": ("cells.near.{}", None),
}


@pytest.mark.parametrize(("section", "kind", "name", "example"), EXAMPLES, ids=[f"{e[0]}.{e[2]}" for e in EXAMPLES])
def test_the_example_of_every_key_loads(section: str, kind: type, name: str, example: object) -> None:
    path, inside = AT[section]
    document = Document("example")
    value = [{"path": ".", name: example}] if inside is list and section != "setup" else example
    value = [{name: example}] if section == "setup" else value
    document.put(path.format(name), value, Place("example", 1, 1))
    assert check(document).problems == [], kind


def test_the_reference_is_what_the_model_gives() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == reference.reference()


def test_the_schema_is_what_the_model_gives() -> None:
    assert (ROOT / "conf" / "schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("path", packaged_files(), ids=lambda path: path.stem)
def test_shipped_files_name_their_schema_and_hold_to_it(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == ROOT / "conf" / "schema.json"
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), json.loads(schema_text()))


@pytest.mark.parametrize(
    "text", ["servces: {}", "services: {a: {comand: x}}", "services: {a: {port: 70000}}", "cells: {c: {aws: both}}"]
)
def test_an_editor_that_knows_the_schema_sees_the_mistake(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), json.loads(schema_text()))
