"""The webhook's answers, as the calls of curl in the documents get them."""

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from hippodrome.wait import Deadline, until
from tests.dashboard.asking import Asked
from tests.dashboard.plans import plan, program
from tests.stack import free_port

PATH = "/webhook/eventbridge"
PATIENCE_S = 20.0


@dataclass
class Exporter:
    """A service that takes events; `status` is what it answers."""

    port: int
    status: int = 200
    taken: list[Any] = field(default_factory=list)


@pytest.fixture
def exporter() -> Iterator[Exporter]:
    made = Exporter(0)

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.taken.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(made.status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"status":"success","result":{"key":"settings:x"}}')

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def run(asked: Asked, port: int) -> None:
    """A plan with the exporter on this port."""
    made = plan(program("cell", port=9001), program("ecom_settings_exporter", port=port))
    asked.layout.plan.write_text(made.to_json(), encoding="utf-8")
    asked.supervisor.run_plan(made.digest)
    assert until(
        lambda: asked.feed.known.plan and "ecom_settings_exporter" in asked.feed.known.plan, Deadline(PATIENCE_S)
    )


def event(detail_type: str = "EcomIndexSettings.MODIFY") -> dict[str, Any]:
    keys = {"pk": {"S": "INDEX#test"}, "sk": {"S": "SETTINGS"}}
    detail = {"eventName": "MODIFY", "tableName": "dev-main-EcomIndexSettingsTable", "keys": keys}
    return {"source": "marqo.dynamodb", "detail-type": detail_type, "detail": detail}


def test_an_event_is_posted_to_its_service_as_it_came(asked: Asked, exporter: Exporter) -> None:
    run(asked, exporter.port)
    answer = asked.post(PATH, event())
    assert answer.status == 200
    assert answer.json == {
        "webhook_status": "forwarded",
        "target": f"localhost:{exporter.port}",
        "service_response": {"status": "success", "result": {"key": "settings:x"}},
    }
    assert exporter.taken == [("/events", event())]


def test_an_event_that_no_service_is_for_is_ignored(asked: Asked, exporter: Exporter) -> None:
    run(asked, exporter.port)
    for detail_type in ("Unknown.Event", "Merchandising.INSERT"):  # the latter's service is not in this plan
        answer = asked.post(PATH, event(detail_type))
        reason = f"No route configured for detail-type: {detail_type}"
        assert (answer.status, answer.json) == (200, {"status": "ignored", "reason": reason})
    assert exporter.taken == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [("{", "not JSON"), ("[]", "JSON object"), ("{}", "detail-type"), ('{"detail-type": 7}', "detail-type")],
)
def test_what_is_no_event_is_refused_with_the_reason(asked: Asked, body: str, reason: str) -> None:
    answer = asked.ask("POST", PATH, {"Content-Type": "application/json"}, body)
    assert answer.status == 400
    assert reason in answer.json["reason"]


def test_an_event_may_be_larger_than_other_bodies_and_has_an_end(asked: Asked, exporter: Exporter) -> None:
    run(asked, exporter.port)
    large = {**event(), "padding": "x" * 900_000}
    assert asked.post(PATH, large).status == 200
    assert asked.post(PATH, {**event(), "padding": "x" * (1 << 20)}).status == 413


def test_a_service_that_is_away_or_refuses_is_told(asked: Asked, exporter: Exporter) -> None:
    run(asked, exporter.port)
    exporter.status = 503
    assert (asked.post(PATH, event()).status, asked.post(PATH, event()).json["webhook_status"]) == (502, "failed")
    run_port = free_port()
    made = plan(program("ecom_settings_exporter", port=run_port))
    asked.layout.plan.write_text(made.to_json(), encoding="utf-8")
    asked.supervisor.run_plan(made.digest)
    assert until(lambda: f"localhost:{run_port}" in str(asked.post(PATH, event()).json), Deadline(PATIENCE_S))


def test_a_page_of_another_site_cannot_send_events(asked: Asked, exporter: Exporter) -> None:
    run(asked, exporter.port)
    assert asked.post(PATH, event(), Origin="https://evil.example").status == 403
    assert asked.post(PATH, event(), Host="evil.example").status == 403
    assert exporter.taken == []
