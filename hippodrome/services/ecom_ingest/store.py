"""What a store of the buffer does, whatever keeps it: order, no doubles, nothing dropped before it is confirmed."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hippodrome.services.common.errors import ApiError
from hippodrome.services.ecom_ingest.operations import Batch, Taken

CHUNK_MAX = 1000  # operations in one
REMEMBERED = 500_000  # operations whose repetition is known


class BufferFullError(ApiError):
    """Nothing of the batch was taken."""

    def __init__(self, capacity: int) -> None:
        message = f"The buffer holds {capacity} operations and has no room for these; nothing of them was taken."
        super().__init__(429, "buffer_full", message, kind="throttled")


class StoreDownError(ApiError):
    """The store does not answer; what it was asked to take is to be sent again."""

    def __init__(self, why: str) -> None:
        super().__init__(503, "store_unavailable", f"The buffer's store does not answer: {why}", kind="unavailable")


@dataclass(frozen=True)
class Label:
    """A chunk without its content: its name, and the jobs that will be reported when it has been applied."""

    name: str
    index_id: str
    jobs: tuple[str, ...]

    @property
    def key(self) -> str:
        """Of its object in the bucket."""
        return f"chunks/{self.index_id}/{self.name}.json"


@dataclass(frozen=True)
class Chunk:
    """Operations of one index in their order, on their way to the data plane. `sends`: how often it was lost."""

    label: Label
    operations: tuple[dict[str, Any], ...]
    sends: int = 0

    def to_json(self) -> str:
        """What needs nothing done is counted by job, as `duplicates`."""
        skipped = Counter(each["jobId"] for each in self.operations if each["op"] == "skip")
        return json.dumps(
            {
                "chunk": self.label.name,
                "indexId": self.label.index_id,
                "operations": [each for each in self.operations if each["op"] != "skip"],
                "duplicates": skipped,
            }
        )


@dataclass(frozen=True)
class Fill:
    """In operations. `waiting`: not sent yet; `sent`: not confirmed yet; `oldest_s`: age of the oldest that waits."""

    waiting: int
    sent: int
    oldest_s: float


class Store(Protocol):
    """For several threads at once. Everything raises StoreDownError."""

    kind: str
    is_durable: bool  # what was taken survives the end of the process, however it comes

    def add(self, index_id: str, batch: Batch) -> Taken:
        """Takes what is new, all or nothing. Raises BufferFullError."""

    def cut(self) -> None:
        """All that waits is in chunks now, which keep their names."""

    def unsent(self) -> Sequence[Chunk]:
        """The first few of the chunks that are to be sent, in the order in which they were made."""

    def mark_sent(self, name: str) -> None:
        """The chunk is in the queue."""

    def sent(self) -> Sequence[Label]:
        """The first of the chunks that were sent and not let go, in the order in which they were made."""

    def let_go(self, name: str) -> None:
        """The chunk has been applied. Within an index in order: a later one may have to be sent after an earlier."""

    def send_again(self, index_id: str) -> None:
        """The index's chunks that were sent and not let go are to be sent again, in their order."""

    def fill(self) -> Fill:
        """How full it is."""

    def close(self) -> None:
        """It is not used any more."""
