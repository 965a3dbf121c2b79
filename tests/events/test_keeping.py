"""How long the record is kept, and that nothing goes that is still to be delivered."""

import json
import logging
import time
from pathlib import Path

import pytest

from hippodrome.events import keeping
from hippodrome.events.delivery import Attempt
from hippodrome.events.envelope import parse_event
from hippodrome.events.following import AT_ONCE, Follower
from hippodrome.events.manner import Manner
from hippodrome.events.reading import STATE, Reader, Wanted
from hippodrome.events.spool import Spool, State
from tests.dashboard.plans import ROUTES
from tests.events.receiving import event

DELIVERED = Attempt("delivered", 0.0, 1.0, 200)


def write(spool: Spool, name: str, state: State | None, *, padding: int = 0, is_proof: bool = False) -> None:
    """An event that has come to this; None: no route took it."""
    raw = json.dumps(event(name, id=name, padding="x" * padding)).encode()
    routes = ROUTES[:1] if state else ()
    written = spool.write(parse_event(raw), raw, routes, manner=Manner(), is_proof=is_proof)
    for delivery in written.deliveries:
        delivery.attempts = 1
        spool.settle(delivery, state or "delivered", DELIVERED)


def age(spool: Spool, *names: str) -> None:
    """Makes them older than the record keeps them."""
    old = time.time() - (keeping.DAYS + 1) * 86400
    for name in names:
        spool._db.execute("UPDATE events SET received_at = ? WHERE id = ?", (old, name))


def ids(path: Path) -> set[str]:
    return {each.id for each in Reader(path).events(Wanted(count=1000, with_proofs=True))}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def test_what_is_old_and_settled_goes_and_that_is_said(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spool = Spool(path)
    for name, state in (("done", "delivered"), ("dead", "dead"), ("waits", "queued"), ("ignored", None)):
        write(spool, name, state)  # type: ignore[arg-type]
        age(spool, name)
    write(spool, "new", "delivered")
    with caplog.at_level(logging.WARNING):
        keeping.trim(spool)
    assert ids(path) == {"waits", "new"}
    assert "dropped 3 events, 1 of them dead letters: they are older than 7 days" in caplog.text
    totals = Reader(path).totals()
    assert (totals.dropped, totals.dropped_why) == (3, "they are older than 7 days")
    keeping.trim(spool)
    assert Reader(path).totals().dropped == 3
    spool.close()


def test_the_oldest_go_when_the_record_is_too_large_and_give_the_disk_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BYTES_MAX", 1 << 20)
    monkeypatch.setattr(keeping, "AT_ONCE", 5)
    spool = Spool(path)
    write(spool, "waits", "queued")
    for number in range(40):
        write(spool, f"e{number:02}", "delivered", padding=50_000)
    before = spool.size_bytes
    keeping.trim(spool)
    assert spool.size_bytes <= 1 << 20 < before
    kept = sorted(ids(path))
    assert kept[-1] == "waits" and kept[0] > "e10", "the newest stay, and what is to be delivered"
    spool.close()
    assert path.stat().st_size < 1.5 * (1 << 20)


def test_of_proofs_only_the_last_stay_and_none_counts_as_dropped(path: Path) -> None:
    spool = Spool(path)
    for number in range(keeping.PROOFS + 10):
        write(spool, f"p{number}", "delivered", is_proof=True)
    write(spool, "event", "delivered")
    keeping.trim(spool)
    assert len(ids(path)) == keeping.PROOFS + 1
    assert Reader(path).totals().dropped == 0
    spool.close()


def test_the_states_of_many_events_are_found_event_by_event(path: Path) -> None:
    spool = Spool(path)
    plan = [tuple(step) for step in spool._db.execute(f"EXPLAIN QUERY PLAN SELECT {STATE} FROM events e")]
    assert "SEARCH d USING PRIMARY KEY" in str(plan)
    assert "deliveries_by_state" not in str(plan)  # through that index the cost grows with the square of the events


def test_who_follows_is_told_all_that_came_at_once(path: Path) -> None:
    spool = Spool(path)
    follower = Follower(Reader(path), 0)
    for number in range(AT_ONCE + 5):
        write(spool, f"e{number}", None)
    told = [news.event.id for _ in range(3) for news in follower.look()]
    assert told == [f"e{number}" for number in range(AT_ONCE + 5)]
