"""Whatever a file says: nothing raises, every mistake has place and hint, and the JSON Schema takes what loads."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hippodrome.config import model, reader
from hippodrome.config.json_schema import json_schema
from hippodrome.config.load import Request, examine
from hippodrome.config.schema import check, keys
from hippodrome.errors import Place

SECTIONS = [each for each in vars(model).values() if hasattr(each, "__dataclass_fields__")]
KEYS = sorted({name for section in SECTIONS for name in keys(section)} | {"image", "x-note", "comand", "a", "cell"})
EXAMPLES = [field.metadata["example"] for section in SECTIONS for field in keys(section).values() if field.metadata]
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 70_000),
    st.sampled_from(EXAMPLES),
    st.sampled_from(
        ["", "5s", "1m30s", "8080:80", "on-failure:3", "²", "~", "it's", "${port}", "A=b", "[", "é", "08"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=4),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def _section(kind: type) -> st.SearchStrategy[dict[str, Any]]:
    """Its keys with their examples, and now and then with anything."""
    return st.fixed_dictionaries(
        {}, optional={name: _mostly(each.metadata["example"]) for name, each in keys(kind).items()}
    )


def _mostly(usual: object) -> st.SearchStrategy[Any]:
    return st.integers(0, 15).flatmap(lambda chance: VALUES if chance == 0 else st.just(usual))


SERVICES = st.dictionaries(st.sampled_from(["a", "b", "a-b"]), _section(model.Service), max_size=2)
FILES = st.builds(lambda top, services: {**top, "services": services}, _section(model.Settings), SERVICES)
VALIDATOR = jsonschema.Draft7Validator(json_schema())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any")


def _loaded_as(folder: Path, text: str) -> Any:
    (folder / "hippodrome.local.yaml").write_text(text, encoding="utf-8")
    (folder / "hippodrome.yaml").write_text(
        "packaged: false\nservices: {a: {command: x, port: 80}}", encoding="utf-8"
    )
    return examine(Request(project_root=folder, environ={}))


@given(said=FILES)
def test_every_mistake_has_its_place_and_a_hint(folder: Path, said: dict[str, Any]) -> None:
    for problem in _loaded_as(folder, json.dumps(said, ensure_ascii=False)).problems:
        assert isinstance(problem.place, Place), problem
        assert problem.place.line, problem
        assert problem.hint, problem


@given(text=st.text(alphabet="ab:{}[]&*!<>-?|'\"#%@`, \n\t\0\ufeff1", max_size=40))
@example(text="&a [*a]")
@example(text="? {a: 1}: b")
@example(text="<<: [1, {<<: {a: &a {}}}]")
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    for problem in reader.parse(text, "file").problems:
        assert problem.place is not None
        assert problem.place.line <= text.count("\n") + 2


@given(said=FILES)
def test_what_loads_is_taken_by_the_json_schema(said: dict[str, Any]) -> None:
    document = reader.parse(json.dumps(said, ensure_ascii=False), "file")
    if not check(document).problems:
        assert not [*VALIDATOR.iter_errors(document.value)]
