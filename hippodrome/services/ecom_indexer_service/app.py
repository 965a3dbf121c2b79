"""The routes of the indexer, and the thread that does its work."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import asdict

from fastapi import FastAPI

from hippodrome.services.common.api import Body, create_api
from hippodrome.services.common.aws import Names
from hippodrome.services.common.outgoing import Upstream
from hippodrome.services.ecom_indexer_service.worker import Worker

VERSION = "0.1.0"


class Status(Body):
    """`documents` and `failed` are of all chunks; `given_up` counts chunks that are dead letters now."""

    chunks: int
    documents: int
    failed: int
    given_up: int
    cell: str
    trouble: str | None


def create_app() -> FastAPI:
    """The application. CELL_URL is where documents go."""
    cell = Upstream.cell(timeout_s=60)
    worker = Worker(Names.read(), cell)

    @contextlib.asynccontextmanager
    async def working(_: FastAPI) -> AsyncIterator[None]:
        worker.start()
        yield
        worker.stop()

    api = create_api("ecom_indexer_service", VERSION, lifespan=working)

    @api.get("/status")
    def status() -> Status:
        """What was done since the start, and why nothing moves if so."""
        return Status(**asdict(worker.counts), cell=cell.url, trouble=worker.trouble or None)

    return api
