"""From the streams of tables to the event relay, in order, with nothing lost."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hippodrome.events.names import Feed
from hippodrome.events.proof import EVERY_S, USER_AGENT, is_proof
from hippodrome.events.pump.checkpoints import Checkpoints
from hippodrome.events.pump.condition import Condition, say
from hippodrome.events.pump.marker import marker
from hippodrome.events.pump.records import envelope_of, number_of
from hippodrome.events.pump.relay import Relay
from hippodrome.events.pump.streams import BATCH, NotReadableError, Stream, Streams
from hippodrome.events.pump.wire import AwayError

CHECK_S = 10.0  # between looks at whether the streams are still the tables' own
TROUBLED_CHECK_S = 1.0
FIRST_PAUSE_S, MOST_PAUSE_S = 0.1, 1.0  # after a failure, doubled each time
FIRST_PROOF_S = 3.0  # after the very first
GATHER_S = 0.1  # after a look that found something: many writes at once are not slowed down by a look after each
SLOW_S = 0.8  # between looks where the emulator does not say when there is something

Json = dict[str, Any]


@dataclass
class Schedule:
    """When the next proof is due, on the monotonic clock: often at first, when the services are still starting."""

    due_at: float = 0.0
    gap_s: float = FIRST_PROOF_S

    def passed(self, now: float) -> None:
        self.due_at, self.gap_s = now + self.gap_s, min(2 * self.gap_s, EVERY_S)


class Pump:
    """One thread does it all: what the relay does not take now keeps what follows it waiting."""

    def __init__(self, streams: Streams, relay: Relay, *, checkpoints: Checkpoints, condition: Condition) -> None:
        self._streams, self._relay = streams, relay
        self._checkpoints, self._condition = checkpoints, condition
        self._found: dict[Feed, Stream] = {}
        self._proofs: dict[str, Schedule] = {}  # by ARN
        self._troubles: tuple[str, ...] = ()  # of single tables
        self._next_check = 0.0
        self._seen: str | None = ""
        self._look_s = GATHER_S

    def run(self, feeds: Sequence[Feed]) -> None:
        """For ever."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                self._round(feeds)
                pause_s = FIRST_PAUSE_S
            except (AwayError, NotReadableError) as error:
                self._condition.now(str(error), *self._troubles)
                self._next_check, self._seen = 0.0, ""
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, MOST_PAUSE_S)

    def _round(self, feeds: Sequence[Feed]) -> None:
        if time.monotonic() >= self._next_check:
            self._check(feeds)
        brought = sum(self._bring(feed, stream) for feed, stream in self._found.items())
        self._condition.now(*self._troubles)  # not sooner: a relay may be there and take nothing
        if brought:
            time.sleep(GATHER_S)
        self._look_s = GATHER_S if brought else min(1.5 * self._look_s, SLOW_S)
        self._wait()

    def _check(self, feeds: Sequence[Feed]) -> None:
        """What is wrong with one table keeps the other's events from nothing."""
        troubles: list[str] = []
        self._relay.reach()
        for feed in feeds:
            try:
                self._find(feed)
            except NotReadableError as error:
                self._found.pop(feed, None)
                troubles.append(str(error))
        self._troubles = tuple(troubles)
        now = time.monotonic()
        proof_due_at = min(
            (self._proofs[stream.arn].due_at for stream in self._found.values()), default=now + CHECK_S
        )
        self._next_check = min(now + (TROUBLED_CHECK_S if troubles else CHECK_S), proof_due_at)

    def _find(self, feed: Feed) -> None:
        stream = self._streams.find(feed.table)
        if self._found.get(feed) != stream:
            after = self._checkpoints.after(stream)
            where = f"after {after}" if after else "from the oldest record on"
            say("INFO", f"reading {stream.arn} {where}")
        proofs = self._proofs.setdefault(stream.arn, Schedule())
        if time.monotonic() >= proofs.due_at:
            self._streams.put(feed.table, marker(time.time()), user_agent=USER_AGENT)
            proofs.passed(time.monotonic())
        self._found[feed] = stream

    def _bring(self, feed: Feed, stream: Stream) -> int:
        """How many records there were; all of them are at the relay then."""
        brought = 0
        while True:
            records = self._streams.records(stream, self._checkpoints.after(stream))
            self._hand_all(records, feed, stream)
            brought += len(records)
            if len(records) < BATCH:
                return brought

    def _hand_all(self, records: Sequence[Json], feed: Feed, stream: Stream) -> None:
        """What was taken is written down also where the next one is not."""
        done = ""
        try:
            for record in records:
                self._hand(envelope_of(record, feed, stream))
                done = number_of(record)
        finally:
            self._relay.rest()
            if done:
                self._checkpoints.write(stream, done)

    def _hand(self, envelope: Json) -> None:
        answer = self._relay.hand(envelope)
        what = f"event={envelope['detail-type']} id={envelope['id']} status={answer.status}"
        if not answer.is_taken:
            say("WARNING", f"refused, and not sent again: {what}: {answer.said}")
        elif is_proof(envelope):
            self._condition.proved(envelope["detail"]["tableName"])
        else:
            say("INFO", f"taken {what}")

    def _wait(self) -> None:
        """Until there may be something again, or it is time to check."""
        left_s = max(0.0, self._next_check - time.monotonic())
        if self._seen is not None:
            self._seen = self._streams.grown(self._seen, left_s)
        if self._seen is None:
            time.sleep(min(self._look_s, left_s))
