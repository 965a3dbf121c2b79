"""One service's page and its actions."""

import pytest

from hippodrome.secret import MASK
from tests.dashboard.asking import Asked


def test_the_environment_is_shown_without_its_secrets(asked: Asked) -> None:
    answer = asked.get("/api/services/api")
    assert answer.json["environment"] == {
        "API_TOKEN": MASK,
        "DATABASE_URL": f"pg://u:{MASK}@h/d",
        "PORT": "9002",
        "STRIPE": MASK,
    }
    for secret in (b"not-to-be-seen", b"pw@", b"pass show"):
        assert secret not in answer.body


def test_its_part_of_the_plan_and_its_events_are_shown(asked: Asked) -> None:
    asked.supervisor.event("api", "starting")
    asked.supervisor.event("cell", "starting")
    asked.supervisor.event("api", "failed", cause="crashed")
    told = asked.get("/api/services/api").json
    assert told["plan"]["depends_on"] == [{"program": "cell", "condition": "healthy", "is_required": True}]
    assert [(event["state"], event["cause"]) for event in told["events"]] == [("failed", "crashed"), ("starting", "")]
    assert asked.get("/api/services/cell").json["dependents"] == ["api"]


def test_buttons_reach_supervisord_with_their_reason(asked: Asked) -> None:
    assert asked.post("/api/services/api/stop", {}).json == {"accepted": "stop", "service": "api"}
    asked.post("/api/services/api/start", {})
    asked.post("/api/services/api/restart", {})
    asked.post("/api/services/api/restart", {"reason": "new key"})
    assert asked.supervisor.calls == [
        ("stop", "api", ""),
        ("start", "api", ""),
        ("restart", "api", "asked for on the dashboard"),
        ("restart", "api", "new key"),
    ]


@pytest.mark.parametrize(("name", "code"), [("nobody", "unknown-service"), ("moto", "left-out")])
def test_a_service_that_is_not_there_is_said(asked: Asked, name: str, code: str) -> None:
    assert asked.get(f"/api/services/{name}").json["code"] == code
    assert asked.post(f"/api/services/{name}/start", {}).json["code"] == code


@pytest.mark.parametrize("body", [[], "x", None, {"reason": 3}, {"reason": "x" * 201}])
def test_a_body_of_another_form_is_refused(asked: Asked, body: object) -> None:
    assert asked.post("/api/services/api/restart", body).status == 400
    assert asked.supervisor.calls == []


def test_a_body_without_end_is_refused(asked: Asked) -> None:
    assert asked.post("/api/services/api/restart", {"reason": "x" * 100_000}).status == 413
