"""What becomes of events, as it happens: the record looked at again and again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hippodrome.events.reading import Reader, Recorded, Try, Wanted

Told = dict[str, int]  # by route: how many tries
AT_ONCE = 200
REMEMBERED = 100  # events whose repeats and replays are told


@dataclass(frozen=True)
class News:
    """An event that came, came again, or was tried; with its body. `fresh`: the tries not told yet, by route."""

    kind: Literal["came", "repeated", "tried"]
    event: Recorded
    fresh: dict[str, tuple[Try, ...]]


@dataclass(frozen=True)
class _Seen:
    """How much of an event was told."""

    tries: Told
    repeats: int
    is_open: bool  # something of it is still to be delivered


class Follower:
    """Tells the last `count` events first, then all that come."""

    def __init__(self, reader: Reader, count: int, *, with_proofs: bool = False) -> None:
        self._reader, self._with_proofs = reader, with_proofs
        last = reader.events(Wanted(count=count + 1, with_proofs=with_proofs))
        self._seq = last[-1].seq - (len(last) <= count) if last else 0
        self._seen: dict[str, _Seen] = {}  # by id, of those that may have more to tell
        self._stamp: object = None

    def look(self) -> Iterator[News]:
        """What is new since the last look, in the order of arrival."""
        stamp = self._reader.stamp()
        if stamp == self._stamp:
            return
        for identifier, seen in [*self._seen.items()]:
            if event := self._reader.event(identifier):
                yield from self._again(event, seen)
            else:
                del self._seen[identifier]  # dropped from the record meanwhile
        new = self._reader.events(Wanted(after=self._seq, count=AT_ONCE, with_proofs=self._with_proofs))
        for listed in new:
            self._seq = listed.seq
            if event := self._reader.event(listed.id):
                yield News("came", event, _fresh(event, {}))
                self._remember(event)
        if len(new) < AT_ONCE:  # else the next look has more to tell, also where nothing comes meanwhile
            self._stamp = stamp

    def _again(self, event: Recorded, seen: _Seen) -> Iterator[News]:
        if event.repeats > seen.repeats:
            yield News("repeated", event, {})
        if any((fresh := _fresh(event, seen.tries)).values()):
            yield News("tried", event, fresh)
        self._remember(event)

    def _remember(self, event: Recorded) -> None:
        tries = {sent.route: sent.attempts for sent in event.deliveries}
        self._seen[event.id] = _Seen(tries, event.repeats, event.state == "queued")
        settled = [identifier for identifier, seen in self._seen.items() if not seen.is_open]
        for identifier in settled[: max(0, len(self._seen) - REMEMBERED)]:
            del self._seen[identifier]


def _fresh(event: Recorded, told: Told) -> dict[str, tuple[Try, ...]]:
    """Of each delivery, the tries beyond those that were told; of very many the record keeps the last ones."""
    counts = {sent.route: sent.attempts - told.get(sent.route, 0) for sent in event.deliveries}
    return {sent.route: sent.tries[-counts[sent.route] :] for sent in event.deliveries if counts[sent.route] > 0}
