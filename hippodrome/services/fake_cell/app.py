"""The data plane: its routes, and its data saved while it runs."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from hippodrome.services.common.errors import HANDLERS
from hippodrome.services.common.requests import RequestLog
from hippodrome.services.fake_cell.bodies import Kinds, json_object
from hippodrome.services.fake_cell.cell import VERSION, Cell
from hippodrome.services.fake_cell.faults import Fault, Faults
from hippodrome.services.fake_cell.openapi import described
from hippodrome.services.fake_cell.store import Store
from hippodrome.services.fake_cell.telemetry import with_telemetry

SAVE_S = 2.0
PAUSE = 9  # times as long as saving a large index took: a tenth of a core for it at most
FAULT: dict[str, Kinds] = {"status": int, "delay": (int, float), "count": int, "path": str, "code": str}

ROUTES: tuple[tuple[str, str, str], ...] = (
    ("GET", "/", "root"),
    ("GET", "/health", "health"),
    ("GET", "/models", "models"),
    ("DELETE", "/models", "eject"),
    ("GET", "/device/cpu", "cpu"),
    ("GET", "/device/cuda", "cuda"),
    ("GET", "/indexes", "indexes"),
    ("POST", "/batch/indexes/create", "create_batch"),
    ("POST", "/batch/indexes/delete", "delete_batch"),
    ("POST", "/validate/index/{index}", "validate"),
    ("POST", "/indexes/{index}", "create"),
    ("DELETE", "/indexes/{index}", "delete"),
    ("GET", "/indexes/{index}/health", "health"),
    ("GET", "/indexes/{index}/settings", "settings"),
    ("GET", "/indexes/{index}/stats", "stats"),
    ("POST", "/indexes/{index}/documents", "add_documents"),
    ("PATCH", "/indexes/{index}/documents", "update_documents"),
    ("GET", "/indexes/{index}/documents", "get_documents"),
    ("POST", "/indexes/{index}/documents/get-batch", "get_batch"),
    ("POST", "/indexes/{index}/documents/delete-batch", "delete_documents"),
    ("DELETE", "/indexes/{index}/documents/delete-all", "delete_all_documents"),
    ("GET", "/indexes/{index}/documents/{document:path}", "get_document"),
    ("POST", "/indexes/{index}/search", "search"),
    ("POST", "/indexes/{index}/recommend", "recommend"),
    ("POST", "/indexes/{index}/embed", "embed"),
)


def create_app(data_dir: Path) -> Starlette:
    """The application; it keeps its data in `data_dir`, or nowhere with FAKE_CELL_EPHEMERAL=1."""
    store = Store(None if os.environ.get("FAKE_CELL_EPHEMERAL") == "1" else data_dir / "indexes")
    cell, faults = Cell(store), list[Fault]()
    routes = [Route(path, with_telemetry(getattr(cell, name)), methods=[method]) for method, path, name in ROUTES]
    return Starlette(
        routes=[*routes, *_fault_routes(faults), Route("/openapi.json", _openapi)],
        middleware=[Middleware(RequestLog), Middleware(Faults, faults=faults)],
        exception_handlers=HANDLERS,
        lifespan=lambda _: _saving(store),
    )


@contextlib.asynccontextmanager
async def _saving(store: Store) -> AsyncIterator[None]:
    async def every_few_seconds() -> None:
        while True:
            began = time.perf_counter()
            await run_in_threadpool(store.save)
            await asyncio.sleep(max(SAVE_S, PAUSE * (time.perf_counter() - began)))

    task = asyncio.create_task(every_few_seconds())
    yield
    task.cancel()
    store.save()


def _fault_routes(faults: list[Fault]) -> list[Route]:
    async def add(request: Request) -> JSONResponse:
        body = await json_object(request, FAULT)
        delay_s = float(body.pop("delay", 0.0))
        faults.append(Fault(delay_s=delay_s, **body))
        return JSONResponse({"faults": len(faults)})

    async def clear(_: Request) -> JSONResponse:
        faults.clear()
        return JSONResponse({"faults": 0})

    return [Route("/__fake/faults", add, methods=["POST"]), Route("/__fake/faults", clear, methods=["DELETE"])]


async def _openapi(_: Request) -> JSONResponse:
    return JSONResponse(described("fake_cell", VERSION, ROUTES))
