"""The webhook's answers, as the calls of curl in the documents get them."""

import contextlib
from collections.abc import Iterator

import pytest

from hippodrome.wait import Deadline, until
from tests.dashboard.asking import Asked
from tests.dashboard.plans import plan, program
from tests.events.receiving import Service, event, receiving
from tests.stack import free_port

PATH = "/webhook/eventbridge"
PATIENCE_S = 20.0


@pytest.fixture
def exporter() -> Iterator[Service]:
    with receiving() as made:
        yield made


def run(asked: Asked, port: int) -> None:
    """A plan with the exporter on this port."""
    made = plan(program("cell", port=9001), program("ecom_settings_exporter", port=port))
    asked.layout.plan.write_text(made.to_json(), encoding="utf-8")
    asked.supervisor.run_plan(made.digest)
    assert until(
        lambda: asked.feed.known.plan and "ecom_settings_exporter" in asked.feed.known.plan, Deadline(PATIENCE_S)
    )


def test_an_event_is_posted_to_its_service_as_it_came(asked: Asked, exporter: Service) -> None:
    run(asked, exporter.port)
    answer = asked.post(PATH, event())
    assert answer.status == 200
    assert answer.json == {
        "webhook_status": "forwarded",
        "target": f"localhost:{exporter.port}",
        "service_response": {"status": "success", "result": {"key": "settings:x"}},
    }
    assert exporter.taken == [("/events", event())]


def test_an_event_that_no_service_is_for_is_ignored(asked: Asked, exporter: Service) -> None:
    run(asked, exporter.port)
    answer = asked.post(PATH, event(detail_type="Unknown.Event"))
    reason = "No route configured for detail-type: Unknown.Event"
    assert (answer.status, answer.json) == (200, {"status": "ignored", "reason": reason})
    left_out = asked.post(PATH, event(detail_type="Merchandising.INSERT"))
    assert (left_out.status, left_out.json["status"]) == (200, "ignored")
    assert "merchandising_exporter" in left_out.json["reason"]
    assert exporter.taken == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        ('{"source": "s"}', "detail-type"),
        ('{"detail-type": 7}', "detail-type"),
    ],
)
def test_what_is_no_event_is_refused_with_the_reason(asked: Asked, body: str, reason: str) -> None:
    answer = asked.ask("POST", PATH, {"Content-Type": "application/json"}, body)
    assert answer.status == 400
    assert reason in answer.json["reason"]


def test_an_event_may_be_larger_than_other_bodies_and_has_an_end(asked: Asked, exporter: Service) -> None:
    run(asked, exporter.port)
    large = {**event(), "padding": "x" * 900_000}
    assert asked.post(PATH, large).status == 200
    assert asked.post(PATH, {**event(), "padding": "x" * (1 << 20)}).status == 413


def test_what_is_away_is_queued_and_the_port_is_that_of_the_running_plan(asked: Asked, exporter: Service) -> None:
    run(asked, exporter.port)
    exporter.status = 503
    answer = asked.post(PATH, event(id="one"))
    assert (answer.status, answer.json["webhook_status"], answer.json["event_id"]) == (202, "queued", "one")
    port = free_port()
    made = plan(program("ecom_settings_exporter", port=port))
    asked.layout.plan.write_text(made.to_json(), encoding="utf-8")
    asked.supervisor.run_plan(made.digest)
    assert until(lambda: f"localhost:{port}" in str(asked.post(PATH, event()).json), Deadline(PATIENCE_S))
    with receiving(port) as moved:
        assert until(lambda: "one" in moved.ids, Deadline(PATIENCE_S))


def test_a_repeated_event_is_answered_as_before_and_marked(asked: Asked, exporter: Service) -> None:
    run(asked, exporter.port)
    first, second = asked.post(PATH, event(id="one")), asked.post(PATH, event(id="one"))
    assert second.json == first.json and len(exporter.taken) == 1
    assert (first.headers["X-Event-Id"], second.headers["X-Event-Repeated"]) == ("one", "true")


def test_a_sender_may_ask_not_to_wait(asked: Asked, exporter: Service) -> None:
    run(asked, exporter.port)
    answer = asked.post(PATH, event(id="one"), Prefer="respond-async", X_Hippodrome_Origin="streams")
    assert answer.status == 202
    assert until(lambda: exporter.taken, Deadline(PATIENCE_S))
    assert asked.get("/api/events/one").json["origin"] == "streams"


def test_open_streams_and_a_service_that_hangs_hold_no_event_up(asked: Asked, exporter: Service) -> None:
    run(asked, exporter.port)
    with contextlib.ExitStack() as open_ones:
        for _ in range(20):
            open_ones.enter_context(asked.stream("services=cell,api&events=1"))
        assert asked.post(PATH, event()).status == 200


def test_a_page_of_another_site_cannot_send_events(asked: Asked, exporter: Service) -> None:
    run(asked, exporter.port)
    assert asked.post(PATH, event(), Origin="https://evil.example").status == 403
    assert asked.post(PATH, event(), Host="evil.example").status == 403
    assert exporter.taken == []
