"""The layer of `HIPPODROME_*` variables."""

from pathlib import Path

import pytest

from hippodrome.config.environ import environ_document, unknown_variables
from hippodrome.config.load import examine
from hippodrome.config.reader import Tagged, parse
from tests.config.asking import loaded, request

TEAM = """
services:
  api: {command: x, port: 8000, environment: {LEVEL: info}, ports: {admin: 9000}}
  my-App: {command: y, port: 8001}
profiles: {web-dev: {}}
"""


def value(name: str, text: str) -> object:
    return environ_document({name: text}).value


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("HIPPODROME_PROFILE", "ecom", {"profile": "ecom"}),
        ("HIPPODROME_CELL", "prod", {"cell": "prod"}),
        ("HIPPODROME_AWS", "moto", {"aws": "moto"}),
        ("HIPPODROME_TABLE_PREFIX", "1", {"table_prefix": "1"}),
        ("HIPPODROME_SERVICES__API__PORT", "8001", {"services": {"api": {"port": 8001}}}),
        ("HIPPODROME_SERVICES__API__ENABLED", "false", {"services": {"api": {"enabled": False}}}),
        ("HIPPODROME_SERVICES__API__COMMAND", "[a, b]", {"services": {"api": {"command": ["a", "b"]}}}),
        ("HIPPODROME_SERVICES__API__PORT", "", {"services": {"api": {"port": None}}}),
        ("HIPPODROME_SERVICES__API__COMMAND", "a: b", {"services": {"api": {"command": "a: b"}}}),
        ("HIPPODROME_SERVICES__API__COMMAND", "a\nprofile: b", {"services": {"api": {"command": "a\nprofile: b"}}}),
        ("HIPPODROME_SERVICES__API__COMMAND", "a\udcff", {"services": {"api": {"command": "a\udcff"}}}),
        (
            "HIPPODROME_SERVICES__API__ENVIRONMENT__Some_NAME",
            "on",
            {"services": {"api": {"environment": {"Some_NAME": "on"}}}},
        ),
        (
            "HIPPODROME_SERVICES__API__HEALTHCHECK__START_PERIOD",
            "5s",
            {"services": {"api": {"healthcheck": {"start_period": "5s"}}}},
        ),
        (
            "HIPPODROME_CELLS__STAGING__URL",
            "https://cell.example.com",
            {"cells": {"staging": {"url": "https://cell.example.com"}}},
        ),
        ("HIPPODROME_PROFILE", "", {}),
        ("HIPPODROME_PROJECT_ROOT", "/", {}),
        ("PROFILE", "ecom", {}),
        ("hippodrome_profile", "ecom", {}),
    ],
)
def test_a_variable_says_what_a_file_would(name: str, text: str, said: dict[str, object]) -> None:
    assert value(name, text) == said


def test_a_mark_for_merging_works_too() -> None:
    assert value("HIPPODROME_SERVICES__API__PORT", "!reset") == {"services": {"api": {"port": Tagged("reset", None)}}}


def test_values_come_over_the_files(tmp_path: Path) -> None:
    environ = {
        "HIPPODROME_SERVICES__API__PORT": "8080",
        "HIPPODROME_SERVICES__API__ENVIRONMENT__LEVEL": "debug",
        "HIPPODROME_SERVICES__API__PORTS__ADMIN": "9090",
    }
    api = loaded(tmp_path, TEAM, environ=environ).settings.services["api"]
    assert (api.port, api.environment, api.ports) == (8080, {"LEVEL": "debug"}, {"admin": 9090})


def test_a_name_is_that_of_the_service_that_is_known(tmp_path: Path) -> None:
    """No variable can be called `…__MY-APP__…`."""
    environ = {"HIPPODROME_SERVICES__MY_APP__PORT": "8080", "HIPPODROME_PROFILES__WEB_DEV__DESCRIPTION": "x"}
    settings = loaded(tmp_path, TEAM, environ=environ).settings
    assert list(settings.services) == ["api", "my-App"]
    assert settings.services["my-App"].port == 8080
    assert settings.profiles["web-dev"].description == "x"


def test_a_name_that_nobody_knows_is_lower_case() -> None:
    document = environ_document({"HIPPODROME_SERVICES__NEW__PORT": "1"}, [parse(TEAM, "team")])
    assert document.value == {"services": {"new": {"port": 1}}}


def test_a_mistake_is_placed_at_its_variable(tmp_path: Path) -> None:
    environ = {
        "HIPPODROME_AWS": "azure",
        "HIPPODROME_SERVICES__API__PORT": "no",
        "HIPPODROME_SERVICES__API__PRT": "1",
        "HIPPODROME_SERVICES__9__PORT": "1",
        "HIPPODROME_SERVICES____PORT": "1",
    }
    problems = examine(request(tmp_path, TEAM, environ=environ)).problems
    assert {(str(each.place), each.code) for each in problems} == {
        ("HIPPODROME_AWS", "wrong-type"),
        ("HIPPODROME_SERVICES__API__PORT", "wrong-type"),
        ("HIPPODROME_SERVICES__API__PRT", "unknown-key"),
        ("HIPPODROME_SERVICES__9__PORT", "bad-name"),
        ("HIPPODROME_SERVICES____PORT", "bad-name"),
    }


def test_the_deeper_of_two_variables_wins(tmp_path: Path) -> None:
    environ = {"HIPPODROME_SERVICES__API": "5", "HIPPODROME_SERVICES__API__PORT": "8080"}
    assert loaded(tmp_path, TEAM, environ=environ).settings.services["api"].port == 8080
    environ["HIPPODROME_SERVICES__API"] = "{host: localhost, port: 1}"
    api = loaded(tmp_path, TEAM, environ=environ).settings.services["api"]
    assert (api.host, api.port) == ("localhost", 8080)


def test_a_variable_that_sets_nothing_is_warned_of(tmp_path: Path) -> None:
    environ = {"HIPPODROME_PROFIL": "ecom", "HIPPODROME_PROJECT_ROOT": "/", "HIPPODROME_SERVICES__API__PORT": "1"}
    warning = "HIPPODROME_PROFIL sets nothing. Did you mean `HIPPODROME_PROFILE`?"
    assert list(unknown_variables(environ)) == [warning]
    assert loaded(tmp_path, TEAM, environ=environ).warnings == (warning,)


def test_a_variable_that_a_value_refers_to_is_not_warned_of(tmp_path: Path) -> None:
    text = TEAM.replace("info", "'${env.HIPPODROME_STORE:-memory}'")
    assert text != TEAM
    assert loaded(tmp_path, text, environ={"HIPPODROME_STORE": "disk"}).warnings == ()
