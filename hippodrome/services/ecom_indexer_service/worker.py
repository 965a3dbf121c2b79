"""From the queue to the data plane and to the jobs' table; a message goes when all of that is done."""

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from hippodrome.services.common import aws
from hippodrome.services.common.outgoing import Upstream
from hippodrome.services.ecom_indexer_service.applying import NotNowError, Outcome, Outcomes, apply

log = logging.getLogger("ecom_indexer_service")
WAIT_S = 1
HOLD_S = 8  # how long a message is ours, unless renewed: so long its index waits after a crash
KEEP_S = 2.0  # after which holding it is renewed
ATTEMPTS_MAX = 5  # then the queue puts it with the dead ones
BACK_OFF_S = (1, 2, 4, 8)
PAUSE_S = 0.1
TROUBLE_S = 0.5

Message = dict[str, Any]


@dataclass
class Counts:
    """Since the service started."""

    chunks: int = 0
    documents: int = 0
    failed: int = 0
    given_up: int = 0


class Worker:
    """A thread of its own, between `start` and `stop`. One chunk at a time: that keeps each index in order."""

    def __init__(self, names: aws.Names, cell: Upstream) -> None:
        self._names, self._cell = names, cell
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._queue = ""
        self._blocked_until = time.monotonic() + HOLD_S  # a life before this one may hold a message
        self.counts, self.trouble = Counts(), ""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """What is under way is taken up again by the next life: the message is seen again."""
        self._is_over.set()
        self._thread.join(WAIT_S)

    def _run(self) -> None:
        while not self._is_over.is_set():
            try:
                for message in self._received():
                    self._handle(message)
                self.trouble = ""
            except (BotoCoreError, ClientError) as error:
                if str(error) != self.trouble:
                    log.warning("the queue waits error=%s", error)
                self.trouble, self._queue = str(error), ""
                self._is_over.wait(TROUBLE_S)
            except Exception as error:  # one message that cannot be read must not end all
                log.exception("a message could not be handled")
                self.trouble = f"{type(error).__name__}: {error}"

    def _received(self) -> list[Message]:
        """At most one. Waits for it, but not where an earlier one of its index is held: moto would wait busily."""
        if not self._queue:
            self._queue = aws.client("sqs").get_queue_url(QueueName=self._names.queue)["QueueUrl"]
        is_blocked = time.monotonic() < self._blocked_until
        told = aws.client("sqs").receive_message(
            QueueUrl=self._queue,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=0 if is_blocked else WAIT_S,
            VisibilityTimeout=HOLD_S,
            AttributeNames=["ApproximateReceiveCount"],
        )
        messages: list[Message] = told.get("Messages", [])
        if is_blocked and not messages:
            self._is_over.wait(PAUSE_S)
        return messages

    def _handle(self, message: Message) -> None:
        said = json.loads(message["Body"])
        chunk = self._content(said)
        if chunk is None:
            self._delete(message)
            return
        try:
            outcomes = apply(self._cell, said["indexId"], chunk["operations"], self._keeper(message))
        except (NotNowError, LookupError, TypeError, ValueError) as error:  # the others: no answer of a data plane
            self._put_off(message, said, chunk, f"{type(error).__name__}: {error}")
            return
        for job, number in chunk.get("duplicates", {}).items():
            outcomes.setdefault(job, Outcome()).done += number
        self._report_all(said, outcomes)
        self._delete(message)
        aws.client("s3").delete_object(Bucket=said["bucket"], Key=said["key"])

    def _content(self, said: dict[str, str]) -> dict[str, Any] | None:
        """None for a chunk that was applied before: one that was not is sent again by who has it."""
        try:
            body = aws.client("s3").get_object(Bucket=said["bucket"], Key=said["key"])["Body"].read()
        except aws.client("s3").exceptions.NoSuchKey:
            log.info("gone already chunk=%s index=%s", said["chunk"], said["indexId"])
            return None
        chunk: dict[str, Any] = json.loads(body)
        return chunk

    def _put_off(self, message: Message, said: dict[str, str], chunk: dict[str, Any], why: str) -> None:
        """To be tried again later, or, after the last attempt, given up with a report."""
        attempt = int(message["Attributes"]["ApproximateReceiveCount"])
        log.warning("not now chunk=%s attempt=%d error=%s", said["chunk"], attempt, why)
        delay_s = 0
        if attempt < ATTEMPTS_MAX:
            delay_s = BACK_OFF_S[attempt - 1]
            self._blocked_until = time.monotonic() + delay_s
        else:
            self._report_all(said, _all_failed(chunk, why))
            self.counts.given_up += 1
        self._hold(message, delay_s)

    def _report_all(self, said: dict[str, str], outcomes: Outcomes) -> None:
        for job, outcome in outcomes.items():
            self._report(job, said["chunk"], outcome)
            self.counts.documents += outcome.done
            self.counts.failed += outcome.failed
        self.counts.chunks += 1
        log.info("indexed chunk=%s index=%s jobs=%d", said["chunk"], said["indexId"], len(outcomes))

    def _report(self, job: str, chunk: str, outcome: Outcome) -> None:
        """A plain put: what is reported twice counts once."""
        key = {"pk": f"JOB#{job}", "sk": f"CHUNK#{chunk}"}
        item = {**key, "done": outcome.done, "failed": outcome.failed, "errors": outcome.errors}
        aws.dynamodb().put_item(TableName=self._names.jobs, Item=item)

    def _delete(self, message: Message) -> None:
        aws.client("sqs").delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])

    def _keeper(self, message: Message) -> Callable[[], None]:
        """Renews the hold when it is called, though not at every call."""
        renewed_at = time.monotonic()

        def keep() -> None:
            nonlocal renewed_at
            if time.monotonic() - renewed_at >= KEEP_S:
                renewed_at = time.monotonic()
                self._hold(message, HOLD_S)

        return keep

    def _hold(self, message: Message, seconds: int) -> None:
        aws.client("sqs").change_message_visibility(
            QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds
        )


def _all_failed(chunk: dict[str, Any], why: str) -> Outcomes:
    """Nothing of it was applied, as far as can be known; what was no work is done."""
    outcomes: Outcomes = {job: Outcome(done=number) for job, number in chunk.get("duplicates", {}).items()}
    for operation in chunk["operations"]:
        outcomes.setdefault(operation["jobId"], Outcome()).refuse(operation["id"], why, "given_up")
    return outcomes
