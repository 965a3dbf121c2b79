"""How events come to a plan, and which services that brings or leaves out."""

from typing import Any

import pytest

from hippodrome.config.model import Config, Events, Route
from hippodrome.plan.choose import Selection
from hippodrome.plan.model import Plan
from tests.plan.building import compiled, config, problems, service

ROUTES = {"prices": Route(pattern={"source": ["shop"]}, service="taker", path="/prices")}


def shop(via: Any = None, *, aws: Any = None, taker: dict[str, Any] | None = None) -> Config:
    services = {
        "taker": service(**(taker or {})),
        "pump": service(events=("streams",)),
        "door": service(events=("tunnel", "sqs")),
    }
    return config(services, events=Events(via=via, routes=ROUTES), aws=aws)


def test_with_moto_they_are_its_tables_own() -> None:
    plan = compiled(shop())
    assert (plan.events, plan.aws) == ("streams", "moto")
    assert set(plan.names) == {"taker", "pump"}
    (left,) = plan.left_out
    assert left.reason == "only runs with events by `tunnel` or `sqs`, and here they come by `streams`"


def test_where_nobody_takes_events_none_come() -> None:
    plan = compiled(shop(taker={"enabled": False}))
    assert plan.events == "none" and "pump" not in plan


def test_in_an_account_none_come_until_they_are_asked_for() -> None:
    assert compiled(shop(aws="account")).events == "none"


@pytest.mark.parametrize("via", ["tunnel", "sqs"])
def test_events_of_an_account_bring_the_account(via: str) -> None:
    plan = compiled(shop(via))
    assert (plan.events, plan.aws) == (via, "account")
    assert set(plan.names) == {"taker", "door"}


def test_events_of_an_account_are_refused_with_moto() -> None:
    (problem,) = problems(shop("tunnel", aws="moto"))
    assert problem.code == "events-need-account" and "moto" in problem.what


def test_streams_are_refused_with_an_account() -> None:
    (problem,) = problems(shop("streams", aws="account"))
    assert problem.code == "events-need-moto"


def test_a_service_that_wants_them_another_way_cannot_be_asked_for() -> None:
    (problem,) = problems(shop(), Selection(only=("door",)))
    assert problem.code == "asked-but-left-out" and "only runs with events by" in problem.what


def test_the_plan_has_the_routes_and_comes_back_from_its_file() -> None:
    plan = compiled(shop())
    (route,) = plan.routes
    assert (route.name, route.service, route.path) == ("prices", "taker", "/prices")
    assert Plan.from_json(plan.to_json()) == plan
