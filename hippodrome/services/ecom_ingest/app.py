"""The routes of the ingest buffer."""

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import FastAPI, Path
from fastapi.responses import JSONResponse

from hippodrome.services.common import aws
from hippodrome.services.common.api import create_api
from hippodrome.services.ecom_ingest.operations import Batch
from hippodrome.services.ecom_ingest.sender import Sender
from hippodrome.services.ecom_ingest.store import BufferFullError, Store

VERSION = "0.1.0"
RETRY_S = 1
IndexId = Annotated[str, Path(pattern=r"^[a-z][a-z0-9]*-[a-z0-9-]+$", max_length=64)]


def create_app(store: Store, capacity: int) -> FastAPI:
    """The application; it sends what it takes in for as long as it runs."""
    sender = Sender(store, aws.client, aws.Names.read())

    @contextlib.asynccontextmanager
    async def sending(_: FastAPI) -> AsyncIterator[None]:
        sender.start()
        yield
        sender.stop()

    api = create_api("ecom_ingest", VERSION, lifespan=sending)

    @api.post("/ingest/{index_id}", status_code=202)
    def ingest(index_id: IndexId, batch: Batch) -> Any:
        """Takes changes of documents; they reach the data plane in this order, each once."""
        try:
            taken = store.add(index_id, batch)
        except BufferFullError:
            return _full(capacity)
        sender.wake()
        return {"accepted": taken.accepted, "duplicates": taken.duplicates}

    @api.post("/chunks/{chunk}/done")
    def done(chunk: str) -> dict[str, bool]:
        """The indexer has brought it to the data plane, or given it up."""
        store.confirm(chunk)
        return {"acknowledged": True}

    @api.get("/status")
    def status() -> dict[str, Any]:
        """How full the buffer is, and why nothing moves if so."""
        fill = store.fill()
        return {
            "store": store.kind,
            "buffered": fill.waiting,
            "unconfirmed": fill.sent,
            "flushed": fill.confirmed,
            "capacity": capacity,
            "oldestSeconds": round(fill.oldest_s, 3),
            "trouble": sender.trouble or None,
        }

    return api


def _full(capacity: int) -> JSONResponse:
    message = f"The buffer holds {capacity} operations and has no room for these; nothing of them was taken."
    body = {"message": message, "code": "buffer_full", "type": "throttled", "link": None}
    return JSONResponse(body, status_code=429, headers={"Retry-After": str(RETRY_S)})
