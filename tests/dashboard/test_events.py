"""The record of events by the dashboard's API."""

import json

import pytest

from hippodrome.dashboard.board import Board
from hippodrome.events.manner import Manner
from hippodrome.wait import Deadline, until
from tests.dashboard.asking import Asked
from tests.events.receiving import Service, event

PATIENCE_S = 20.0


@pytest.fixture
def exporter(exporter: Service, board: Board) -> Service:
    """One to which some events have come already."""
    for n in range(4):
        board.relay.accept(json.dumps(event(f"k{n}", id=f"e{n}")).encode(), Manner())
    exporter.status = 404
    board.relay.accept(json.dumps(event("k9", id="bad")).encode(), Manner())
    board.relay.accept(json.dumps(event(id="other", detail_type="Prices.INSERT")).encode(), Manner())
    exporter.status = 200
    return exporter


def ids(asked: Asked, query: str) -> list[str]:
    return [each["id"] for each in asked.get(f"/api/events?{query}").json["events"]]


def test_events_are_listed_the_newest_first_and_chosen_by_what_they_are(asked: Asked, exporter: Service) -> None:
    assert ids(asked, "") == ["other", "bad", "e3", "e2", "e1", "e0"]
    assert ids(asked, "state=dead") == ["bad"]
    assert ids(asked, "type=Prices.") == ["other"]
    assert ids(asked, "key=INDEX%23k1") == ["e1"]
    assert ids(asked, "text=index%23K2") == ["e2"]
    assert ids(asked, "count=2") == ["other", "bad"]
    last = asked.get("/api/events?count=2").json["events"][-1]["seq"]
    assert ids(asked, f"count=2&before={last}") == ["e3", "e2"]
    totals = asked.get("/api/events").json["totals"]
    assert totals["by_state"] == {"ignored": 1, "queued": 0, "delivered": 4, "dead": 1}


@pytest.mark.parametrize("query", ["state=lost", "count=many", "before=-1"])
def test_a_parameter_that_cannot_be_used_is_named(asked: Asked, query: str) -> None:
    answer = asked.get(f"/api/events?{query}")
    assert answer.status == 400 and f"`{query.partition('=')[0]}`" in answer.json["message"]


def test_one_event_is_shown_whole_and_explained(asked: Asked, exporter: Service) -> None:
    told = asked.get("/api/events/bad").json
    assert told["body"] == event("k9", id="bad")
    (sent,) = told["deliveries"]
    assert (sent["state"], sent["status"], len(sent["tries"])) == ("dead", 404, 1)
    settings, rules = told["routes"]
    assert settings["is_match"] and not rules["is_match"]
    assert settings["clauses"] == [
        {
            "path": "detail-type",
            "wanted": [{"prefix": "EcomIndexSettings."}],
            "found": "EcomIndexSettings.MODIFY",
            "is_met": True,
        }
    ]
    assert rules["problem"] == "merchandising_exporter is not part of this stack"
    assert asked.get("/api/events/nothing").status == 404
    assert asked.get("/api/events/e").status == 404, "several begin so"


def test_dead_letters_are_delivered_again_when_that_is_asked_for(asked: Asked, exporter: Service) -> None:
    assert asked.post("/api/events/replay", {}).status == 400, "all of the record is nobody's wish"
    answer = asked.post("/api/events/replay", {"state": "dead"})
    assert (answer.status, answer.json) == (202, {"events": 1, "deliveries": 1})
    assert until(lambda: asked.get("/api/events/bad").json["state"] == "delivered", Deadline(PATIENCE_S))
    assert asked.post("/api/events/e0/replay", {}).json == {"id": "e0", "deliveries": 1}
    assert until(lambda: len(exporter.taken) == 6, Deadline(PATIENCE_S))
    assert asked.post("/api/events/nothing/replay", {}).status == 404
    assert asked.post("/api/events/e0/replay", {}, Origin="https://evil.example").status == 403


def test_a_stream_tells_that_the_record_has_changed(asked: Asked, exporter: Service) -> None:
    with asked.stream("events=1") as stream:
        first = stream.next("events")["version"]
        asked.post("/webhook/eventbridge", event(id="new"))
        assert stream.next("events")["version"] > first
