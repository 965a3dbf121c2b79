"""What a store of the buffer does, whatever keeps it: order, no doubles, nothing dropped before it is confirmed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hippodrome.services.ecom_ingest.operations import Batch, Operation

CHUNK_MAX = 1000  # operations in one


class BufferFullError(Exception):
    """Nothing of the batch was taken."""


@dataclass(frozen=True)
class Taken:
    """How many operations of a batch were new."""

    accepted: int
    duplicates: int


@dataclass(frozen=True)
class Chunk:
    """Operations of one index in their order, on their way to the data plane."""

    name: str
    index_id: str
    operations: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Fill:
    """`waiting`: not sent yet; `sent`: not confirmed yet; `oldest_s`: age of the oldest of both."""

    waiting: int
    sent: int
    confirmed: int
    oldest_s: float


class Store(Protocol):
    """For several threads at once."""

    kind: str

    def add(self, index_id: str, batch: Batch) -> Taken:
        """Takes what is new. Raises BufferFullError."""

    def next_chunk(self) -> Chunk | None:
        """The oldest operations that are not in a chunk, of one index; from now on they are in this one."""

    def unconfirmed(self, older_than_s: float) -> Sequence[Chunk]:
        """Chunks that were made so long ago, the oldest first, without what later versions have replaced."""

    def confirm(self, chunk: str) -> None:
        """The data plane has it; one that is not known is confirmed already."""

    def fill(self) -> Fill:
        """How full it is."""


def sorted_out(batch: Batch, version_of: Callable[[str], int]) -> list[dict[str, Any]]:
    """What of the batch is to be kept, as a chunk holds it. `version_of` a document: the last known, -1 for none.

    The same version again is dropped. An older one that comes late is only reported to its job: `skip`.
    """
    known: dict[str, int] = {}
    kept = []
    for operation in batch.operations:
        last = known.get(operation.id, version_of(operation.id))
        if operation.version != last:
            kept.append(_told(batch, operation, is_late=operation.version < last))
            known[operation.id] = max(last, operation.version)
    return kept


def _told(batch: Batch, operation: Operation, *, is_late: bool) -> dict[str, Any]:
    return {
        "op": "skip" if is_late else operation.op,
        "id": operation.id,
        "version": operation.version,
        "jobId": batch.job_id,
        "tensorFields": list(batch.tensor_fields),
        "document": None if is_late else operation.document,
    }
