"""The relay: written down before it is answered, delivered until it is delivered, in order of each key."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hippodrome.events.answers import BEHIND, Answer
from hippodrome.events.manner import Manner
from hippodrome.events.proof import PROOF_PK, Record, last_proof
from hippodrome.events.reading import Reader, Recorded, Wanted
from hippodrome.events.relay import Relay
from hippodrome.events.spool import Spool
from hippodrome.plan.model import Plan, Route
from hippodrome.wait import Deadline, until
from tests.dashboard.plans import ROUTES, plan, program
from tests.events.receiving import Service, event, receiving
from tests.stack import free_port

PATIENCE_S = 30.0
LATER = Manner(is_awaited=False)


class Line:
    """A relay under test, its record, and the plan that it reads."""

    def __init__(self, folder: Path, running: Plan) -> None:
        self.folder, self.plan = folder, running
        self.reader = Reader(folder / "spool.sqlite3")
        self._made: list[Relay] = []
        self.relay = self.start()

    def start(self) -> Relay:
        """Anew, on the record that is there."""
        self.relay = Relay(Spool(self.folder / "spool.sqlite3"), lambda: self.plan, Record(self.folder / "proof"))
        self.relay.start()
        self._made.append(self.relay)
        return self.relay

    def close(self) -> None:
        for relay in self._made:
            relay.close()

    def send(self, body: Any, manner: Manner = Manner()) -> Answer:  # noqa: B008 - frozen
        return self.relay.accept(json.dumps(body).encode(), manner)

    def recorded(self, identifier: str) -> Recorded:
        found = self.reader.event(identifier)
        assert found, identifier
        return found

    def has_settled(self, identifier: str, state: str = "delivered") -> bool:
        return bool(until(lambda: self.recorded(identifier).state == state, Deadline(PATIENCE_S)))


@pytest.fixture
def service() -> Iterator[Service]:
    with receiving() as made:
        yield made


@pytest.fixture
def line(tmp_path: Path, service: Service) -> Iterator[Line]:
    made = Line(tmp_path, running_at(service.port))
    yield made
    made.close()


def running_at(port: int) -> Plan:
    return plan(program("ecom_settings_exporter", port=port))


def test_what_is_delivered_is_on_record_with_its_answer(line: Line, service: Service) -> None:
    answer = line.send(event(id="one"))
    assert (answer.status, answer.document["webhook_status"]) == (200, "forwarded")
    (sent,) = line.recorded("one").deliveries
    assert (sent.state, sent.status, sent.attempts) == ("delivered", 200, 1)
    assert sent.said == answer.document["service_response"]
    assert service.taken == [("/events", event(id="one"))]


def test_an_event_without_an_id_is_given_one(line: Line) -> None:
    answer = line.send(event())
    assert line.recorded(answer.event_id).key == "INDEX#test/SETTINGS"


def test_an_id_that_came_before_is_answered_from_the_record(line: Line, service: Service) -> None:
    first, second = line.send(event(id="one")), line.send(event(id="one"))
    assert second.document == first.document and second.is_repeat and not first.is_repeat
    assert len(service.taken) == 1
    assert line.recorded("one").repeats == 1


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_what_fails_is_queued_and_tried_until_it_is_delivered(line: Line, service: Service, status: int) -> None:
    service.status = status
    answer = line.send(event(id="one"))
    assert (answer.status, answer.document["webhook_status"]) == (202, "queued")
    assert (answer.document["event_id"], answer.document["target"]) == ("one", f"localhost:{service.port}")
    assert f"answered {status}" in answer.document["reason"]
    assert until(lambda: line.recorded("one").deliveries[0].attempts > 1, Deadline(PATIENCE_S))
    service.status = 200
    assert line.has_settled("one")
    assert line.send(event(id="one")).document["webhook_status"] == "forwarded"


def test_a_service_that_is_away_gets_its_events_when_it_is_back(tmp_path: Path) -> None:
    port = free_port()
    line = Line(tmp_path, running_at(port))
    try:
        answers = [line.send(event(f"k{n % 3}", id=f"e{n}")) for n in range(9)]
        assert {(each.status, each.document["webhook_status"]) for each in answers} == {(202, "queued")}
        assert "does not answer" in answers[0].document["reason"]
        with receiving(port) as service:
            assert until(lambda: len(service.taken) == 9, Deadline(PATIENCE_S))
            assert all(line.has_settled(f"e{n}") for n in range(9))
            for key in range(3):
                assert [each for each in service.ids if int(each[1:]) % 3 == key] == [
                    f"e{key + 3 * n}" for n in range(3)
                ]
    finally:
        line.close()


def test_a_service_that_is_too_slow_costs_its_sender_three_seconds_once(line: Line, service: Service) -> None:
    service.delay_s = 4.0
    assert line.send(event("a", id="one")).document["reason"].endswith("took more than 3 s")
    soon = Deadline(1.0)
    assert line.send(event("b", id="two")).status == 202
    assert not soon.is_over, "the next one waited as well"
    service.delay_s = 0.0
    assert line.has_settled("one") and line.has_settled("two")


def test_what_a_service_refuses_is_a_dead_letter_until_it_is_replayed(line: Line, service: Service) -> None:
    service.status = 422
    answer = line.send(event(id="one"))
    assert (answer.status, answer.document["webhook_status"]) == (200, "dead")
    assert (answer.document["service_status"], answer.document["event_id"]) == (422, "one")
    assert line.recorded("one").state == "dead"
    assert line.send(event(id="two")).status == 200, "a dead letter holds nobody up"
    service.status = 200
    assert line.relay.replay(line.recorded("one").seq) == 1
    assert line.has_settled("one")
    assert service.taken[-1][1]["replay-name"] == "hippodrome-1"
    (sent,) = line.recorded("one").deliveries
    assert (sent.replays, sent.attempts, [each.status for each in sent.tries]) == (1, 2, [422, 200])


def test_a_key_that_fails_holds_no_other_up_and_keeps_its_order(line: Line, service: Service) -> None:
    service.refused_keys = {"INDEX#bad"}
    assert line.send(event("bad", id="b1")).status == 202
    behind = line.send(event("bad", id="b2"))
    assert (behind.status, behind.document["reason"]) == (202, BEHIND)
    assert all(line.send(event(f"good{n}", id=f"g{n}")).status == 200 for n in range(5))
    service.refused_keys = set()
    assert line.has_settled("b2")
    assert [each for each in service.ids if each.startswith("b")] == ["b1", "b2"]


def test_a_sender_that_does_not_wait_is_answered_at_once(line: Line, service: Service) -> None:
    service.delay_s = 1.0
    soon = Deadline(0.9)
    assert line.send(event(id="one"), LATER).status == 202
    assert not soon.is_over
    assert line.has_settled("one")


def test_what_is_queued_survives_the_relay(line: Line, service: Service) -> None:
    service.status = 503
    for n in range(5):
        line.send(event(id=f"e{n}"))
    line.relay.close()
    service.status = 200
    line.start()
    assert all(line.has_settled(f"e{n}") for n in range(5))
    assert service.ids == [f"e{n}" for n in range(5)]


def test_many_at_once_are_all_delivered_each_key_in_order(line: Line, service: Service) -> None:
    def send(key: int) -> None:
        for n in range(20):
            line.send(event(f"k{key}", id=f"{key}-{n}"), Manner() if n % 2 else LATER)

    senders = [threading.Thread(target=send, args=(key,)) for key in range(8)]
    for each in senders:
        each.start()
    for each in senders:
        each.join(PATIENCE_S)
    assert until(lambda: len(service.taken) == 160, Deadline(PATIENCE_S))
    for key in range(8):
        assert [each for each in service.ids if each.startswith(f"{key}-")] == [f"{key}-{n}" for n in range(20)]
    assert until(lambda: line.reader.totals().by_state["delivered"] == 160, Deadline(PATIENCE_S))


def test_an_event_goes_to_every_route_that_it_matches(line: Line, service: Service) -> None:
    with receiving() as second:
        also = Route("also", {"source": ["marqo.dynamodb"]}, "listener", "/in")
        both = plan(program("ecom_settings_exporter", port=service.port), program("listener", port=second.port))
        line.plan = Plan(**{**vars(both), "routes": (*ROUTES, also)})
        answer = line.send(event(id="one"))
        assert [each["webhook_status"] for each in answer.document["deliveries"]] == ["forwarded", "forwarded"]
        assert (service.taken[0][0], second.taken[0][0]) == ("/events", "/in")
        second.status = 503
        partly = line.send(event(id="two"))
        assert (partly.status, partly.document["target"]) == (202, f"localhost:{second.port}")


def test_what_no_service_is_for_is_kept_and_can_be_replayed_when_one_is(line: Line, service: Service) -> None:
    assert line.send(event(detail_type="Prices.INSERT", id="one")).document == {
        "status": "ignored",
        "reason": "No route configured for detail-type: Prices.INSERT",
    }
    absent = line.send(event(detail_type="Merchandising.INSERT", id="two")).document
    assert absent["status"] == "ignored" and "merchandising_exporter" in absent["reason"]
    line.plan = plan(program("merchandising_exporter", port=service.port))
    assert line.relay.replay(line.recorded("two").seq) == 1
    assert line.has_settled("two")


def test_headers_of_the_request_go_along_also_later(line: Line, service: Service) -> None:
    service.status = 503
    line.send(event(id="one"), Manner(headers={"traceparent": "00-a-b-01"}))
    service.status = 200
    assert line.has_settled("one")
    assert service.headers[-1]["traceparent"] == "00-a-b-01"


def test_a_proof_is_noted_whatever_the_service_says_and_never_retried(line: Line, service: Service) -> None:
    service.status = 400
    proof = event(id="proof")
    proof["detail"]["keys"] = {"pk": {"S": PROOF_PK}, "sk": {"S": "PROOF"}}
    line.send(proof, Manner(origin="streams"))
    found = last_proof(line.folder / "proof")
    assert found and (found.origin, found.status, found.service) == ("streams", 400, "ecom_settings_exporter")
    assert line.reader.events(Wanted()) == []
    assert [each.state for each in line.reader.events(Wanted(with_proofs=True))] == ["delivered"]


@pytest.mark.faults
def test_an_event_that_cannot_be_written_down_is_not_taken(
    line: Line, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.relay.spool._db.execute("PRAGMA max_page_count = 1")  # as a full disk: nothing more fits
    answer = line.send(event(id="one", padding="x" * 100_000))
    assert (answer.status, answer.event_id) == (503, "")
    assert "cannot be written down" in answer.document["reason"] and service.taken == []
    line.relay.spool._db.execute("PRAGMA max_page_count = 1000000")
    assert line.send(event(id="one")).status == 200


def test_a_record_that_is_full_of_what_waits_takes_no_more_until_it_has_room(
    line: Line, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hippodrome.events.keeping.LARGEST", 1)
    answer = line.send(event(id="one"))
    assert answer.status == 503 and "wait to be delivered" in answer.document["reason"]
    monkeypatch.undo()
    assert line.send(event(id="one")).status == 200


def test_a_try_that_breaks_off_gives_its_lane_back(
    line: Line, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.status = 503
    assert line.send(event(id="one")).status == 202

    def broken(_seq: int) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(line.relay.spool, "body", broken)
    assert until(lambda: "broke off" in line.recorded("one").deliveries[0].reason, Deadline(PATIENCE_S))
    monkeypatch.undo()
    service.status = 200
    assert line.has_settled("one")


@pytest.mark.faults
def test_a_record_that_is_no_database_is_set_aside(tmp_path: Path, service: Service) -> None:
    (tmp_path / "spool.sqlite3").write_bytes(b"no database at all" * 100)
    (tmp_path / "spool.sqlite3.1.old").write_bytes(b"of another time")
    line = Line(tmp_path, running_at(service.port))
    try:
        assert line.send(event(id="one")).status == 200
        assert len(list(tmp_path.glob("spool.sqlite3.*.old"))) == 1
    finally:
        line.close()


def test_two_writers_of_a_record_wait_for_each_other(tmp_path: Path) -> None:
    """As when a dashboard is restarted while the old one still writes."""
    one, other = Spool(tmp_path / "s"), Spool(tmp_path / "s")
    from hippodrome.events.envelope import parse_event

    for n in range(20):
        raw = json.dumps(event(id=f"e{n}")).encode()
        (one if n % 2 else other).write(parse_event(raw), raw, ROUTES[:1], manner=LATER, is_proof=False)
    assert len(one.queued()) == 20
    with sqlite3.connect(tmp_path / "s") as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    db.close()
    one.close()
    other.close()
