"""Whose turn it is: in order within a lane, side by side between lanes."""

from hippodrome.events.delivery import Attempt
from hippodrome.events.lanes import LANE_PAUSES_S, LATE_PAUSES_S, REFUSED_PAUSES_S, Lanes, Ticket
from hippodrome.events.spool import Delivery

DELIVERED = Attempt("delivered", 0.0, 1.0, 200)
BROKEN = Attempt("failed", 0.0, 1.0, 500, reason="answered 500")
AWAY = Attempt("silent", 0.0, 0.0, reason="does not answer")
LATE = Attempt("silent", 0.0, 3000.0, reason="took more than 3 s", is_late=True)


def ticket(seq: int, key: str, service: str = "taker") -> Ticket:
    return Ticket(Delivery(seq, f"e{seq}", "T.MODIFY", key, key, "route", service, "/events", seq))


def lanes_of(*tickets: Ticket) -> Lanes:
    lanes = Lanes()
    for each in tickets:
        lanes.add(each)
    return lanes


def fail(lanes: Lanes, it: Ticket, how: Attempt, now: float) -> None:
    assert lanes.take(it.lane) is it
    it.attempt = how
    it.delivery.attempts += 1
    lanes.failed(it, now)


def succeed(lanes: Lanes, it: Ticket, now: float) -> None:
    assert lanes.take(it.lane) is it
    it.attempt = DELIVERED
    lanes.done(it, now)


def test_a_lane_is_taken_by_one_at_a_time_and_in_order() -> None:
    first, second = ticket(1, "a"), ticket(2, "a")
    lanes = lanes_of(first, second)
    assert lanes.take(first.lane) is first
    assert lanes.take(first.lane) is None and not lanes.may_try(first.lane, 0.0)
    first.attempt = DELIVERED
    lanes.done(first, 1.0)
    assert lanes.due(1.0) == [second.lane]
    succeed(lanes, second, 1.0)
    assert len(lanes) == 0 and lanes.take(second.lane) is None


def test_what_fails_holds_its_own_lane_alone_and_ever_longer() -> None:
    bad, behind, other = ticket(1, "a"), ticket(2, "a"), ticket(3, "b")
    lanes = lanes_of(bad, behind, other)
    fail(lanes, bad, BROKEN, 0.0)
    assert not lanes.may_try(bad.lane, 0.1) and lanes.may_try(other.lane, 0.1)
    assert behind.told.is_set() and not behind.is_settled
    assert lanes.next_due() == LANE_PAUSES_S[0]
    now, waits = 0.0, []
    for _ in range(12):
        now = lanes.next_due() or 0.0
        assert lanes.due(now) == [bad.lane]
        fail(lanes, bad, BROKEN, now)
        waits.append((lanes.next_due() or 0.0) - now)
    assert waits == sorted(waits) and waits[-1] == LANE_PAUSES_S[1]


def test_a_service_that_is_away_is_tried_by_few_and_by_all_when_it_answers() -> None:
    several = [ticket(n, f"k{n}") for n in range(5)]
    lanes = lanes_of(*several)
    for each in several:
        fail(lanes, each, AWAY, 0.0)
    now = REFUSED_PAUSES_S[1]  # the hold has grown with each failure
    assert lanes.may_try(several[0].lane, now - 1.0)  # somebody who has time may find out that it is back
    while not (found := lanes.due(now)):
        now += 0.1
    succeed(lanes, several[0], now)
    assert set(found) | set(lanes.due(now)) == {each.lane for each in several}


def test_a_service_that_takes_and_does_not_answer_holds_nobody_up() -> None:
    one, other, elsewhere = ticket(1, "a"), ticket(2, "b"), ticket(3, "c", "another")
    lanes = lanes_of(one, other, elsewhere)
    fail(lanes, one, LATE, 0.0)
    assert not lanes.may_try(other.lane, 0.5) and lanes.may_try(elsewhere.lane, 0.5)
    assert lanes.may_try(other.lane, LATE_PAUSES_S[0])


def test_the_same_key_of_two_routes_is_two_lanes() -> None:
    one = ticket(1, "a")
    other = Ticket(Delivery(1, "e1", "T.MODIFY", "a", "a", "second", "another", "/", 2))
    lanes = lanes_of(one, other)
    fail(lanes, one, BROKEN, 0.0)
    assert lanes.take(other.lane) is other
