"""The relay: writes every event down, answers, and delivers until it is delivered. Free of Flask."""

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from hippodrome.events import answers, keeping
from hippodrome.events.answers import Answer, Outcome
from hippodrome.events.delivery import ANSWER_S, Attempt, Postman
from hippodrome.events.envelope import Event, NotAnEventError, parse_event
from hippodrome.events.lanes import Lane, Lanes, Ticket
from hippodrome.events.manner import Manner
from hippodrome.events.proof import USER_AGENT, Proof, Record, is_proof
from hippodrome.events.routes import receiver_of, routes_for
from hippodrome.events.spool import Delivery, Spool, State
from hippodrome.plan.model import Plan

log = logging.getLogger("events")
WORKERS = 8
TRIM_S = 60.0
LOOK_EVERY = 100  # events, after which it is seen how large the record is


class Relay:
    """From `start` to `close`. `plan` gives the running plan, None while there is none to be read."""

    def __init__(self, spool: Spool, plan: Callable[[], Plan | None], proofs: Record) -> None:
        self.spool, self._plan, self._proofs = spool, plan, proofs
        self._lanes = Lanes()
        self._turn = threading.Condition()
        self._postman = Postman()
        self._workers = ThreadPoolExecutor(WORKERS, "relay")
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self.version = 0  # of the record; grows with every change

    def start(self) -> None:
        """What was left to be delivered goes on."""
        self._queue(self.spool.queued())
        self._thread.start()

    def close(self) -> None:
        """Tries that are under way are not waited for: what is not settled is delivered again."""
        with self._turn:
            self._is_closed = True
            self._turn.notify_all()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def accept(self, raw: bytes, manner: Manner) -> Answer:
        """The event is on disk when this returns, unless the answer is a refusal."""
        try:
            event = parse_event(raw)
        except NotAnEventError as error:
            return answers.rejected(400, str(error))
        if (plan := self._plan()) is None:
            return answers.rejected(503, "the plan of this stack cannot be read yet")
        try:
            return self._accept(event, raw, plan, manner)
        except sqlite3.Error as error:
            log.error("not written down: %s: %s id=%s", event.shown, error, event.id)
            return answers.rejected(503, f"the event cannot be written down: {error}")

    def _refuse_when_full(self) -> None:
        """What waits to be delivered is never dropped, so that alone may fill the record. Raises sqlite3.Error."""
        if self.version % LOOK_EVERY == 0 and self.spool.size_bytes > keeping.LARGEST:
            raise sqlite3.OperationalError(f"{keeping.LARGEST >> 20} MiB wait to be delivered")

    def _accept(self, event: Event, raw: bytes, plan: Plan, manner: Manner) -> Answer:
        meant = routes_for(event.body, plan)
        routes = [route for route in meant if route.service in plan]
        self._refuse_when_full()
        written = self.spool.write(event, raw, routes, manner=manner, is_proof=is_proof(event.body))
        self.version += 1
        absent = [route.service for route in meant if route.service not in plan]
        if written.is_repeat:
            log.info("%s came before: not delivered again id=%s", event.shown, event.id)
            outcomes = self.spool.outcomes(written.seq)
            return (
                answers.told(event, outcomes, plan, is_repeat=True)
                if outcomes
                else answers.ignored(event, absent, is_repeat=True)
            )
        if not routes:
            answer = answers.ignored(event, absent)
            log.info("%s ignored: %s id=%s", event.shown, answer.document["reason"], event.id)
            return answer
        tickets = [Ticket(each, raw, manner.headers) for each in written.deliveries]
        if manner.is_awaited:
            self._try_now(tickets)
        else:
            self._hand_over(tickets)
        return answers.told(event, [_outcome(each) for each in tickets], plan)

    def replay(self, seq: int) -> int:
        """Delivers an event again, wherever its routes lead now; how many deliveries that makes.

        Raises KeyError for one that is not there.
        """
        raw, _ = self.spool.body(seq)
        plan = self._plan()
        routes = [route for route in routes_for(json.loads(raw), plan) if route.service in plan] if plan else []
        found = self.spool.again(seq, routes)
        self._queue(found)
        self.version += 1
        return len(found)

    def _queue(self, deliveries: Iterable[Delivery]) -> None:
        self._hand_over([Ticket(each) for each in deliveries])

    def _hand_over(self, tickets: Iterable[Ticket]) -> None:
        """To the workers, in this order."""
        with self._turn:
            for ticket in tickets:
                self._lanes.add(ticket)
                self._lanes.wake(ticket.lane, time.monotonic())
            self._tell_worker()

    def _tell_worker(self) -> None:
        """Whoever holds the turn; the thread that waits for what is due is woken only when there is something new."""
        if self._lanes.has_news:
            self._lanes.has_news = False
            self._turn.notify_all()

    def _try_now(self, tickets: list[Ticket]) -> None:
        """Each is settled, or has failed once, or time is over, or trying is of no use yet."""
        until = time.monotonic() + ANSWER_S
        with self._turn:
            for ticket in tickets:
                self._lanes.add(ticket)
        for ticket in tickets:
            while not ticket.told.is_set() and (left := until - time.monotonic()) > 0:
                with self._turn:
                    may_try = self._lanes.may_try(ticket.lane, time.monotonic())
                    first = self._lanes.take(ticket.lane) if may_try else None
                    is_tried = first is not None or self._lanes.is_busy(ticket.lane)
                if first:
                    self._deliver(first)
                elif not is_tried or not ticket.told.wait(left):
                    break
        with self._turn:
            for ticket in tickets:
                if not ticket.told.is_set():
                    self._lanes.wake(ticket.lane, time.monotonic())
            self._tell_worker()

    def _deliver(self, ticket: Ticket) -> None:
        """One try, and what follows from it; the lane is given back."""
        delivery = ticket.delivery
        try:
            attempt = self._attempt(ticket)
        except Exception as error:  # the lane must be given back, whatever it was
            log.exception("a try broke off: %s id=%s", delivery.detail_type, delivery.event_id)
            attempt = Attempt("failed", time.time(), 0.0, reason=f"the try broke off: {error!r}")
        ticket.attempt = attempt
        delivery.attempts += 1
        state = _state(delivery, attempt)
        try:
            self.spool.settle(delivery, state, attempt)
            if delivery.is_proof and attempt.status is not None:
                self._prove(delivery, attempt)
        except (sqlite3.Error, OSError) as error:  # it is delivered once more, then: at least once
            log.error("not written down: the outcome of %s: %s id=%s", delivery.detail_type, error, delivery.event_id)
        self.version += 1
        with self._turn:
            if state == "queued":
                ticket.raw = None  # of the thousands that may wait, the spool has the bodies
                self._lanes.failed(ticket, time.monotonic())
            else:
                self._lanes.done(ticket, time.monotonic())
            self._tell_worker()
        if not delivery.is_proof:
            _tell(delivery, attempt, state)

    def _attempt(self, ticket: Ticket) -> Attempt:
        delivery, plan = ticket.delivery, self._plan()
        receiver = receiver_of(delivery.service, delivery.path, plan) if plan else None
        if receiver is None:
            reason = f"{delivery.service} is not part of this stack"
            return Attempt("silent", time.time(), 0.0, reason=reason)
        raw, headers = (ticket.raw, ticket.headers) if ticket.raw else self.spool.body(delivery.seq)
        if delivery.is_proof:
            headers = {**headers, "User-Agent": USER_AGENT}
        if delivery.replays:  # as EventBridge marks what it replays
            raw = json.dumps({**json.loads(raw), "replay-name": f"hippodrome-{delivery.replays}"}).encode()
        return self._postman.deliver(raw, receiver, headers)

    def _prove(self, delivery: Delivery, attempt: Attempt) -> None:
        origin, status = self.spool.origin(delivery.seq), attempt.status or 0
        self._proofs.note(Proof(time.time(), origin, delivery.detail_type, delivery.service, status))

    def _run(self) -> None:
        """Hands lanes whose time has come to the workers, and trims the record."""
        if (plan := self._plan()) and any(route.service in plan for route in plan.routes):
            routes_for({}, plan)  # what it loads for that would be half a second for the first event
        trimmed_at = time.monotonic()
        while not self._is_closed:
            with self._turn:
                now = time.monotonic()
                lanes = self._lanes.due(now)
                if not lanes:
                    due = self._lanes.next_due()
                    self._turn.wait(TRIM_S if due is None else min(TRIM_S, due - now))
            for lane in lanes:
                self._workers.submit(self._work, lane)
            if time.monotonic() - trimmed_at >= TRIM_S:
                trimmed_at = time.monotonic()
                keeping.trim(self.spool)

    def _work(self, lane: Lane) -> None:
        with self._turn:
            ticket = self._lanes.take(lane)
        if ticket:
            self._deliver(ticket)


def _state(delivery: Delivery, attempt: Attempt) -> State:
    if delivery.is_proof:  # an answer, whichever, proves the path; one that is lost is followed by the next
        return "dead" if attempt.verdict == "silent" else "delivered"
    if attempt.verdict == "delivered":
        return "delivered"
    return "dead" if attempt.verdict == "refused" else "queued"


def _outcome(ticket: Ticket) -> Outcome:
    delivery, attempt = ticket.delivery, ticket.attempt
    if attempt is None:
        return Outcome(delivery.service, delivery.path, "queued")
    state = _state(delivery, attempt) if ticket.is_settled else "queued"
    return Outcome(delivery.service, delivery.path, state, attempt.status, attempt.said, attempt.reason)


def _tell(delivery: Delivery, attempt: Attempt, state: State) -> None:
    """One line a try; of what fails again and again, fewer and fewer."""
    count = delivery.attempts
    if state == "queued" and count & (count - 1):
        return
    what = f"{delivery.detail_type} {delivery.key} -> {delivery.service}{delivery.path}"
    again = f" attempt={count}" if count > 1 else ""
    if state == "delivered":
        log.info("%s %s ms=%.1f%s id=%s", what, attempt.status, attempt.took_ms, again, delivery.event_id)
    elif state == "dead":
        log.error("%s dead letter: %s%s id=%s", what, attempt.reason, again, delivery.event_id)
    else:
        log.warning("%s queued: %s%s id=%s", what, attempt.reason, again, delivery.event_id)
