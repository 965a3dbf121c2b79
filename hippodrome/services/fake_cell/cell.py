"""What each route does."""

import time
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell import answers, documents, machine, settings
from hippodrome.services.fake_cell.asking import SEARCH, read_query
from hippodrome.services.fake_cell.batches import ADD, UPDATE, Outcome, Refused, read_batch, recipe_of, update_batch
from hippodrome.services.fake_cell.bodies import (
    check_device,
    check_model_auth,
    flag,
    json_body,
    json_object,
    unprocessable,
)
from hippodrome.services.fake_cell.embeds import EMBED, RECOMMEND, embedded, read_embed, read_recommend
from hippodrome.services.fake_cell.index import Index
from hippodrome.services.fake_cell.models import Loaded
from hippodrome.services.fake_cell.query import Query
from hippodrome.services.fake_cell.search import search
from hippodrome.services.fake_cell.store import Store
from hippodrome.services.fake_cell.telemetry import stage

VERSION = "2.26.0"  # the client warns below 2.23.1
IDS_MAX = 10_000
LOADING_S = 60.0
LARGE = 5000  # documents of an index whose searches take long enough for others to get their turn meanwhile


class Cell:
    """The service, its indexes and their documents."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._loaded = Loaded()

    async def root(self, _: Request) -> JSONResponse:
        return JSONResponse({"message": "Welcome to Marqo", "version": VERSION})

    async def health(self, request: Request) -> JSONResponse:
        """In the real server's form, with what every service here says of itself."""
        if "index" in request.path_params:
            self._known(request)
        backend = {"status": "green", "memoryIsAvailable": True, "storageIsAvailable": True}
        told = {"status": "green", "inference": {"status": "green"}, "backend": backend}
        return JSONResponse({**told, "service": "fake_cell", "version": VERSION})

    async def models(self, _: Request) -> JSONResponse:
        return JSONResponse({"models": self._loaded.told()})

    async def eject(self, request: Request) -> JSONResponse:
        name = request.query_params.get("model_name", "")
        device = request.query_params.get("model_device", "cpu")
        self._loaded.eject(name)
        message = f"successfully eject model_name `{name}` from device `{device}`"
        return JSONResponse({"result": "success", "message": message})

    async def cpu(self, _: Request) -> JSONResponse:
        return JSONResponse(machine.cpu())

    async def cuda(self, _: Request) -> JSONResponse:
        raise ApiError(400, "hardware_compatability_error", "CUDA is not available on this instance")

    async def indexes(self, _: Request) -> JSONResponse:
        return JSONResponse({"results": [{"indexName": name} for name in sorted(self._store.indexes)]})

    async def create(self, request: Request) -> JSONResponse:
        name = settings.check_name(request.path_params["index"])
        body = await json_body(request)
        if body is not None and not isinstance(body, dict):
            raise unprocessable("The body must be a JSON object.")
        self._store.create(name, settings.complete(body or {}))
        return JSONResponse({"acknowledged": True, "index": name})

    async def validate(self, request: Request) -> JSONResponse:
        return JSONResponse({"validated": True, "index": self._known(request).name})

    async def delete(self, request: Request) -> JSONResponse:
        await self._index(request)
        self._store.delete(request.path_params["index"])
        return JSONResponse({"acknowledged": True})

    async def settings(self, request: Request) -> JSONResponse:
        return JSONResponse(settings.told(self._known(request).settings))

    async def stats(self, request: Request) -> JSONResponse:
        index = await self._index(request)
        backend = {"memoryUsedPercentage": 1.0, "storageUsedPercentage": 1.0}
        return JSONResponse({"numberOfDocuments": index.count, "numberOfVectors": index.vectors, "backend": backend})

    async def add_documents(self, request: Request) -> JSONResponse:
        """A document that is refused has its error in the answer; the others are added."""
        began, index = time.perf_counter(), await self._index(request)
        batch, body = await _batch(request, ADD, "add")
        check_device(request)
        check_model_auth(body)
        recipe = recipe_of(index, body)
        self._loaded.use(index.settings["model"])
        with stage(request, "add_documents.processing_before_vespa"):
            # a thread, for long texts take seconds, in which a health check would fail
            outcomes = await run_in_threadpool(read_batch, batch, index, recipe)
        if not index.is_structured:
            index.grown.check((each for each in outcomes if not isinstance(each, Refused)), index.name)
        with stage(request, "add_documents.vespa._bulk"):
            _keep(index, outcomes)
        return answers.added(outcomes, index.name, began)

    async def update_documents(self, request: Request) -> JSONResponse:
        """Changes the fields that are given; a document that is not there is refused, the others are changed."""
        began, index = time.perf_counter(), await self._index(request)
        batch, _ = await _batch(request, UPDATE, "update")
        recipe = recipe_of(index, {} if index.is_structured else {"tensorFields": []})
        with stage(request, "partial_update.total"):
            outcomes = update_batch(batch, index, recipe)
            _keep(index, outcomes)
        return answers.updated(outcomes, index.name, began)

    async def get_documents(self, request: Request) -> JSONResponse:
        index, names = await self._index(request), await json_body(request)
        if not isinstance(names, list):
            raise unprocessable("The body must be a list of document ids.")
        return _found(request, index, names)

    async def get_batch(self, request: Request) -> JSONResponse:
        index, body = await self._index(request), await json_object(request, {"documentIds": list})
        if not body.get("documentIds"):
            raise unprocessable("documentIds must be a list of document ids, at least one.", "documentIds")
        return _found(request, index, body["documentIds"])

    async def get_document(self, request: Request) -> JSONResponse:
        index, name = await self._index(request), request.path_params["document"]
        document = index.get(name)
        if document is None:
            raise ApiError(404, "document_not_found", f"Document with ID {name} not found in index {index.name}")
        return JSONResponse(answers.shown(index, document, has_facets=flag(request, "expose_facets")))

    async def delete_documents(self, request: Request) -> JSONResponse:
        started, index, names = datetime.now(UTC), await self._index(request), await json_body(request)
        if not isinstance(names, list):
            raise unprocessable("The body must be a list of document ids.")
        if not names:
            raise ApiError(400, "invalid_document_id", "doc_ids can't be empty!")
        if len(names) > IDS_MAX:
            message = f"The number of documentIds to delete `{len(names)}` is greater than the limit `{IDS_MAX}`"
            raise ApiError(400, "invalid_argument", f"{message} set by the env var `MARQO_MAX_DELETE_DOCS_COUNT`. ")
        for name in names:
            if mistake := documents.id_mistake(name):
                raise ApiError(400, "invalid_document_id", mistake)
        for name in names:
            index.remove(name)
        return answers.deleted(index.name, names, started)

    async def delete_all_documents(self, request: Request) -> JSONResponse:
        index = await self._index(request)
        count = index.count
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
        names = [name for name, _ in made]
        if taken := [name for name in names if name in self._store.indexes or names.count(name) > 1]:
            raise ApiError(409, "index_already_exists", f"Index {taken[0]} already exists")
        for name, complete in made:
            self._store.create(name, complete)
        return JSONResponse({"acknowledged": True, "index_names": names})

    async def delete_batch(self, request: Request) -> JSONResponse:
        """All of them are looked for before the first is deleted."""
        names = await json_body(request)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise unprocessable("The body must be a list of index names.")
        for index in [self._store.get(name) for name in dict.fromkeys(names)]:
            await _ready(index)
            self._store.delete(index.name)
        return JSONResponse({"acknowledged": True, "index_names": names})

    async def search(self, request: Request) -> JSONResponse:
        began, index = time.perf_counter(), await self._index(request)
        body = await json_object(request, SEARCH)
        check_device(request)
        check_model_auth(body)
        query = read_query(body, index)
        if query.method != "LEXICAL":
            self._loaded.use(index.settings["model"])
        with stage(request, f"search.{query.method.lower()}.total"):
            return await _searched(index, query, began)

    async def recommend(self, request: Request) -> JSONResponse:
        began, index = time.perf_counter(), await self._index(request)
        body = await json_object(request, RECOMMEND)
        query = read_recommend(body, index)
        with stage(request, "recommend.total"):
            return await _searched(index, query, began)

    async def embed(self, request: Request) -> JSONResponse:
        began, index = time.perf_counter(), await self._index(request)
        body = await json_object(request, EMBED, nulls="content_type")
        check_device(request)
        check_model_auth(body)
        asked = read_embed(body, index.settings)
        self._loaded.use(index.settings["model"])
        with stage(request, "embed.vector_inference_full_pipeline"):
            vectors = await run_in_threadpool(embedded, index, asked)
        told = {"content": body["content"], "embeddings": vectors}
        return JSONResponse({**told, "processingTimeMs": answers.ms_since(began)})

    def _known(self, request: Request) -> Index:
        """Its documents may still be read."""
        return self._store.get(request.path_params["index"])

    async def _index(self, request: Request) -> Index:
        index = self._known(request)
        await _ready(index)
        return self._known(request)  # one that could not be read is gone


async def _ready(index: Index) -> None:
    if not index.is_loaded:
        await run_in_threadpool(index.wait, LOADING_S)


async def _batch(request: Request, fields: dict[str, Any], verb: documents.Verb) -> tuple[list[Any], dict[str, Any]]:
    body = await json_object(request, fields)
    if "documents" not in body:
        raise unprocessable("Field 'documents' is required.", "documents")
    documents.check_batch(body["documents"], verb)
    return body["documents"], body


def _keep(index: Index, outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        if not isinstance(outcome, Refused):
            index.put(outcome)


def _found(request: Request, index: Index, names: list[Any]) -> JSONResponse:
    if not names:
        raise ApiError(400, "invalid_argument", "Can't get empty collection of IDs!")
    if len(names) > IDS_MAX:
        message = f"{len(names)} documents were requested, which is more than the allowed limit of [{IDS_MAX}], "
        message += "set by the environment variable `MARQO_MAX_RETRIEVABLE_DOCS`"
        raise ApiError(400, "illegal_requested_doc_count", message)
    return answers.found(index, names, has_facets=flag(request, "expose_facets"))


async def _searched(index: Index, query: Query, began: float) -> JSONResponse:
    found = await run_in_threadpool(search, index, query) if index.count > LARGE else search(index, query)
    told = {"hits": found.hits, "query": query.q, "limit": query.limit, "offset": query.offset}
    asked_for = {"facets": found.facets, "totalHits": found.total}
    told |= {name: value for name, value in asked_for.items() if value is not None} | found.counts
    return JSONResponse({**told, "processingTimeMs": answers.ms_since(began)})
