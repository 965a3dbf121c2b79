"""moto's streams, made fit for weeks: they tell when they have grown, and forget what is old."""

import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

from moto.dynamodb.models import table
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import StreamRecord, StreamShard, Table
from moto.dynamodbstreams.models import dynamodbstreams_backends

KEPT_S = 24 * 3600.0  # as long as AWS keeps a record
SLACK_S = 600.0  # what is old goes by the hundred, not one by one
ITERATORS_MAX = 256  # of which those of AWS live for a quarter of an hour


class Growth:
    """How many records all streams of this process have had. Thread-safe."""

    def __init__(self) -> None:
        self._life = uuid.uuid4().hex[:8]  # another moto may have come to the same number
        self._records = 0
        self._has_grown = threading.Condition()

    def more(self) -> None:
        with self._has_grown:
            self._records += 1
            self._has_grown.notify_all()

    def seen(self, before: str, wait_s: float) -> str:
        """A word for what there is now, as soon as it is another one than before, or the wait is over."""
        with self._has_grown:
            self._has_grown.wait_for(lambda: self._word != before, wait_s)
            return self._word

    @property
    def _word(self) -> str:
        return f"{self._life}-{self._records}"


GROWTH = Growth()
_ONE_AT_A_TIME = threading.Lock()


class LastDay:
    """The records of a shard that AWS would still have; counted and sliced as if none had gone, as moto goes by that.

    Written by one thread at a time. Read without a lock: how many have gone, and what is left, are exchanged as one.
    """

    def __init__(self) -> None:
        self._state: tuple[int, list[tuple[float, StreamRecord]]] = (0, [])

    def append(self, record: StreamRecord) -> None:
        gone, kept = self._state
        now = time.time()
        kept.append((now, record))
        if now - kept[0][0] > KEPT_S + SLACK_S:
            left = [each for each in kept if now - each[0] <= KEPT_S]
            self._state = gone + len(kept) - len(left), left

    def __len__(self) -> int:
        gone, kept = self._state
        return gone + len(kept)

    def __iter__(self) -> Iterator[StreamRecord]:
        return (record for _, record in list(self._state[1]))

    def __getitem__(self, asked: slice) -> list[StreamRecord]:
        """Who asks for what has gone is given what follows it."""
        gone, kept = self._state
        start = max(asked.start - gone, 0)
        return [record for _, record in kept[start : start + asked.stop - asked.start]]


class Shard(StreamShard):
    """Tells that it has grown. moto numbers records by how many there are: two at once would get the same number."""

    def __init__(self, account_id: str, table: Table) -> None:
        super().__init__(account_id, table)
        self.items: Any = LastDay()

    def add(self, old: Item | None, new: Item | None) -> None:
        with _ONE_AT_A_TIME:
            super().add(old, new)
        GROWTH.more()


def install() -> None:
    """From now on, for every stream of this process."""
    table.StreamShard = Shard  # type: ignore[misc]


def trim() -> None:
    """Forgets all but the newest iterators: moto keeps each that it has ever given, one for every poll."""
    for account in list(dynamodbstreams_backends.values()):
        for backend in list(account.values()):
            kept = backend.shard_iterators
            if len(kept) > ITERATORS_MAX:
                for name in list(kept)[:-ITERATORS_MAX]:
                    kept.pop(name, None)
