"""From the buffer to the queue: chunks to S3, a message each, again for those that were lost on their way."""

import json
import logging
import threading
import time

from botocore.exceptions import BotoCoreError, ClientError

from hippodrome.services.common import aws
from hippodrome.services.common.aws import Names
from hippodrome.services.ecom_ingest.reports import Reports
from hippodrome.services.ecom_ingest.store import CHUNK_MAX, Chunk, Store, StoreDownError

log = logging.getLogger("ecom_ingest")
GATHER_S = 0.05  # what comes within it goes in one chunk
LOOK_S = 1.0  # between looks at what became of what was sent
TROUBLE_S = 0.5
END_S = 1.5


class Sender:
    """A thread of its own, between `start` and `stop`. The troubles are empty while there are none."""

    def __init__(self, store: Store, names: Names) -> None:
        self._store, self._names = store, names
        self._reports = Reports(names, self._url)
        self._has_work, self._is_enough, self._is_over = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)
        self._gathered, self._looked_at, self._queue_url = 0, 0.0, ""
        self._rounds, self._begun, self._sent = threading.Condition(), 0, 0  # of all that waits, by number
        self.store_trouble, self.aws_trouble = "it was not asked yet", ""
        self.flushed = 0  # operations, since the start

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """What waits is sent first, if that goes at once."""
        self._is_over.set()
        self._has_work.set()
        self._is_enough.set()
        self._thread.join(END_S)

    def wake(self, operations: int) -> None:
        """So many more are to be sent."""
        self._gathered += operations
        if self._gathered >= CHUNK_MAX:
            self._is_enough.set()
        self._has_work.set()

    def wait_until_sent(self, timeout_s: float) -> bool:
        """Whether all that was in the store at the call is in the queue. Does not wait while there is trouble."""
        with self._rounds:
            wanted = self._begun + 1

            def is_over() -> bool:
                return self._sent >= wanted or bool(self.store_trouble or self.aws_trouble)

            self._rounds.wait_for(is_over, timeout_s)
            return self._sent >= wanted

    def _run(self) -> None:
        while not self._is_over.is_set():
            self._turn()
            if self.store_trouble or self.aws_trouble:
                self._is_over.wait(TROUBLE_S)
            elif self._has_work.wait(LOOK_S):
                self._is_enough.wait(GATHER_S)
        if not (self.store_trouble or self.aws_trouble):
            self._turn()

    def _turn(self) -> None:
        self._has_work.clear()
        self._is_enough.clear()
        self._gathered = 0
        before, store_trouble, aws_trouble = self.store_trouble + self.aws_trouble, "", ""
        try:
            self._send_all()
            if time.monotonic() - self._looked_at >= LOOK_S:
                self._looked_at = time.monotonic()
                self._settle()
        except StoreDownError as error:
            store_trouble = error.message
        except (BotoCoreError, ClientError) as error:
            aws_trouble, self._queue_url = str(error), ""
        except Exception as error:  # the thread must live on, for nobody else sends
            log.exception("a turn failed")
            aws_trouble = f"{type(error).__name__}: {error}"
        with self._rounds:
            self.store_trouble, self.aws_trouble = store_trouble, aws_trouble
            self._rounds.notify_all()
        if (trouble := store_trouble + aws_trouble) != before:
            log.log(logging.WARNING if trouble else logging.INFO, "sending %s", trouble and f"waits error={trouble}")

    def _send_all(self) -> None:
        with self._rounds:
            self._begun += 1
        self._store.cut()
        while chunks := self._store.unsent():
            for chunk in chunks:
                self._send(chunk)
                self._store.mark_sent(chunk.label.name)
        with self._rounds:
            self._sent = self._begun
            self._rounds.notify_all()

    def _send(self, chunk: Chunk) -> None:
        began, label = time.perf_counter(), chunk.label
        aws.client("s3").put_object(Bucket=self._names.bucket, Key=label.key, Body=chunk.to_json().encode())
        told = {"bucket": self._names.bucket, "key": label.key, "indexId": label.index_id, "chunk": label.name}
        aws.client("sqs").send_message(
            QueueUrl=self._url(),
            MessageBody=json.dumps(told),
            MessageGroupId=label.index_id,
            # the queue drops what it gets twice in five minutes, but for what is sent again because it was lost
            MessageDeduplicationId=f"{label.name}-{chunk.sends}" if chunk.sends else label.name,
        )
        self.flushed += len(chunk.operations)
        took_ms = (time.perf_counter() - began) * 1000
        told_of = (label.name, label.index_id, len(chunk.operations), took_ms)
        log.info("sent chunk=%s index=%s operations=%d ms=%.1f", *told_of)

    def _settle(self) -> None:
        found = self._reports.look(self._store.sent())
        for label in found.applied:
            self._store.let_go(label.name)
        for index_id in found.lost:
            log.warning("lost on the way, sending again index=%s", index_id)
            self._store.send_again(index_id)
            self._has_work.set()

    def _url(self) -> str:
        if not self._queue_url:
            self._queue_url = aws.client("sqs").get_queue_url(QueueName=self._names.queue)["QueueUrl"]
        return self._queue_url
