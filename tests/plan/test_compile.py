"""The compiler as a whole."""

import builtins
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from hippodrome.config.model import Cell, Dependency, Profile
from hippodrome.plan.compile import check
from hippodrome.plan.explain_order import rows
from hippodrome.plan.model import Plan
from tests.plan.building import HOME, compiled, config, home_stack, service


def test_the_same_inputs_give_the_same_plan() -> None:
    assert compiled(home_stack()).to_json() == compiled(home_stack()).to_json()


def test_compiling_touches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the compiler looked at the machine")

    made = home_stack()
    compiled(made)  # what is imported late is imported now
    monkeypatch.setattr(builtins, "open", refuse)
    for module, names in {
        os: ("stat", "lstat", "listdir", "scandir", "getcwd", "open", "access", "getenv"),
        Path: ("stat", "read_text", "read_bytes", "exists", "is_file", "is_dir", "home", "cwd", "resolve"),
        subprocess: ("Popen",),
        socket: ("socket",),
        time: ("time", "monotonic"),
    }.items():
        for name in names:
            monkeypatch.setattr(module, name, refuse)
    plan = compiled(made)
    monkeypatch.undo()
    assert plan.names == ("fake_cell", "controller", "migrate")


def test_a_plan_survives_its_json() -> None:
    plan = compiled(home_stack())
    assert Plan.from_json(plan.to_json()) == plan
    assert Plan.from_json(plan.to_json()).digest == plan.digest


def test_dependencies_come_first() -> None:
    order = compiled(home_stack()).names
    assert order.index("fake_cell") < order.index("controller")


def test_every_profile_is_checked_with_every_cell() -> None:
    made = config(
        {
            "web": service(profiles=("web",), depends_on={"fake": Dependency()}),
            "fake": service(cells=("local",)),
            "api": service(profiles=("other",), environment={"A": "${nothing}"}),
        },
        profiles={"core": Profile(), "web": Profile(), "other": Profile()},
        cells={"local": Cell(service="fake"), "prod": Cell()},
    )
    assert sorted(problem.code for problem in check(made, HOME)) == ["required-left-out", "undefined-reference"]


def test_what_would_start_is_told_in_order_with_its_reasons() -> None:
    fake_cell, controller, migrate = rows(compiled(home_stack()))
    assert (fake_cell.place, fake_cell.name, fake_cell.ports, fake_cell.source) == (
        1,
        "fake_cell",
        (9001,),
        "reference",
    )
    assert (controller.place, controller.waits_for) == (2, ("fake_cell is healthy",))
    assert (migrate.place, migrate.source, migrate.waits_for) == (1, "command", ())


def test_an_optional_dependency_is_told_as_such() -> None:
    made = config({"a": service(), "b": service(depends_on={"a": Dependency(required=False)})})
    assert rows(compiled(made))[1].waits_for == ("a has started, if it can be",)
