"""Who is delivered next: in order within a lane, side by side between lanes. Asks no clock and starts nothing.

A *lane* is what one receiver gets of one key. While its first event fails, the rest of it waits; other lanes go on,
but for those of a service that answers nobody, which is tried by few.
"""

import heapq
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from hippodrome.events.delivery import Attempt
from hippodrome.events.spool import Delivery

LANE_PAUSES_S = (0.2, 30.0)  # after a failure, doubled each time
REFUSED_PAUSES_S = (0.1, 2.0)  # while nobody listens: a try costs next to nothing
LATE_PAUSES_S = (1.0, 15.0)  # while it takes the connection and does not answer: a try holds somebody for seconds

Lane = tuple[str, str]  # of the key, and the route


@dataclass
class Ticket:
    """A delivery in its lane. `attempt`: how the last try of it went; `is_settled`: there will be no other.

    `told` is set whenever whoever waits for it should look.
    """

    delivery: Delivery
    raw: bytes | None = None  # None: it is in the spool
    headers: Mapping[str, str] = field(default_factory=dict)
    attempt: Attempt | None = None
    is_settled: bool = False
    failures: int = 0  # since it was queued
    told: threading.Event = field(default_factory=threading.Event)

    @property
    def lane(self) -> Lane:
        return self.delivery.lane, self.delivery.route


@dataclass
class _Hold:
    until: float
    failures: int
    is_late: bool


class Lanes:
    """Not thread-safe; `now` is in seconds of whoever calls."""

    def __init__(self) -> None:
        self._waiting: dict[Lane, deque[Ticket]] = {}
        self._busy: set[Lane] = set()
        self._paused: dict[Lane, float] = {}  # until when
        self._due: list[tuple[float, Lane]] = []  # a heap; what no longer agrees with `_paused` is stale
        self._holds: dict[str, _Hold] = {}  # by service
        self.has_news = False  # something is due that was not: whoever waits for what is due should look

    def add(self, ticket: Ticket) -> None:
        self._waiting.setdefault(ticket.lane, deque()).append(ticket)

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def is_busy(self, lane: Lane) -> bool:
        return lane in self._busy

    def may_try(self, lane: Lane, now: float) -> bool:
        """Whether somebody who has time should try its first one at once."""
        if lane in self._busy or lane not in self._waiting:
            return False
        hold = self._holds.get(self._waiting[lane][0].delivery.service)
        if hold and hold.until > now:
            return not hold.is_late
        return self._paused.get(lane, 0.0) <= now

    def take(self, lane: Lane) -> Ticket | None:
        """Its first one, to be given back by `done` or `failed`; None while another has it, or none is left."""
        if lane in self._busy or lane not in self._waiting:
            return None
        self._busy.add(lane)
        self._paused.pop(lane, None)
        return self._waiting[lane][0]

    def done(self, ticket: Ticket, now: float) -> None:
        """It is settled; what comes behind it is due."""
        ticket.is_settled = True
        lane = ticket.lane
        self._busy.discard(lane)
        waiting = self._waiting[lane]
        waiting.popleft()
        if waiting:
            self.pause(lane, now)
        else:
            del self._waiting[lane]
        ticket.told.set()
        if ticket.attempt and ticket.attempt.verdict != "silent":
            self._lift(ticket.delivery.service, now)

    def failed(self, ticket: Ticket, now: float) -> None:
        """It stays the first of its lane, and is tried again later."""
        assert ticket.attempt
        self._busy.discard(ticket.lane)
        service = ticket.delivery.service
        if ticket.attempt.verdict == "silent":
            pauses = LATE_PAUSES_S if ticket.attempt.is_late else REFUSED_PAUSES_S
            failures = self._holds[service].failures if service in self._holds else 0
            again = now + _pause(pauses, failures)
            self._holds[service] = _Hold(again, failures + 1, ticket.attempt.is_late)
        else:
            self._lift(service, now)
            again = now + _pause(LANE_PAUSES_S, ticket.failures)
        ticket.failures += 1
        self.pause(ticket.lane, again)
        for waiting in self._waiting[ticket.lane]:
            waiting.told.set()

    def pause(self, lane: Lane, until: float) -> None:
        """To be tried by nobody before that, but for who knows that its service answers."""
        self._paused[lane] = until
        heapq.heappush(self._due, (until, lane))
        self.has_news = True

    def wake(self, lane: Lane, now: float) -> None:
        """To be tried by a worker, unless it is waiting for its time or somebody has it."""
        if lane in self._waiting and lane not in self._busy and lane not in self._paused:
            self.pause(lane, now)

    def next_due(self) -> float | None:
        """When the first of the paused lanes may be tried."""
        while self._due and self._paused.get(self._due[0][1]) != self._due[0][0]:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def due(self, now: float) -> list[Lane]:
        """The lanes whose time has come; those of a service that answers nobody wait on with it."""
        found = []
        while (at := self.next_due()) is not None and at <= now:
            _, lane = heapq.heappop(self._due)
            del self._paused[lane]
            if lane not in self._waiting or lane in self._busy:
                continue
            hold = self._holds.get(self._waiting[lane][0].delivery.service)
            if hold and hold.until > now:
                self.pause(lane, hold.until)
            else:
                found.append(lane)
        return found

    def _lift(self, service: str, now: float) -> None:
        if self._holds.pop(service, None):
            for lane in [lane for lane in self._paused if self._is_of(lane, service)]:
                self.pause(lane, now)

    def _is_of(self, lane: Lane, service: str) -> bool:
        return lane in self._waiting and self._waiting[lane][0].delivery.service == service


def _pause(pauses: tuple[float, float], failures: int) -> float:
    first, longest = pauses
    return min(longest, first * 2.0 ** min(failures, 30))
