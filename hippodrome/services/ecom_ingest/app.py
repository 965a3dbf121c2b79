"""The routes of the ingest buffer."""

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import FastAPI, Path, Request
from fastapi.responses import Response

from hippodrome.services.common.api import Body, create_api
from hippodrome.services.common.aws import Names
from hippodrome.services.common.errors import ApiError, answer_api_error
from hippodrome.services.ecom_ingest.operations import Batch, Taken
from hippodrome.services.ecom_ingest.sender import Sender
from hippodrome.services.ecom_ingest.store import BufferFullError, Store, StoreDownError

VERSION = "0.1.0"
RETRY_S = 1
SENT_S = 1.0
IndexId = Annotated[str, Path(pattern=r"^[a-z][a-z0-9]*-[a-z0-9-]+$", max_length=64)]


class Status(Body):
    """In operations. `unconfirmed` are in the queue, or with the indexer; with `buffered` they fill `capacity`."""

    store: str
    durable: bool
    buffered: int
    unconfirmed: int
    flushed: int
    capacity: int
    oldest_seconds: float
    trouble: str | None


def create_app(store: Store, capacity: int) -> FastAPI:
    """The application; it sends what it takes in for as long as it runs."""
    sender = Sender(store, Names.read())

    @contextlib.asynccontextmanager
    async def sending(_: FastAPI) -> AsyncIterator[None]:
        sender.start()
        yield
        sender.stop()
        store.close()

    checks = {"store": lambda: sender.store_trouble or None}
    api = create_api("ecom_ingest", VERSION, checks=checks, lifespan=sending)
    for kind in (BufferFullError, StoreDownError):
        api.add_exception_handler(kind, _answer_later)

    @api.post("/ingest/{index_id}", status_code=202)
    def ingest(index_id: IndexId, batch: Batch) -> Taken:
        """Takes changes of documents; they reach the data plane in this order, each once."""
        taken = store.add(index_id, batch)
        sender.wake(len(batch.operations))
        if not store.is_durable:
            sender.wait_until_sent(SENT_S)  # what is in the queue as well survives this process
        return taken

    @api.get("/status")
    def status() -> Status:
        """How full the buffer is, and why nothing moves if so."""
        fill = store.fill()
        return Status(
            store=store.kind,
            durable=store.is_durable,
            buffered=fill.waiting,
            unconfirmed=fill.sent,
            flushed=sender.flushed,
            capacity=capacity,
            oldest_seconds=round(fill.oldest_s, 3),
            trouble=sender.store_trouble or sender.aws_trouble or None,
        )

    return api


def _answer_later(request: Request, error: Exception) -> Response:
    """Nothing was taken: to be sent again."""
    assert isinstance(error, ApiError)
    answer = answer_api_error(request, error)
    answer.headers["Retry-After"] = str(RETRY_S)
    return answer
