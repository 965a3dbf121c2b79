"""The gateway of all searches: who asks, of which index, and the worker's answer."""

import base64
import binascii
import contextlib
import json
import math
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from hippodrome.services.common.api import create_api
from hippodrome.services.common.errors import ApiError
from hippodrome.services.common.outgoing import async_client, headers, passed, said_by_name
from hippodrome.services.search_proxy.limiting import Limiter, TooManyError
from hippodrome.services.search_proxy.resolving import Place, Resolver

VERSION = "0.1.0"
WORKER_S, ADMIN_S = 2.0, 5.0
BODY_MAX = 1 << 20
GENEROUS = 2000.0  # requests a second of one account
PASSED_ON = ("x-hippodrome-rules", "x-cache")
NO_WORKER = (
    "Searches need global_worker, which is not there. `hd start global_worker` starts it; "
    "where it was left out: `hd up --profile ecom` without `--without global_worker`, and Node on the machine."
)

Json = dict[str, Any]


@dataclass(frozen=True)
class Upstreams:
    """Clients of those that are asked. `worker` is None where the stack has none."""

    admin: httpx.AsyncClient
    admin_url: str
    worker: httpx.AsyncClient | None


def create_app() -> FastAPI:
    """The application. ADMIN_SERVER_URL, GLOBAL_WORKER_URL (may be empty), RATE_LIMIT_PER_S."""
    admin_url = os.environ.get("ADMIN_SERVER_URL", "http://localhost:9004")
    worker_url = os.environ.get("GLOBAL_WORKER_URL", "")
    worker = async_client(worker_url, timeout_s=WORKER_S) if worker_url else None
    asked = Upstreams(async_client(admin_url, timeout_s=ADMIN_S), admin_url, worker)

    @contextlib.asynccontextmanager
    async def closing(_: FastAPI) -> AsyncIterator[None]:
        yield
        for each in filter(None, (asked.admin, asked.worker)):
            await each.aclose()

    api = create_api("search_proxy", VERSION, lifespan=closing)
    gateway = Gateway(asked, Limiter(float(os.environ.get("RATE_LIMIT_PER_S", GENEROUS))))
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

    def __init__(self, asked: Upstreams, limiter: Limiter) -> None:
        self._asked, self._limiter = asked, limiter
        self._resolver = Resolver(asked.admin, asked.admin_url)

    async def search(self, name: str, request: Request) -> Response:
        """Products for a query."""
        return await self._from_worker(name, request, "search", await _body_of(request))

    async def collections(self, name: str, request: Request) -> Response:
        """Products of a collection."""
        return await self._from_worker(name, request, "collections", await _body_of(request))

    async def collections_by_get(self, name: str, request: Request, body: str = "") -> Response:
        """The same, with the JSON as base64 in `body`."""
        try:
            said = _object(base64.b64decode(body, validate=True))
        except (binascii.Error, ValueError) as error:
            raise ApiError(400, "bad_request", f"`body` must be JSON as base64: {error}", at=("body",)) from error
        return await self._from_worker(name, request, "collections", said)

    async def similar(self, name: str, request: Request) -> Response:
        """Products like these."""
        return await self._from_worker(name, request, "recommendations/similar", await _body_of(request))

    async def suggestions(self, name: str, request: Request) -> Response:
        """What others searched for, then what products are called."""
        body = await _body_of(request)
        q, limit = body.get("q", ""), body.get("limit", 10)
        if not isinstance(q, str) or not isinstance(limit, int) or not 1 <= limit <= 100:
            raise ApiError(422, "unprocessable_entity", "q must be text, limit from 1 to 100.", at=("q",))
        place = await self._place(name, request)
        index = place.target_for("")
        asked = {"indexId": index, "q": q, "limit": str(limit)}
        with said_by_name("admin_server", self._asked.admin_url):
            answer = await self._asked.admin.get("/internal/suggestions", params=asked, headers=headers())
        words = [each["suggestion"] for each in passed(answer)["suggestions"]]
        if len(words) < limit and q:
            words += [title for title in await self._titles(index, q, limit) if title not in words]
        return JSONResponse({"suggestions": [{"suggestion": word} for word in words[:limit]]})

    async def _titles(self, index: str, q: str, limit: int) -> list[str]:
        """Of products; none while the worker is away."""
        try:
            answer = await self._ask_worker(index, "search", {"q": q, "limit": limit})
        except ApiError:
            return []
        hits = passed(answer)["hits"] if answer.is_success else []
        return list(dict.fromkeys(hit["productTitle"] for hit in hits if hit.get("productTitle")))

    async def _from_worker(self, name: str, request: Request, what: str, body: Json) -> Response:
        place = await self._place(name, request)
        who = str(body.get("userId") or body.get("sessionId") or "")
        answer = await self._ask_worker(place.target_for(who), what, body)
        kept = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
        return Response(answer.content, answer.status_code, kept, media_type="application/json")

    async def _place(self, name: str, request: Request) -> Place:
        key = request.headers.get("x-api-key") or request.headers.get("Authorization", "").removeprefix("Bearer ")
        index_id = request.headers.get("x-marqo-index-id", "")
        if not key.strip() and not index_id:
            message = "Say who asks: a key in Authorization: Bearer or x-api-key, or an index id in x-marqo-index-id."
            raise ApiError(401, "unauthorized", message)
        said = {"key": key.strip(), "index": name} if key.strip() else {"indexId": index_id}
        if "indexId" in said and not index_id.endswith(f"-{name}"):
            raise ApiError(404, "index_not_found", f"`{index_id}` is not the id of an index `{name}`.")
        place = await self._resolver.place(said)
        self._limiter.take(place.account)
        return place

    async def _ask_worker(self, index: str, what: str, body: Json) -> httpx.Response:
        worker = self._asked.worker
        if worker is None:
            raise ApiError(503, "global_worker_missing", NO_WORKER, kind="unavailable")
        try:
            return await worker.post(f"/indexes/{index}/{what}", json=body, headers=headers())
        except httpx.TimeoutException as error:
            message = f"global_worker did not answer within {WORKER_S:g} s."
            raise ApiError(504, "upstream_timeout", message, kind="timeout") from error
        except httpx.TransportError as error:
            raise ApiError(503, "global_worker_missing", NO_WORKER, kind="unavailable") from error


async def _body_of(request: Request) -> Json:
    raw = await request.body()
    if len(raw) > BODY_MAX:
        raise ApiError(413, "payload_too_large", f"A search has at most {BODY_MAX} bytes.")
    try:
        return _object(raw)
    except ValueError as error:
        raise ApiError(400, "bad_request", f"The body is not JSON: {error}") from error


def _object(raw: bytes) -> Json:
    said = json.loads(raw, parse_constant=_no_constant)
    json.dumps(said, ensure_ascii=False).encode()  # half a surrogate pair is no text
    if not isinstance(said, dict):
        raise ApiError(422, "unprocessable_entity", "The body must be a JSON object.")
    return said


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _answer_too_many(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TooManyError)
    return JSONResponse(error.body, error.status, {"Retry-After": str(math.ceil(error.retry_s))})
