"""Every value with the layers that set it, each by file:line:col."""

from pathlib import Path

import pytest

from hippodrome.config.explain import explain
from hippodrome.config.load import Request, load
from hippodrome.errors import ExitCode, UserError
from tests.config.asking import loaded

TEAM = """
services:
  a:
    command: [x, y]
    port: 8000
    environment: {ONE: first, TWO: second}
    sources: [{path: here, marker: setup.py}]
    depends_on: [b]
  b: {command: y, healthcheck: {http: /}}
profiles:
  dev:
    services:
      a: {port: 8002}
"""
LOCAL = """
services:
  a:
    port: 8001
    environment: {TWO: other}
    sources: [{path: there}]
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def told(
    folder: Path, path: str, *, local: str = LOCAL, environ: dict[str, str] | None = None, **said: str
) -> list[str]:
    return explain(loaded(folder, TEAM, local=local, environ=environ, **said), path).lines


def test_a_value_comes_with_every_layer_that_set_it(tmp_path: Path) -> None:
    environ = {"HIPPODROME_SERVICES__A__PORT": "8003"}
    assert told(tmp_path, "a.port", environ=environ, profile="dev") == [
        "services.a.port = 8003",
        "    hippodrome.yaml:6:11 (hippodrome.yaml) = 8000 (overridden)",
        "    hippodrome.yaml:14:17 (hippodrome.yaml) = 8002 (overridden)",
        "    hippodrome.local.yaml:4:11 (hippodrome.local.yaml) = 8001 (overridden)",
        "    HIPPODROME_SERVICES__A__PORT (environment)",
    ]


def test_a_flag_is_named_as_it_was_written(tmp_path: Path) -> None:
    assert told(tmp_path, "profile", profile="dev") == ["profile = dev", "    --profile (flags)"]
    assert told(tmp_path, "table_prefix", table_prefix="x-")[-1] == "    --table-prefix (flags)"


def test_a_mapping_is_told_with_each_value_inside_it(tmp_path: Path) -> None:
    assert told(tmp_path, "a.environment") == [
        'services.a.environment = {"ONE": "first", "TWO": "other"}',
        '    hippodrome.yaml:7:18 (hippodrome.yaml) = {"ONE": "first", "TWO": "second"} (overridden)',
        "    hippodrome.local.yaml:5:18 (hippodrome.local.yaml)",
        "services.a.environment.ONE = first",
        "    hippodrome.yaml:7:24 (hippodrome.yaml)",
        "services.a.environment.TWO = other",
        "    hippodrome.yaml:7:36 (hippodrome.yaml) = second (overridden)",
        "    hippodrome.local.yaml:5:24 (hippodrome.local.yaml)",
    ]


def test_items_of_a_list_keep_the_place_of_their_own_layer(tmp_path: Path) -> None:
    assert told(tmp_path, "a.sources.0.path") == [
        "services.a.sources.0.path = there",
        "    hippodrome.local.yaml:6:22 (hippodrome.local.yaml)",
    ]
    assert told(tmp_path, "a.sources.1.marker") == [
        "services.a.sources.1.marker = setup.py",
        "    hippodrome.yaml:8:36 (hippodrome.yaml)",
    ]


def test_what_nobody_set_is_a_default(tmp_path: Path) -> None:
    assert told(tmp_path, "a.restart") == ["services.a.restart = always", "    (default)"]
    assert told(tmp_path, "b.healthcheck.interval") == ["services.b.healthcheck.interval = 5", "    (default)"]
    assert told(tmp_path, "a.healthcheck") == ["services.a.healthcheck = null", "    (default)"]


def test_what_is_taken_away_has_a_layer_too(tmp_path: Path) -> None:
    lines = told(tmp_path, "a.port", local="services: {a: {port: !reset 0}}\n")
    assert lines == [
        "services.a.port = null",
        "    hippodrome.yaml:6:11 (hippodrome.yaml) = 8000 (overridden)",
        "    hippodrome.local.yaml:1:22 (hippodrome.local.yaml)",
    ]


@pytest.mark.parametrize("mark", ["!reset x", "!override x"])
def test_marks_for_merging_are_not_shown(tmp_path: Path, mark: str) -> None:
    lines = told(tmp_path, "a.environment", local=f"services: {{a: {{environment: {{TWO: {mark}}}}}}}\n")
    assert not any("Tagged" in line for line in lines)


def test_a_key_may_have_dots_of_its_own(tmp_path: Path) -> None:
    local = "services: {a: {links: {docs.v1: http://x}}}\n"
    assert told(tmp_path, "a.links.docs.v1", local=local) == [
        "services.a.links.docs.v1 = http://x",
        "    hippodrome.local.yaml:1:33 (hippodrome.local.yaml)",
    ]


def test_a_whole_service_and_the_top_can_be_explained(tmp_path: Path) -> None:
    found = explain(loaded(tmp_path, TEAM), "a")
    assert found.value["port"] == 8000
    assert "services.a.command = " in "\n".join(found.lines)
    assert explain(loaded(tmp_path, TEAM), "services.a").lines == found.lines
    assert explain(loaded(tmp_path, TEAM), "profiles.dev").chain[0].place.line == 12


@pytest.mark.parametrize(
    ("path", "what", "hint"),
    [
        ("aa", "there is no `aa` in the configuration", "Did you mean `a`?"),
        ("a.prt", "there is no `a.prt` in the configuration", "Did you mean `port`?"),
        ("a.environment.ON", "there is no `a.environment.ON` in the configuration", "Did you mean `ONE`?"),
        ("profiles.div", "there is no `profiles.div` in the configuration", "Did you mean `dev`?"),
        ("a.sources.7", "there is no `a.sources.7` in the configuration", "Known: `0`."),
    ],
)
def test_a_path_that_is_not_there_gets_the_nearest(tmp_path: Path, path: str, what: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        explain(loaded(tmp_path, TEAM), path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.what, problem.hint) == ("unknown-path", what, hint)
    assert caught.value.exit_code == ExitCode.USAGE


def test_every_value_that_ships_is_explained_with_its_line(tmp_path: Path) -> None:
    config = load(Request(project_root=tmp_path, environ={}))
    for name in config.settings.services:
        for path, chain in explain(config, name).inner:
            assert explain(config, path).chain == chain
            assert all(link.place.file == f"conf/services/{name}.yaml" and link.place.line for link in chain), path
