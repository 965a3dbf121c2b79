"""Layers: later wins, mappings merge, lists are added to, and every value knows each layer that set it."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hippodrome.config.load import Request, examine, load
from hippodrome.config.model import Dependency
from tests.config.asking import loaded, request

NAMES = st.sampled_from(["A", "B", "C", "D"])
VALUES = st.text(alphabet="xyz $'\"#:%", max_size=6)
LAYERS = ("hippodrome.yaml", "hippodrome.yaml", "hippodrome.local.yaml", "environment")  # a profile's are its file's
VARIABLES = st.dictionaries(NAMES, VALUES, max_size=4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("layers")


def _doc(environment: dict[str, str]) -> str:
    return "services: " + json.dumps({"a": {"command": "x", "environment": environment}})


@given(team=VARIABLES, mine=VARIABLES, shell=VARIABLES)
def test_of_a_mapping_each_entry_is_that_of_the_last_layer_to_name_it(
    folder: Path, team: dict[str, str], mine: dict[str, str], shell: dict[str, str]
) -> None:
    environ = {f"HIPPODROME_SERVICES__A__ENVIRONMENT__{name}": json.dumps(value) for name, value in shell.items()}
    found = loaded(folder, _doc(team), local=_doc(mine), environ=environ)
    wanted = {**team, **mine, **shell}
    assert found.settings.services["a"].environment == wanted
    for name, value in wanted.items():
        chain = [link.value for link in found.origins[f"services.a.environment.{name}"]]
        assert chain == [layer[name] for layer in (team, mine, shell) if name in layer]
        assert chain[-1] == value


@given(team=st.lists(NAMES, max_size=4), mine=st.lists(NAMES, max_size=4))
def test_a_list_is_added_to_without_repeats(folder: Path, team: list[str], mine: list[str]) -> None:
    def doc(names: list[str]) -> str:
        return "services: " + json.dumps({"a": {"command": "x", "env_file": names}})

    found = loaded(folder, doc(team), local=doc(mine)).settings.services["a"].env_file
    assert [file.path for file in found] == [*team, *(name for name in mine if name not in team)]


SAID = st.sampled_from(["", "", "!override"])  # before a value, in most cases nothing


@st.composite
def layers(draw: st.DrawFn) -> dict[str, tuple[str, Any]]:
    """What one layer says of a service: key → mark and value; `!reset` has none."""
    values: dict[str, st.SearchStrategy[Any]] = {
        "port": st.integers(1, 65535),
        "command": st.lists(NAMES, min_size=1, max_size=2),
        "environment": VARIABLES,
        "env_file": st.lists(NAMES, max_size=3, unique=True),
        "links": st.dictionaries(NAMES, NAMES, max_size=3),
        "profiles": st.lists(NAMES, max_size=3, unique=True),
    }
    said = draw(st.lists(st.sampled_from([*values]), unique=True, max_size=6))
    return {
        name: ("!reset", None) if draw(st.integers(0, 9)) == 0 else (draw(SAID), draw(values[name])) for name in said
    }


def _text(value: tuple[str, Any]) -> str:
    mark, said = value
    return f"{mark} {json.dumps(said)}"  # what `!reset` stands before does not matter


def _file(layer: dict[str, tuple[str, Any]]) -> str:
    return "services: {a: {" + ", ".join(f"{name}: {_text(value)}" for name, value in layer.items()) + "}}"


def _merged(all_layers: Iterable[dict[str, tuple[str, Any]]]) -> dict[str, Any]:
    """What the reference says of merging, in a few lines."""
    found: dict[str, Any] = {}
    for layer in all_layers:
        for name, (mark, value) in layer.items():
            below = found.get(name) if mark == "" else None
            if mark == "!reset":
                found.pop(name, None)
            elif isinstance(value, dict):
                found[name] = {**(below or {}), **value}
            elif isinstance(value, list) and name != "command":
                found[name] = [*(below or []), *(each for each in value if each not in (below or []))]
            else:
                found[name] = value
    return found


@given(team=layers(), changed=layers(), mine=layers(), shell=layers())
def test_layers_come_to_what_the_reference_says(
    folder: Path, team: dict[str, Any], changed: dict[str, Any], mine: dict[str, Any], shell: dict[str, Any]
) -> None:
    team = {"command": ("", ["x"]), **team}
    environ = {f"HIPPODROME_SERVICES__A__{name.upper()}": _text(value) for name, value in shell.items()}
    text = f"{_file(team)}\nprofiles: {{dev: {{{_file(changed)}}}, A: {{}}, B: {{}}, C: {{}}, D: {{}}}}"
    found = loaded(folder, text, local=_file(mine), environ=environ, profile="dev")
    wanted = _merged((team, changed, mine, shell))
    service = found.settings.services["a"]
    assert service.port == wanted.get("port")
    assert (service.command and list(service.command)) == wanted.get("command")
    assert service.environment == wanted.get("environment", {})
    assert service.links == wanted.get("links", {})
    assert [file.path for file in service.env_file] == wanted.get("env_file", [])
    assert list(service.profiles) == wanted.get("profiles", [])
    for name in wanted:
        said = [layer for layer, keys in zip(LAYERS, (team, changed, mine, shell), strict=True) if name in keys]
        assert [link.layer for link in found.origins[f"services.a.{name}"]] == said


def test_a_layer_adds_a_service_changes_any_field_and_disables_one(tmp_path: Path) -> None:
    team = "services: {a: {command: x, port: 8000}, b: {command: y}}"
    local = "services: {a: {port: 8001}, b: {enabled: false}, c: {command: z, depends_on: [a]}}"
    services = loaded(tmp_path, team, local=local).settings.services
    assert services["a"].port == 8001
    assert services["a"].command == ("x",)
    assert not services["b"].enabled
    assert list(services["c"].depends_on) == ["a"]


def test_commands_are_replaced_and_dependencies_added(tmp_path: Path) -> None:
    team = "services: {a: {command: [x, y], depends_on: [b]}, b: {command: x}, c: {command: x}}"
    found = loaded(tmp_path, team, local="services: {a: {command: [z], depends_on: [c]}}").settings.services["a"]
    assert found.command == ("z",)
    assert set(found.depends_on) == {"b", "c"}


def test_sources_of_a_later_layer_come_first(tmp_path: Path) -> None:
    team = "services: {a: {command: x, sources: [{path: one}]}}"
    found = loaded(tmp_path, team, local="services: {a: {sources: [{path: two}]}}")
    assert [source.path for source in found.settings.services["a"].sources] == ["two", "one"]
    assert [link.layer for link in found.origins["services.a.sources.1.path"]] == ["hippodrome.yaml"]


@pytest.mark.parametrize("nothing", ["!reset x", "null", "", "~"])
def test_a_reset_takes_away_what_lies_below(tmp_path: Path, nothing: str) -> None:
    team = "services: {a: {command: x, port: 8000, environment: {A: one, B: two}}}"
    found = loaded(tmp_path, team, local=f"services:\n  a:\n    port: {nothing}\n    environment: {{A: {nothing}}}\n")
    service = found.settings.services["a"]
    assert service.port is None
    if nothing == "!reset x":
        assert dict(service.environment) == {"B": "two"}


def test_an_override_replaces_where_it_would_merge(tmp_path: Path) -> None:
    team = "services: {a: {command: x, environment: {A: one, B: two}}}"
    found = loaded(tmp_path, team, local="services: {a: {environment: !override {C: three}}}")
    assert dict(found.settings.services["a"].environment) == {"C": "three"}
    assert "services.a.environment.A" not in found.origins


def test_a_chosen_profile_and_cell_change_services_within_their_layer(tmp_path: Path) -> None:
    team = """
    profiles: {dev: {services: {a: {port: 8001}}}, other: {services: {a: {port: 8002}}}}
    cells: {near: {service: a, services: {a: {host: localhost}}}}
    services: {a: {command: x, port: 8000}}
    """
    chosen = loaded(tmp_path, team, profile="dev", cell="near").settings.services["a"]
    assert (chosen.port, chosen.host) == (8001, "localhost")
    mine = loaded(tmp_path, team, local="services: {a: {port: 9000}}", profile="dev").settings.services["a"]
    assert mine.port == 9000


def test_what_a_profile_extends_comes_before_it(tmp_path: Path) -> None:
    team = """
    profiles: {base: {services: {a: {port: 1, host: one}}}, dev: {extends: [base], services: {a: {port: 2}}}}
    services: {a: {command: x}}
    """
    found = loaded(tmp_path, team, profile="dev").settings.services["a"]
    assert (found.port, found.host) == (2, "one")


def test_flags_come_after_the_environment_and_that_after_the_files(tmp_path: Path) -> None:
    team = "profile: team\nprofiles: {team: {}, mine: {}, shell: {}, flag: {}}"
    assert loaded(tmp_path, team).profile == "team"
    assert loaded(tmp_path, team, local="profile: mine").profile == "mine"
    environ = {"HIPPODROME_PROFILE": "shell"}
    assert loaded(tmp_path, team, local="profile: mine", environ=environ).profile == "shell"
    assert loaded(tmp_path, team, local="profile: mine", environ=environ, profile="flag").profile == "flag"


def test_values_of_the_environment_are_read_as_yaml_and_placed_by_their_name(tmp_path: Path) -> None:
    environ = {"HIPPODROME_SERVICES__A__PORT": "8001", "HIPPODROME_SERVICES__A__ENVIRONMENT__Mixed_Case": "yes"}
    found = loaded(tmp_path, "services: {a: {command: x, port: 8000}}", environ=environ)
    assert found.settings.services["a"].port == 8001
    assert dict(found.settings.services["a"].environment) == {"Mixed_Case": "yes"}
    assert [str(link.place) for link in found.origins["services.a.port"]][-1] == "HIPPODROME_SERVICES__A__PORT"
    wrong = examine(request(tmp_path, "services: {a: {command: x}}", environ={"HIPPODROME_SERVICES__A__PORT": "no"}))
    assert [str(problem.place) for problem in wrong.problems] == ["HIPPODROME_SERVICES__A__PORT"]


def test_the_packaged_layer_comes_first_unless_the_project_wants_none(tmp_path: Path) -> None:
    (tmp_path / "hippodrome.yaml").write_text("services: {own: {command: x}, fake_cell: {port: 9101}}")
    found = load(Request(project_root=tmp_path, environ={}))
    assert {"fake_cell", "controller", "console", "dashboard", "own"} <= set(found.settings.services)
    assert found.settings.services["fake_cell"].port == 9101
    assert [link.layer for link in found.origins["services.fake_cell.port"]] == ["packaged", "hippodrome.yaml"]
    assert set(loaded(tmp_path, "services: {own: {command: x}}").settings.services) == {"own"}


def test_the_personal_file_may_leave_out_what_ships_too(tmp_path: Path) -> None:
    (tmp_path / "hippodrome.yaml").write_text("services: {own: {command: x}}")
    (tmp_path / "hippodrome.local.yaml").write_text("packaged: false")
    assert set(load(Request(project_root=tmp_path, environ={})).settings.services) == {"own"}
    (tmp_path / "hippodrome.yaml").write_text("packaged: false\nservices: {own: {command: x}}")
    (tmp_path / "hippodrome.local.yaml").write_text("packaged: true")
    assert len(load(Request(project_root=tmp_path, environ={})).settings.services) > 1


def test_a_service_that_ships_can_be_switched_off_or_taken_away(tmp_path: Path) -> None:
    (tmp_path / "hippodrome.yaml").write_text("services: {console: {enabled: false}, watcher: , fake_cell: }")
    services = load(Request(project_root=tmp_path, environ={})).settings.services
    assert not services["console"].enabled
    assert {"watcher", "fake_cell"}.isdisjoint(services)


def test_dependencies_can_be_added_changed_and_taken_away(tmp_path: Path) -> None:
    team = "services: {a: {command: x, depends_on: [b, c]}, b: {command: x}, c: {command: x}, d: {command: x}}"
    local = "services: {a: {depends_on: {b: {required: false}, c: !reset x, d: {condition: service_started}}}}"
    found = loaded(tmp_path, team, local=local).settings.services["a"].depends_on
    assert found == {"b": Dependency(required=False), "d": Dependency(condition="service_started")}


def test_one_key_of_a_section_changes_without_the_others(tmp_path: Path) -> None:
    team = "services: {a: {command: x, healthcheck: {http: /, interval: 5s}, develop: {watch: [{path: app}]}}}"
    local = "services: {a: {healthcheck: {interval: 1s}, develop: {watch: [{path: lib}]}}}"
    found = loaded(tmp_path, team, local=local)
    service = found.settings.services["a"]
    assert service.healthcheck
    assert (service.healthcheck.http, service.healthcheck.interval) == ("/", 1.0)
    assert [watch.path for watch in service.develop.watch] == ["app", "lib"]
    assert [link.layer for link in found.origins["services.a.healthcheck.http"]] == ["hippodrome.yaml"]


def test_a_flag_changes_any_field(tmp_path: Path) -> None:
    made = request(tmp_path, "services: {a: {command: x, port: 8000, environment: {A: one}}}")
    overrides = {"services.a.port": 9000, "services.a.environment.A": "two"}
    found = load(replace(made, overrides=overrides))
    assert (found.settings.services["a"].port, found.settings.services["a"].environment) == (9000, {"A": "two"})
    assert str(found.place("services.a.port")) == "--services.a.port"


def test_a_place_is_that_of_the_nearest_thing_above(tmp_path: Path) -> None:
    found = loaded(tmp_path, "services:\n  a:\n    command: x\n")
    assert found.place("services.a.command") == found.place("services.a.command.0")
    assert str(found.place("services.a.port")).endswith("hippodrome.yaml:3:3")
    assert found.place("nothing.at.all") is None
