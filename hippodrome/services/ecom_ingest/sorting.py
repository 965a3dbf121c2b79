"""What of a batch is new, what is repeated, and what comes too late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hippodrome.services.ecom_ingest.operations import Batch, Operation, Taken


@dataclass(frozen=True)
class Seen:
    """An operation that was taken. `is_whole`: nothing of what was before it is left in the document."""

    id: str
    version: int
    job_id: str
    is_whole: bool


@dataclass(frozen=True)
class Sorted:
    """`entries` are what a chunk is made of, in their order; `seen` is to be remembered."""

    entries: tuple[dict[str, Any], ...]
    seen: tuple[Seen, ...]
    taken: Taken


def sort_out(batch: Batch, known: Mapping[str, Sequence[Seen]]) -> Sorted:
    """`known`: by id, what was taken of the batch's documents.

    A repetition becomes a `skip`, which is told to its job as done. None is made when the job's own operation is on
    its way: a batch that is sent again must not count twice. What is older than a whole document that was taken
    becomes a `skip` as well; what is older than a patch is not, for the patch may be of other fields.
    """
    entries = list[dict[str, Any]]()
    fresh = dict[tuple[str, int], Seen]()
    before = {name: {each.version: each for each in of_one} for name, of_one in known.items()}
    whole = {name: _last_whole(of_one) for name, of_one in known.items()}
    for operation in batch.operations:
        pair = operation.id, operation.version
        first = before.get(operation.id, {}).get(operation.version)
        if pair in fresh or (first and first.job_id != batch.job_id):
            entries.append(_entry(batch, operation, is_skipped=True))
        elif not first:
            entries.append(_entry(batch, operation, is_skipped=operation.version < whole.get(operation.id, -1)))
            fresh[pair] = Seen(*pair, batch.job_id, operation.op != "patch")
            whole[operation.id] = max(whole.get(operation.id, -1), _last_whole([fresh[pair]]))
    taken = Taken(accepted=len(fresh), duplicates=len(batch.operations) - len(fresh))
    return Sorted(tuple(entries), tuple(fresh.values()), taken)


def _last_whole(seen: Sequence[Seen]) -> int:
    return max((each.version for each in seen if each.is_whole), default=-1)


def _entry(batch: Batch, operation: Operation, *, is_skipped: bool) -> dict[str, Any]:
    return {
        "op": "skip" if is_skipped else operation.op,
        "id": operation.id,
        "version": operation.version,
        "jobId": batch.job_id,
        "tensorFields": list(batch.tensor_fields),
        "document": None if is_skipped else operation.document,
    }
