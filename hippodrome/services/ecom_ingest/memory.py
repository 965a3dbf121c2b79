"""The buffer in memory: quick, and gone when the process ends."""

import time
import uuid
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from threading import Lock
from typing import Any

from hippodrome.services.ecom_ingest.operations import Batch, Taken
from hippodrome.services.ecom_ingest.sorting import Seen, sort_out
from hippodrome.services.ecom_ingest.store import CHUNK_MAX, REMEMBERED, BufferFullError, Chunk, Fill, Label

AT_ONCE, LABELS_AT_ONCE = 4, 50


@dataclass
class _Waiting:
    """Of one index; `since` is on the monotonic clock."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)


@dataclass
class _Kept:
    chunk: Chunk
    since: float
    is_sent: bool = False


class MemoryStore:
    """See Store. `capacity`: operations that are waiting or not confirmed."""

    kind = "memory"
    is_durable = False

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = Lock()
        self._waiting: dict[str, _Waiting] = {}
        self._chunks: dict[str, _Kept] = {}
        self._seen: dict[tuple[str, str], dict[int, Seen]] = defaultdict(dict)  # by index and document
        self._remembered: deque[tuple[str, Seen]] = deque()

    def add(self, index_id: str, batch: Batch) -> Taken:
        with self._lock:
            names = {each.id for each in batch.operations}
            found = sort_out(batch, {name: [*self._seen.get((index_id, name), {}).values()] for name in names})
            if self._held() + len(found.entries) > self._capacity:
                raise BufferFullError(self._capacity)
            if found.entries:
                self._waiting.setdefault(index_id, _Waiting()).entries += found.entries
            for each in found.seen:
                self._remember(index_id, each)
        return found.taken

    def cut(self) -> None:
        with self._lock:
            for index_id, waiting in self._waiting.items():
                for start in range(0, len(waiting.entries), CHUNK_MAX):
                    part = tuple(waiting.entries[start : start + CHUNK_MAX])
                    label = Label(uuid.uuid4().hex, index_id, tuple(dict.fromkeys(each["jobId"] for each in part)))
                    self._chunks[label.name] = _Kept(Chunk(label, part), waiting.since)
            self._waiting.clear()

    def unsent(self) -> Sequence[Chunk]:
        with self._lock:
            return [*islice((kept.chunk for kept in self._chunks.values() if not kept.is_sent), AT_ONCE)]

    def mark_sent(self, name: str) -> None:
        with self._lock:
            self._chunks[name].is_sent = True

    def sent(self) -> Sequence[Label]:
        with self._lock:
            sent = (kept.chunk.label for kept in self._chunks.values() if kept.is_sent)
            return [*islice(sent, LABELS_AT_ONCE)]

    def let_go(self, name: str) -> None:
        with self._lock:
            self._chunks.pop(name, None)

    def send_again(self, index_id: str) -> None:
        with self._lock:
            for kept in self._chunks.values():
                if kept.is_sent and kept.chunk.label.index_id == index_id:
                    kept.is_sent, kept.chunk = False, replace(kept.chunk, sends=kept.chunk.sends + 1)

    def fill(self) -> Fill:
        with self._lock:
            unsent = [kept for kept in self._chunks.values() if not kept.is_sent]
            waiting = sum(len(each.entries) for each in self._waiting.values())
            waiting += sum(len(kept.chunk.operations) for kept in unsent)
            since = [each.since for each in self._waiting.values()] + [kept.since for kept in unsent]
            oldest_s = time.monotonic() - min(since) if since else 0.0
            return Fill(waiting, self._held() - waiting, oldest_s)

    def close(self) -> None:
        """Nothing to do."""

    def _held(self) -> int:
        waiting = sum(len(each.entries) for each in self._waiting.values())
        return waiting + sum(len(kept.chunk.operations) for kept in self._chunks.values())

    def _remember(self, index_id: str, seen: Seen) -> None:
        self._seen[index_id, seen.id][seen.version] = seen
        self._remembered.append((index_id, seen))
        if len(self._remembered) > REMEMBERED:
            index_id, oldest = self._remembered.popleft()
            of_one = self._seen[index_id, oldest.id]
            del of_one[oldest.version]
            if not of_one:
                del self._seen[index_id, oldest.id]
