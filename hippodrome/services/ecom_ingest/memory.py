"""The buffer in memory: quick, and gone when the process is killed."""

import threading
import time
import uuid
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hippodrome.services.ecom_ingest.operations import Batch
from hippodrome.services.ecom_ingest.store import CHUNK_MAX, BufferFullError, Chunk, Fill, Taken, sorted_out

REMEMBERED = 500_000  # versions of documents, to know doubles and what was replaced

Waiting = tuple[float, dict[str, Any]]


@dataclass(frozen=True)
class _Sent:
    chunk: Chunk
    since: float


class MemoryStore:
    """`capacity`: operations that are waiting or unconfirmed."""

    kind = "memory"

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, deque[Waiting]] = OrderedDict()  # by index, the longest waiting first
        self._sent: OrderedDict[str, _Sent] = OrderedDict()
        self._versions: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._confirmed = 0

    def add(self, index_id: str, batch: Batch) -> Taken:
        with self._lock:
            new = sorted_out(batch, lambda name: self._versions.get((index_id, name), -1))
            if self._held() + len(new) > self._capacity:
                raise BufferFullError
            if new:
                queue = self._waiting.setdefault(index_id, deque())
                queue.extend((time.monotonic(), operation) for operation in new)
            for operation in new:
                self._remember(index_id, operation["id"], operation["version"])
        return Taken(len(new), len(batch.operations) - len(new))

    def next_chunk(self) -> Chunk | None:
        with self._lock:
            if not self._waiting:
                return None
            index_id, queue = next(iter(self._waiting.items()))
            taken = [queue.popleft() for _ in range(min(CHUNK_MAX, len(queue)))]
            del self._waiting[index_id]
            if queue:
                self._waiting[index_id] = queue  # behind the others
            chunk = Chunk(uuid.uuid4().hex, index_id, tuple(operation for _, operation in taken))
            self._sent[chunk.name] = _Sent(chunk, time.monotonic())
        return chunk

    def unconfirmed(self, older_than_s: float) -> Sequence[Chunk]:
        with self._lock:
            before = time.monotonic() - older_than_s
            return [self._fresh(each.chunk) for each in self._sent.values() if each.since <= before]

    def confirm(self, chunk: str) -> None:
        with self._lock:
            if gone := self._sent.pop(chunk, None):
                self._confirmed += len(gone.chunk.operations)

    def fill(self) -> Fill:
        with self._lock:
            now, waiting = time.monotonic(), sum(map(len, self._waiting.values()))
            since = [queue[0][0] for queue in self._waiting.values()] + [each.since for each in self._sent.values()]
            sent = self._held() - waiting
            return Fill(waiting, sent, self._confirmed, now - min(since) if since else 0.0)

    def _held(self) -> int:
        return sum(map(len, self._waiting.values())) + sum(len(each.chunk.operations) for each in self._sent.values())

    def _remember(self, index_id: str, name: str, version: int) -> None:
        self._versions[index_id, name] = max(version, self._versions.get((index_id, name), -1))
        self._versions.move_to_end((index_id, name))
        if len(self._versions) > REMEMBERED:
            self._versions.popitem(last=False)

    def _fresh(self, chunk: Chunk) -> Chunk:
        """Without what a later version has replaced, which may be in the data plane already."""
        return Chunk(
            chunk.name, chunk.index_id, tuple(self._or_skipped(chunk.index_id, each) for each in chunk.operations)
        )

    def _or_skipped(self, index_id: str, operation: dict[str, Any]) -> dict[str, Any]:
        is_last = self._versions.get((index_id, operation["id"])) == operation["version"]
        return operation if is_last else {**operation, "op": "skip", "document": None}
