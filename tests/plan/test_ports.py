"""Ports in an instance's block, those of the command line, and values that leave the instance."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from hippodrome.config.model import Config, Link, PortNumber
from hippodrome.errors import Place
from hippodrome.plan.choose import Selection
from hippodrome.plan.ports import declared_ports
from hippodrome.plan.surroundings import Neighbour
from tests.plan.building import HOME, compiled, config, problems, service

SHOP = Neighbour(label="shop", owner="ann", ports={9003: "moto", 9120: "postgres"}, is_running=False)
BESIDE = replace(HOME, port_offset=100, neighbours=(SHOP,))


def made(**environment: str) -> Config:
    return config(
        {
            "api": service(port=PortNumber(9000), ports={"admin": PortNumber(9001)}, environment=environment),
            "worker": service(environment={"API": "${services.api.url}", "ADMIN": "${services.api.ports.admin}"}),
        }
    )


def set_in(layer: str, path: str, number: int) -> Config:
    place = Place(layer, 3, 5)
    return replace(made(), origins={path: (Link(layer, place, number),)})


def test_a_block_moves_every_port_and_what_refers_to_it() -> None:
    plan = compiled(made(), here=BESIDE)
    assert dict(plan.program("api").ports) == {"main": 9100, "admin": 9101}
    assert plan.program("worker").environment == {"API": "http://127.0.0.1:9100", "ADMIN": "9101"}
    assert plan.port_offset == 100


@pytest.mark.parametrize("layer", ["hippodrome.local.yaml", "environment", "flags"])
def test_a_port_that_a_person_set_for_this_place_stays(layer: str) -> None:
    found = set_in(layer, "services.api.port", 9000)
    assert dict(compiled(found, here=BESIDE).program("api").ports) == {"main": 9000, "admin": 9101}
    assert [port.is_fixed for port in declared_ports(found, {})] == [True, False]


def test_a_port_of_the_teams_file_moves() -> None:
    assert compiled(set_in("hippodrome.yaml", "services.api.port", 9000), here=BESIDE).program("api").port == 9100


def test_the_command_line_names_ports_by_service_or_by_name() -> None:
    chosen = Selection(ports={"api": 7000, "api.admin": 7001})
    plan = compiled(made(), chosen, here=BESIDE)
    assert dict(plan.program("api").ports) == {"main": 7000, "admin": 7001}
    assert plan.port_choices == chosen.ports


@pytest.mark.parametrize(
    ("ports", "code", "said"),
    [
        ({"apy": 7000}, "no-such-service", "Did you mean `api`?"),
        ({"api.admon": 7000}, "no-such-port", "Did you mean `admin`?"),
        ({"worker": 7000}, "no-such-port", "`worker` has no port"),
    ],
)
def test_a_port_that_no_service_has_is_named(ports: Mapping[str, int], code: str, said: str) -> None:
    (problem,) = problems(made(), Selection(ports=ports))
    assert problem.code == code
    assert said in f"{problem.what} {problem.hint}"


@pytest.mark.parametrize("offset", [-9001, 60000])
def test_a_block_beyond_all_ports_is_refused(offset: int) -> None:
    found = problems(made(), here=replace(HOME, port_offset=offset))
    assert {problem.code for problem in found} >= {"port-out-of-range"}


def test_it_is_said_who_has_the_declared_ports() -> None:
    shop = replace(SHOP, ports={9000: "api"})
    (notice,) = compiled(made(), here=replace(BESIDE, neighbours=(shop,))).notices
    assert notice == "this stack's ports are 100 above the declared ones: stack `shop` of user ann has those"
    assert compiled(made()).notices == ()


def test_a_port_of_a_neighbour_that_runs_is_refused_with_its_owner() -> None:
    shop = replace(SHOP, ports={9101: "console"}, is_running=True)
    (problem,) = problems(made(), here=replace(BESIDE, neighbours=(shop,)))
    assert problem.code == "port-of-other-instance"
    assert problem.what == "`api.admin` wants port 9101, which stack `shop` of user ann has for `console`"
    assert problems(made(), here=replace(BESIDE, neighbours=(replace(shop, is_running=False),))) == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("URL", "http://localhost:9003"),
        ("URL", "http://127.0.0.1:9003/path?x=1"),
        ("URL", "http://[::1]:9003/"),
        ("DATABASE", "postgres://shop:secret@LOCALHOST:9120/shop"),
        ("HOSTS", "example.com:9003,127.0.0.1:9120"),
        ("DB_PORT", "9120"),
        ("DATABASE", "host=localhost port=9120 dbname=shop"),
        ("DATABASE", "dbname=shop port=9120"),
        ("DATABASE", "postgresql+psycopg://u@/shop?host=127.0.0.1&port=9120"),
        ("URL", "http://host.docker.internal:9003"),
        ("URL", "http://ann-s-box:9003"),
        ("CALLERS_DSN", "${env.PASSED}"),
        ("TEXT", "url=${env.PASSED}"),
    ],
)
def test_a_value_that_points_at_another_instance_is_refused(variable: str, value: str) -> None:
    environ = {**HOME.environ, "PASSED": "postgres://u:secret@localhost:9120/shop"}
    here = replace(BESIDE, host_names=("ann-s-box",), environ=environ)
    (problem,) = problems(made(**{variable: value}), here=here)
    assert problem.code == "foreign-instance-port"
    assert f"`{variable}` of `api` points at port 9" in problem.what
    assert "stack `shop` of user ann" in problem.what
    assert "secret" not in problem.what


@pytest.mark.parametrize(
    "value",
    [
        "postgres://localhost/shop",
        "postgresql+asyncpg://ann:secret@127.0.0.1",
        "jdbc:postgresql://localhost/shop?ssl=off",
        "host=localhost user=ann dbname=shop",
    ],
)
def test_a_port_that_goes_without_saying_is_seen(value: str) -> None:
    here = replace(BESIDE, neighbours=(replace(SHOP, ports={5432: "postgres"}),))
    (problem,) = problems(made(DATABASE=value), here=here)
    assert "points at port 5432, `postgres` of stack `shop` of user ann" in problem.what


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE", "host=db.example port=9120 dbname=shop"),
        ("WORDS", "the port=9120 of a text"),
        ("URL", "http://localhost:9004"),
        ("URL", "http://example.com:9003"),
        ("URL", "http://localhost:90030"),
        ("URL", "http://notlocalhost:9003"),
        ("LIMIT", "9120"),
        ("OWN", "http://localhost:9100"),
    ],
)
def test_other_values_are_nobodys_concern(variable: str, value: str) -> None:
    assert problems(made(**{variable: value}), here=BESIDE) == []


def test_the_place_is_where_the_value_was_set() -> None:
    place: dict[str, Any] = {
        "services.api.environment.URL": (Link("hippodrome.yaml", Place("hippodrome.yaml", 7, 9), ""),)
    }
    (problem,) = problems(replace(made(URL="http://localhost:9003"), origins=place), here=BESIDE)
    assert str(problem.place) == "hippodrome.yaml:7:9"
