"""The id of a request: taken or made, given back, handed on, and logged where something is."""

import pytest
from flask import Response

from hippodrome.control.access import token_of
from hippodrome.dashboard.answers import refusal
from hippodrome.dashboard.app import create_app
from hippodrome.dashboard.board import Board
from hippodrome.secret import MASK
from hippodrome.wait import Deadline, until
from tests.dashboard.asking import Asked
from tests.dashboard.plans import plan, program
from tests.events.receiving import event, receiving

PATHS = ("/", "/health", "/api/status", "/nowhere", "/static/app.js", "/api/logs?level=loud")


@pytest.mark.parametrize("path", PATHS)
def test_an_id_comes_back_as_it_was_sent(asked: Asked, path: str) -> None:
    assert asked.get(path, X_Request_Id="of-mine-1").headers["X-Request-Id"] == "of-mine-1"


def test_one_who_is_refused_gets_it_back_too(asked: Asked) -> None:
    refused = asked.get("/", Host="evil.example", X_Request_Id="mine")
    assert (refused.status, refused.headers["X-Request-Id"]) == (403, "mine")


def test_without_an_id_each_request_gets_one_of_its_own(asked: Asked) -> None:
    made = [asked.get("/health").headers["X-Request-Id"] for _ in range(2)]
    assert all(len(each) == 32 for each in made)
    assert made[0] != made[1]


@pytest.mark.parametrize("sent", ["", "with a blank", "x" * 201])
def test_what_cannot_stand_in_a_log_is_replaced(asked: Asked, sent: str) -> None:
    assert asked.get("/health", X_Request_Id=sent).headers["X-Request-Id"] != sent


def test_an_event_is_handed_on_with_the_id_that_its_sender_was_told(asked: Asked) -> None:
    with receiving() as exporter:
        made = plan(program("ecom_settings_exporter", port=exporter.port))
        asked.layout.plan.write_text(made.to_json(), encoding="utf-8")
        asked.supervisor.run_plan(made.digest)
        assert until(lambda: asked.feed.known.plan == made, Deadline(20))
        told = asked.post("/webhook/eventbridge", event()).headers["X-Request-Id"]
        assert exporter.headers[-1]["X-Request-Id"] == told


def test_only_a_request_that_failed_leaves_a_line_with_its_id(board: Board, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(board)

    @app.get("/broken")
    def broken() -> Response:
        return refusal(500, "bug", "broken")

    client = app.test_client()
    bearer = {"Authorization": f"Bearer {token_of(board.layout)}"}
    for path in ("/broken?token=secret&x=1", "/health"):
        client.get(path, headers={"X-Request-Id": "mine", "Host": "localhost", **bearer})
    assert caplog.messages == [f"GET /broken?token={MASK}&x=1 status=500 request_id=mine"]
