"""The routes of the data plane."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from hippodrome.services.common.errors import HANDLERS, ApiError
from hippodrome.services.common.requests import RequestLog
from hippodrome.services.fake_cell import documents, settings
from hippodrome.services.fake_cell.asking import NOT_YET, SEARCH, read_query
from hippodrome.services.fake_cell.bodies import Kinds, check_device, flag, json_body, json_object, unprocessable
from hippodrome.services.fake_cell.documents import Document, DocumentError
from hippodrome.services.fake_cell.faults import Fault, Faults
from hippodrome.services.fake_cell.openapi import described
from hippodrome.services.fake_cell.search import search
from hippodrome.services.fake_cell.store import Index, Store

VERSION = "2.26.0"  # the client warns below 2.23.1
SAVE_S = 2.0
PAUSE = 9  # times as long as saving a large index took: a tenth of a core for it at most
IDS_MAX = 10_000

ADD: dict[str, Kinds] = {
    "documents": list,
    "tensorFields": list,
    "useExistingTensors": bool,
    "mappings": dict,
    "modelAuth": dict,
    "imageDownloadHeaders": dict,
    "mediaDownloadHeaders": dict,
    "imageDownloadThreadCount": int,
    "mediaDownloadThreadCount": int,
    "textChunkPrefix": str,
}
UPDATE: dict[str, Kinds] = {"documents": list}
FAULT: dict[str, Kinds] = {"status": int, "delay": (int, float), "count": int, "path": str}


def create_app(data_dir: Path) -> Starlette:
    """The application; it keeps its data in `data_dir`, or nowhere with FAKE_CELL_EPHEMERAL=1."""
    store = Store(None if os.environ.get("FAKE_CELL_EPHEMERAL") == "1" else data_dir / "indexes")
    cell, faults = Cell(store), list[Fault]()
    routes = [Route(path, getattr(cell, name), methods=[method]) for method, path, name in ROUTES]
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


class Cell:
    """What each route does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def root(self, _: Request) -> JSONResponse:
        return JSONResponse({"message": "Welcome to Marqo", "version": VERSION})

    async def health(self, request: Request) -> JSONResponse:
        """In the real server's form, with what every service here says of itself."""
        if "index" in request.path_params:
            self._index(request)
        backend = {"status": "green", "memoryIsAvailable": True, "storageIsAvailable": True}
        told = {"status": "green", "inference": {"status": "green"}, "backend": backend}
        return JSONResponse({**told, "service": "fake_cell", "version": VERSION})

    async def indexes(self, _: Request) -> JSONResponse:
        return JSONResponse({"results": [{"indexName": name} for name in sorted(self._store.indexes)]})

    async def create(self, request: Request) -> JSONResponse:
        name = settings.check_name(request.path_params["index"])
        body = await json_body(request)
        if body is not None and not isinstance(body, dict):
            raise unprocessable("The body must be a JSON object.")
        self._store.create(name, settings.complete(body or {}))
        return JSONResponse({"acknowledged": True, "index": name})

    async def delete(self, request: Request) -> JSONResponse:
        self._store.delete(request.path_params["index"])
        return JSONResponse({"acknowledged": True})

    async def settings(self, request: Request) -> JSONResponse:
        return JSONResponse(self._index(request).settings)

    async def stats(self, request: Request) -> JSONResponse:
        index = self._index(request)
        vectors = sum(len(document.chunks) for document in index.documents.values())
        backend = {"memoryUsedPercentage": 1.0, "storageUsedPercentage": 1.0}
        told = {"numberOfDocuments": len(index.documents), "numberOfVectors": vectors, "backend": backend}
        return JSONResponse(told)

    async def add_documents(self, request: Request) -> JSONResponse:
        """A document that is refused has its error in the answer; the others are added."""
        began, index = time.perf_counter(), self._index(request)
        body = await json_object(request, ADD)
        check_device(request)
        if "documents" not in body:
            raise unprocessable("Field 'documents' is required.", "documents")
        batch, fields = body["documents"], body.get("tensorFields")
        documents.check_batch(batch, "add")
        _check_tensor_fields(fields)
        if body.get("mappings"):
            raise ApiError(400, "invalid_argument", f"mappings {NOT_YET}")
        prefix = {"textChunkPrefix": body["textChunkPrefix"]} if "textChunkPrefix" in body else {}
        # a thread, for long texts take seconds, in which a health check would fail
        read = await run_in_threadpool(_read, batch, fields or [], {**index.settings, **prefix})
        for outcome in read:
            if isinstance(outcome, Document):
                index.put(outcome)
        return _items([_item(outcome) for outcome in read], index.name, began)

    async def update_documents(self, request: Request) -> JSONResponse:
        """Changes the fields that are given; a document that is not there is refused, the others are changed."""
        began, index = time.perf_counter(), self._index(request)
        body = await json_object(request, UPDATE)
        if "documents" not in body:
            raise unprocessable("Field 'documents' is required.", "documents")
        documents.check_batch(body["documents"], "update")
        items = []
        for raw in body["documents"]:
            outcome = _updated(index, raw)
            if isinstance(outcome, Document):
                index.put(outcome)
            items.append(_item(outcome))
        return _items(items, index.name, began)

    async def get_documents(self, request: Request) -> JSONResponse:
        index, names = self._index(request), await json_body(request)
        if not isinstance(names, list):
            raise unprocessable("The body must be a list of document ids.")
        if not names:
            raise ApiError(400, "invalid_argument", "Empty list of document ids.")
        _check_count(names)
        found = [_found(index, name, has_facets=flag(request, "expose_facets")) for name in names]
        failed = sum(not each["_found"] for each in found)
        told = {"errors": failed > 0, "results": found}
        return JSONResponse(told, headers=_counts(len(found) - failed, failed))

    async def get_document(self, request: Request) -> JSONResponse:
        index, name = self._index(request), request.path_params["document"]
        if name not in index.documents:
            raise ApiError(404, "document_not_found", f"Document with ID {name} not found")
        return JSONResponse(_shown(index.documents[name], has_facets=flag(request, "expose_facets")))

    async def delete_documents(self, request: Request) -> JSONResponse:
        """Like the real store it says of every id that it was deleted, of one that never was as well."""
        started, index, names = datetime.now(UTC), self._index(request), await json_body(request)
        if not isinstance(names, list):
            raise unprocessable("The body must be a list of document ids.")
        if not names:
            raise ApiError(400, "invalid_document_id", "doc_ids can't be empty!")
        if not all(isinstance(name, str) and name for name in names):
            raise ApiError(400, "invalid_document_id", "Document ids must be strings that are not empty.")
        _check_count(names)
        for name in names:
            index.remove(name)
        return JSONResponse(_deletion(index.name, names, started))

    async def delete_all_documents(self, request: Request) -> JSONResponse:
        index = self._index(request)
        count = len(index.documents)
        index.clear()
        return JSONResponse({"documentCount": count})

    async def create_batch(self, request: Request) -> JSONResponse:
        """Settings with `indexName`; all of them are checked before the first is made."""
        body = await json_body(request)
        if not isinstance(body, list) or not all(isinstance(each, dict) and each.get("indexName") for each in body):
            raise unprocessable("The body must be a list of settings, each with indexName.")
        made = [
            (
                settings.check_name(str(each["indexName"])),
                settings.complete({key: value for key, value in each.items() if key != "indexName"}),
            )
            for each in body
        ]
        for name, complete in made:
            self._store.create(name, complete)
        return JSONResponse({"acknowledged": True, "index_names": [name for name, _ in made]})

    async def delete_batch(self, request: Request) -> JSONResponse:
        names = await json_body(request)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise unprocessable("The body must be a list of index names.")
        for name in names:
            self._store.delete(name)
        return JSONResponse({"acknowledged": True, "index_names": names})

    async def search(self, request: Request) -> JSONResponse:
        began, index = time.perf_counter(), self._index(request)
        body = await json_object(request, SEARCH)
        check_device(request)
        query = read_query(body, index.settings)
        answer = search(index, query)
        told = {"hits": answer.hits, "query": query.q, "limit": query.limit, "offset": query.offset}
        asked_for = {"facets": answer.facets, "totalHits": answer.total}
        told |= {name: value for name, value in asked_for.items() if value is not None}
        return JSONResponse({**told, "processingTimeMs": _ms_since(began)})

    def _index(self, request: Request) -> Index:
        return self._store.get(request.path_params["index"])


ROUTES: tuple[tuple[str, str, str], ...] = (
    ("GET", "/", "root"),
    ("GET", "/health", "health"),
    ("GET", "/indexes", "indexes"),
    ("POST", "/batch/indexes/create", "create_batch"),
    ("POST", "/batch/indexes/delete", "delete_batch"),
    ("POST", "/indexes/{index}", "create"),
    ("DELETE", "/indexes/{index}", "delete"),
    ("GET", "/indexes/{index}/health", "health"),
    ("GET", "/indexes/{index}/settings", "settings"),
    ("GET", "/indexes/{index}/stats", "stats"),
    ("POST", "/indexes/{index}/documents", "add_documents"),
    ("PATCH", "/indexes/{index}/documents", "update_documents"),
    ("GET", "/indexes/{index}/documents", "get_documents"),
    ("POST", "/indexes/{index}/documents/delete-batch", "delete_documents"),
    ("DELETE", "/indexes/{index}/documents/delete-all", "delete_all_documents"),
    ("GET", "/indexes/{index}/documents/{document:path}", "get_document"),
    ("POST", "/indexes/{index}/search", "search"),
)


Refused = tuple[str, DocumentError]


def _read(batch: Sequence[Any], fields: list[str], how: dict[str, Any]) -> list[Document | Refused]:
    """What becomes of each, in order; of several with one id the last counts."""
    read: dict[str, Document | Refused] = {}
    for place, raw in enumerate(batch):
        said = raw.get("_id") if isinstance(raw, dict) else None
        name = said if isinstance(said, str) else ""
        outcome: Document | Refused
        try:
            name = documents.id_of(raw)
            outcome = documents.read(raw, name, fields, how)
        except DocumentError as error:
            outcome = (name, error)
        key = name or f"\0{place}"
        read.pop(key, None)
        read[key] = outcome
    return list(read.values())


def _updated(index: Index, raw: Any) -> Document | Refused:
    said = raw.get("_id") if isinstance(raw, dict) else None
    name = said if isinstance(said, str) else ""
    known = index.documents.get(name)
    if known is None:
        message = "Document does not exist in the index" if name else "Document _id must be a string."
        return name, DocumentError(message, "document_not_found" if name else "invalid_document_id")
    changed = {**known.fields, **{field: value for field, value in raw.items() if field != "_id"}}
    try:
        return documents.read(
            changed, name, list(dict.fromkeys(chunk.field for chunk in known.chunks)), index.settings
        )
    except DocumentError as error:
        return name, error


def _item(outcome: Document | Refused) -> dict[str, Any]:
    if isinstance(outcome, Document):
        return {"status": 200, "_id": outcome.id}
    name, error = outcome
    status = 404 if error.code == "document_not_found" else 400
    return {"status": status, "_id": name, "message": error.message, "error": error.message, "code": error.code}


def _items(items: list[dict[str, Any]], index: str, began: float) -> JSONResponse:
    failed = sum(item["status"] >= 400 for item in items)
    told = {"errors": failed > 0, "processingTimeMs": _ms_since(began), "index_name": index, "items": items}
    return JSONResponse(told, headers=_counts(len(items) - failed, failed))


def _counts(good: int, refused: int) -> dict[str, str]:
    return {"x-count-success": str(good), "x-count-failure": str(refused), "x-count-error": "0"}


def _check_tensor_fields(fields: list[Any] | None) -> None:
    if fields is None:
        raise ApiError(400, "bad_request", "tensorFields must be given for unstructured indexes; it may be empty.")
    if not all(isinstance(field, str) for field in fields):
        raise unprocessable("Field 'tensorFields' must be a list of field names.", "tensorFields")
    if "_id" in fields:
        raise ApiError(400, "bad_request", "`_id` field cannot be a tensor field.")


def _check_count(names: list[Any]) -> None:
    if len(names) > IDS_MAX:
        raise ApiError(400, "illegal_requested_doc_count", f"At most {IDS_MAX} documents at once, not {len(names)}.")


def _found(index: Index, name: Any, *, has_facets: bool) -> dict[str, Any]:
    if not isinstance(name, str) or not name:
        return {"_id": name, "status": 400, "message": "Document ids must be strings.", "_found": False}
    if name not in index.documents:
        return {"_id": name, "status": 404, "message": "Document does not exist in the index", "_found": False}
    return {**_shown(index.documents[name], has_facets=has_facets), "_found": True}


def _shown(document: Document, *, has_facets: bool) -> dict[str, Any]:
    told: dict[str, Any] = {**document.fields, "_id": document.id}
    if has_facets:
        rows = zip(document.chunks, document.vectors.tolist(), strict=True)
        told["_tensor_facets"] = [{chunk.field: chunk.text, "_embedding": vector} for chunk, vector in rows]
    return told


def _deletion(index: str, names: list[str], started: datetime) -> dict[str, Any]:
    finished = datetime.now(UTC)
    return {
        "index_name": index,
        "status": "succeeded",
        "type": "documentDeletion",
        "items": [{"_id": name, "status": 200, "result": "deleted"} for name in names],
        "details": {"receivedDocumentIds": len(names), "deletedDocuments": len(names)},
        "duration": f"PT{(finished - started).total_seconds():.6f}S",
        "startedAt": started.isoformat().replace("+00:00", "Z"),
        "finishedAt": finished.isoformat().replace("+00:00", "Z"),
    }


def _ms_since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)


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
