"""From the buffer to the queue: chunks to S3, a message each, again for those that nobody confirms."""

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from hippodrome.services.common.aws import Names
from hippodrome.services.ecom_ingest.store import Chunk, Store

log = logging.getLogger("ecom_ingest")
GATHER_S = 0.03  # what comes within it goes in one chunk
LOOK_S = 1.0
AGAIN_S = 8.0  # after which an unconfirmed chunk is sent once more
TROUBLE_S = 0.5

Client = Callable[[str], Any]


class Sender:
    """A thread of its own, between `start` and `stop`."""

    def __init__(self, store: Store, client: Client, names: Names) -> None:
        self._store, self._client, self._names = store, client, names
        self._has_work, self._is_over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)
        self._queue_url = ""
        self.trouble = ""  # why nothing can be sent now

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends soon, whatever waits."""
        self._is_over.set()
        self._has_work.set()
        self._thread.join(LOOK_S)

    def wake(self) -> None:
        """There is something to send."""
        self._has_work.set()

    def _run(self) -> None:
        while not self._is_over.is_set():
            self._has_work.wait(LOOK_S)
            self._has_work.clear()
            self._is_over.wait(GATHER_S)
            try:
                self._send_all()
                self.trouble = ""
            except (BotoCoreError, ClientError) as error:
                self._pause(str(error))
            except Exception as error:  # the store's own troubles end when it is back
                self._pause(f"{type(error).__name__}: {error}")

    def _pause(self, why: str) -> None:
        if why != self.trouble:
            log.warning("sending waits error=%s", why)
        self.trouble, self._queue_url = why, ""
        self._is_over.wait(TROUBLE_S)
        self._has_work.set()

    def _send_all(self) -> None:
        for chunk in self._store.unconfirmed(AGAIN_S):
            log.info("sending again chunk=%s index=%s", chunk.name, chunk.index_id)
            self._send(chunk)
        while fresh := self._store.next_chunk():
            self._send(fresh)

    def _send(self, chunk: Chunk) -> None:
        key = f"chunks/{chunk.index_id}/{chunk.name}.json"
        told = {"chunk": chunk.name, "indexId": chunk.index_id, "operations": list(chunk.operations)}
        self._client("s3").put_object(Bucket=self._names.bucket, Key=key, Body=json.dumps(told).encode())
        message = {"bucket": self._names.bucket, "key": key, "indexId": chunk.index_id, "chunk": chunk.name}
        self._client("sqs").send_message(
            QueueUrl=self._url(),
            MessageBody=json.dumps(message),
            MessageGroupId=chunk.index_id,
            MessageDeduplicationId=chunk.name,
        )
        log.info("sent chunk=%s index=%s operations=%d", chunk.name, chunk.index_id, len(chunk.operations))

    def _url(self) -> str:
        if not self._queue_url:
            self._queue_url = self._client("sqs").get_queue_url(QueueName=self._names.queue)["QueueUrl"]
        return self._queue_url
