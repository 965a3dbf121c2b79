"""From the queue to the data plane and to the jobs' table; a message goes when all of that is done."""

import json
import logging
import threading
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from hippodrome.services.common import aws
from hippodrome.services.common.errors import ApiError
from hippodrome.services.common.outgoing import Upstream
from hippodrome.services.ecom_indexer_service.applying import NotNowError, Outcome, Outcomes, apply

log = logging.getLogger("ecom_indexer_service")
WAIT_S = 1
HOLD_S = 20  # how long a message is ours before others see it
ATTEMPTS_MAX = 5
BACK_OFF_S = (1, 2, 4, 8, 16)
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
    """A thread of its own, between `start` and `stop`."""

    def __init__(self, names: aws.Names, cell: Upstream, ingest: Upstream | None) -> None:
        self._names, self._cell, self._ingest = names, cell, ingest
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._queue = ""
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
            except Exception as error:  # one chunk that cannot be read must not end all
                log.exception("a chunk could not be handled")
                self.trouble = f"{type(error).__name__}: {error}"
                self._is_over.wait(TROUBLE_S)

    def _received(self) -> list[Message]:
        if not self._queue:
            self._queue = aws.client("sqs").get_queue_url(QueueName=self._names.queue)["QueueUrl"]
        told = aws.client("sqs").receive_message(
            QueueUrl=self._queue,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=WAIT_S,
            VisibilityTimeout=HOLD_S,
            AttributeNames=["ApproximateReceiveCount"],
        )
        messages: list[Message] = told.get("Messages", [])
        return messages

    def _handle(self, message: Message) -> None:
        said = json.loads(message["Body"])
        attempt = int(message["Attributes"]["ApproximateReceiveCount"])
        told = json.loads(aws.client("s3").get_object(Bucket=said["bucket"], Key=said["key"])["Body"].read())
        try:
            outcomes = apply(self._cell, said["indexId"], told["operations"], lambda: self._hold(message, HOLD_S))
        except NotNowError as error:
            log.warning("not now chunk=%s attempt=%d error=%s", said["chunk"], attempt, error)
            if attempt >= ATTEMPTS_MAX:
                self._finish(said, _all_failed(told["operations"], str(error)))
                self.counts.given_up += 1
            self._hold(message, BACK_OFF_S[min(attempt, len(BACK_OFF_S)) - 1])
            return
        self._finish(said, outcomes)
        aws.client("sqs").delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        aws.client("s3").delete_object(Bucket=said["bucket"], Key=said["key"])

    def _finish(self, said: dict[str, str], outcomes: Outcomes) -> None:
        for job, outcome in outcomes.items():
            self._report(job, said["chunk"], outcome)
            self.counts.documents += outcome.done
            self.counts.failed += outcome.failed
        self.counts.chunks += 1
        log.info("indexed chunk=%s index=%s jobs=%d", said["chunk"], said["indexId"], len(outcomes))
        if self._ingest:
            try:
                self._ingest.ask("POST", f"/chunks/{said['chunk']}/done")
            except ApiError as error:  # it will send the chunk again, which does no harm
                log.warning("not confirmed chunk=%s error=%s", said["chunk"], error)

    def _report(self, job: str, chunk: str, outcome: Outcome) -> None:
        """A plain put: what is reported twice counts once."""
        key = {"pk": f"JOB#{job}", "sk": f"CHUNK#{chunk}"}
        item = {**key, "done": outcome.done, "failed": outcome.failed, "errors": outcome.errors}
        aws.dynamodb().put_item(TableName=self._names.jobs, Item=item)

    def _hold(self, message: Message, seconds: int) -> None:
        aws.client("sqs").change_message_visibility(
            QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds
        )


def _all_failed(operations: list[dict[str, Any]], why: str) -> Outcomes:
    outcomes: Outcomes = {}
    for operation in operations:
        outcomes.setdefault(operation["jobId"], Outcome()).refuse(operation["id"], why, "given_up")
    return outcomes
