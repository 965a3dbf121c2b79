"""What became of sent chunks, as the jobs' table tells it: applied, or lost on the way."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hippodrome.services.common import aws
from hippodrome.services.common.aws import Names
from hippodrome.services.ecom_ingest.store import Label

KEYS_MAX = 100  # of BatchGetItem
SURE_S = 3.0  # a report that is still there after it stays: a local AWS that is killed forgets its last seconds
COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


@dataclass(frozen=True)
class Found:
    """`applied` can be let go, in this order. Of the indexes `lost` a chunk is neither reported nor on its way."""

    applied: tuple[Label, ...]
    lost: tuple[str, ...]


class Reports:
    """Remembers since when it has seen which report. For one thread."""

    def __init__(self, names: Names, queue_url: Callable[[], str]) -> None:
        self._names, self._queue_url = names, queue_url
        self._seen_at: dict[str, float] = {}

    def look(self, sent: Sequence[Label]) -> Found:
        """`sent` is in the order in which it was sent. Raises botocore's errors."""
        if not sent:
            return Found((), ())
        is_queue_empty = self._is_queue_empty()  # asked first: a message is deleted after its report
        reported = set(self._reported(sent))
        missing = [label for label in sent if not reported.issuperset(_keys(label))]
        for label in missing:
            self._seen_at.pop(label.name, None)
        lost = tuple(dict.fromkeys(label.index_id for label in missing)) if is_queue_empty else ()
        return Found(tuple(self._sure(sent, {label.name for label in missing})), lost)

    def _sure(self, sent: Sequence[Label], missing: set[str]) -> Iterator[Label]:
        """None that comes after one of its index that may have to be sent again."""
        held, now = set[str](), time.monotonic()
        for label in sent:
            is_young = label.name in missing or now - self._seen_at.setdefault(label.name, now) < SURE_S
            if is_young or label.index_id in held:
                held.add(label.index_id)
            else:
                del self._seen_at[label.name]
                yield label

    def _is_queue_empty(self) -> bool:
        """Nothing in it, in flight or delayed."""
        told = aws.client("sqs").get_queue_attributes(QueueUrl=self._queue_url(), AttributeNames=list(COUNTS))
        return not any(int(told["Attributes"].get(name, 0)) for name in COUNTS)

    def _reported(self, labels: Iterable[Label]) -> Iterator[tuple[str, str]]:
        keys = [key for label in labels for key in _keys(label)]
        for start in range(0, len(keys), KEYS_MAX):
            of_table = {"Keys": [{"pk": pk, "sk": sk} for pk, sk in keys[start : start + KEYS_MAX]]}
            wanted: dict[str, Any] = {self._names.jobs: {**of_table, "ProjectionExpression": "pk, sk"}}
            while wanted:
                told = aws.dynamodb().batch_get_item(RequestItems=wanted)
                yield from ((item["pk"], item["sk"]) for item in told["Responses"][self._names.jobs])
                wanted = told.get("UnprocessedKeys", {})


def _keys(label: Label) -> list[tuple[str, str]]:
    return [(f"JOB#{job}", f"CHUNK#{label.name}") for job in label.jobs]
