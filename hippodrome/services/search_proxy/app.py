"""The gateway of all searches: who asks, of which index, and the worker's answer."""

import base64
import binascii
import contextlib
import math
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import FastAPI, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from hippodrome.services.common.api import create_api
from hippodrome.services.common.errors import ApiError
from hippodrome.services.common.outgoing import async_client, headers, passed, said_by_name
from hippodrome.services.search_proxy.bodies import Collection, Page, Search, Similar, Suggestions
from hippodrome.services.search_proxy.environment import Gates
from hippodrome.services.search_proxy.limiting import Limiter, TooManyError
from hippodrome.services.search_proxy.resolving import Place, Resolver
from hippodrome.services.search_proxy.worker import Worker

VERSION = "0.1.0"
ADMIN_S = 5.0
KEPT = ("content-type", "x-hippodrome-rules", "x-cache")  # of the headers of the worker's answer

STOREFRONTS = r"https?://(localhost|[a-z0-9-]+\.localhost|127\.0\.0\.1|\[::1\])(:\d+)?"  # pages of this machine alone

Name = Annotated[str, Path(max_length=32, description="Of an index, or of an alias.")]


def create_app(gates: Gates) -> FastAPI:
    """The application."""
    gateway = Gateway(gates)

    @contextlib.asynccontextmanager
    async def closing(_: FastAPI) -> AsyncIterator[None]:
        yield
        await gateway.close()

    api = create_api("search_proxy", VERSION, lifespan=closing)
    api.add_middleware(
        CORSMiddleware,
        allow_origin_regex=STOREFRONTS,
        allow_methods=["GET", "POST"],
        allow_headers=["*"],
        expose_headers=[*KEPT, "x-request-id", "retry-after"],
    )
    index = "/api/v1/indexes/{name}"
    api.post(f"{index}/search")(gateway.search)
    api.post(f"{index}/collections")(gateway.collections)
    api.get(f"{index}/collections")(gateway.collections_by_get)
    api.post(f"{index}/recommendations/similar")(gateway.similar)
    api.post(f"{index}/recommendations/queries")(gateway.suggestions)
    api.add_exception_handler(TooManyError, _answer_too_many)
    return api


class Gateway:
    """What each route does."""

    def __init__(self, gates: Gates) -> None:
        self._admin_url = gates.admin_url
        self._admin = async_client(gates.admin_url, timeout_s=ADMIN_S)
        self._worker = Worker(gates.worker_url)
        self._resolver = Resolver(self._admin, gates.admin_url)
        self._limiter = Limiter(gates.rate_per_s)

    async def close(self) -> None:
        await self._admin.aclose()
        await self._worker.close()

    async def search(self, name: Name, body: Search, request: Request) -> Response:
        """Products for a query."""
        return await self._from_worker(name, request, "search", body)

    async def collections(self, name: Name, body: Collection, request: Request) -> Response:
        """Products of a collection."""
        return await self._from_worker(name, request, "collections", body)

    async def collections_by_get(self, name: Name, request: Request, body: str = "") -> Response:
        """The same, with the JSON as base64 in `body`."""
        return await self._from_worker(name, request, "collections", _collection_of(body))

    async def similar(self, name: Name, body: Similar, request: Request) -> Response:
        """Products like these."""
        return await self._from_worker(name, request, "recommendations/similar", body)

    async def suggestions(self, name: Name, body: Suggestions, request: Request) -> JSONResponse:
        """What others searched for, then what products are called."""
        index = (await self._place(name, request)).target_for(body.who)
        words = await self._searched_for(index, body)
        if len(words) < body.limit and body.q:
            words = [*words, *(await self._titles(index, body))]
        told = list(dict.fromkeys(words))[: body.limit]
        return JSONResponse({"suggestions": [{"suggestion": word} for word in told]})

    async def _searched_for(self, index: str, body: Suggestions) -> list[str]:
        asked = {"indexId": index, "q": body.q, "limit": str(body.limit)}
        with said_by_name("admin_server", self._admin_url):
            answer = await self._admin.get("/internal/suggestions", params=asked, headers=headers())
        return [each["suggestion"] for each in passed(answer)["suggestions"]]

    async def _titles(self, index: str, body: Suggestions) -> list[str]:
        """Of products; none while the worker is away."""
        asked = Search(q=body.q, limit=body.limit, attributes_to_retrieve=["productTitle"])
        with contextlib.suppress(ApiError):
            hits = passed(await self._worker.ask(index, "search", asked))["hits"]
            return [hit["productTitle"] for hit in hits if hit.get("productTitle")]
        return []

    async def _from_worker(self, name: str, request: Request, what: str, body: Page) -> Response:
        place = await self._place(name, request)
        answer = await self._worker.ask(place.target_for(body.who), what, body)
        kept = {header: answer.headers[header] for header in KEPT if header in answer.headers}
        return Response(answer.content, answer.status_code, kept)

    async def _place(self, name: str, request: Request) -> Place:
        """Raises ApiError 401, 404, 429."""
        place = await self._resolver.place(_said(name, request))
        self._limiter.take(place.account)
        return place


def _said(name: str, request: Request) -> dict[str, str]:
    """What a request says of whose index it means: a key, or the id of the index, which shoppers may know."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if key := request.headers.get("x-api-key", "").strip() or (token.strip() if scheme.lower() == "bearer" else ""):
        return {"key": key, "index": name}
    index_id = request.headers.get("x-marqo-index-id", "")
    if not index_id:
        message = "Say who asks: a key in Authorization: Bearer or x-api-key, or an index id in x-marqo-index-id."
        raise ApiError(401, "unauthorized", message)
    if index_id.partition("-")[2] != name:  # the name of an account has no dash
        raise ApiError(404, "index_not_found", f"`{index_id}` is not the id of an index `{name}`.")
    return {"indexId": index_id}


def _collection_of(text: str) -> Collection:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError(400, "bad_request", f"`body` must be JSON as base64: {error}", at=("body",)) from error
    try:
        return Collection.model_validate_json(raw)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_context=False)) from error


def _answer_too_many(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TooManyError)
    return JSONResponse(error.body, error.status, {"Retry-After": str(math.ceil(error.retry_s))})
