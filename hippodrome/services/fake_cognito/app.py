"""The API: one path for all operations, and the pools' public keys."""

import logging
from collections import ChainMap
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from hippodrome.services.common.api import create_api
from hippodrome.services.fake_cognito import admin, listing, own, pools, signing_in, signing_up
from hippodrome.services.fake_cognito.directory import Directory
from hippodrome.services.fake_cognito.errors import CognitoError
from hippodrome.services.fake_cognito.operation import Answer, Operation
from hippodrome.services.fake_cognito.tokens import issuer_of, public_keys

VERSION = "0.1.0"
TARGET = "AWSCognitoIdentityProviderService."
JSON = "application/x-amz-json-1.1"
BODY_MAX = 1 << 20
OPERATIONS: ChainMap[str, Operation[Any]] = ChainMap(
    *(room.OPERATIONS for room in (signing_up, signing_in, own, admin, listing, pools))
)
DESCRIBED = {
    "parameters": [
        {
            "name": "X-Amz-Target",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "enum": [TARGET + name for name in sorted(OPERATIONS)]},
        }
    ],
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
    "responses": {"400": {"description": "The error is named in `__type`."}},
}
log = logging.getLogger("cognito")


def create_app(directory: Directory) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        directory.store.close()

    api = create_api("fake_cognito", VERSION, lifespan=lifespan)

    @api.post("/", summary="One operation; X-Amz-Target says which.", openapi_extra=DESCRIBED)
    async def operate(request: Request) -> JSONResponse:
        name = request.headers.get("x-amz-target", "").removeprefix(TARGET)
        try:
            body = await _body_of(request)
            answer = await run_in_threadpool(_answer, directory, name, body)
        except CognitoError as error:
            log.info("%s error=%s", _printable(name), error.kind)
            return _error(error)
        log.info("%s done", name)
        return JSONResponse(answer, media_type=JSON)

    @api.get("/{pool}/.well-known/jwks.json")
    def jwks(pool: str) -> JSONResponse:
        return _about(directory, lambda: public_keys(directory.pool(pool)))

    @api.get("/{pool}/.well-known/openid-configuration")
    def openid(pool: str) -> JSONResponse:
        return _about(directory, lambda: _openid(directory, directory.pool(pool).id))

    @api.get("/__fake/messages", summary="Codes and passwords that would have been sent, the newest last.")
    def messages() -> dict[str, Any]:
        return {"messages": list(directory.messages)}

    return api


def _answer(directory: Directory, name: str, body: bytes) -> Answer:
    operation = OPERATIONS.get(name)
    if operation is None:
        message = f"Operation {_printable(name) or 'without X-Amz-Target'} is not supported here."
        raise CognitoError("UnknownOperationException", message)
    return operation.answer(directory, body)


async def _body_of(request: Request) -> bytes:
    """Raises RequestEntityTooLargeException."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BODY_MAX:
            raise CognitoError("RequestEntityTooLargeException", f"At most {BODY_MAX} bytes.", status=413)
    return body or b"{}"


def _error(error: CognitoError) -> JSONResponse:
    body = {"__type": error.kind, "message": error.message}
    headers = {"x-amzn-ErrorType": f"{error.kind}:", "x-amzn-ErrorMessage": _printable(error.message)}
    return JSONResponse(body, status_code=error.status, headers=headers, media_type=JSON)


def _about(directory: Directory, told: Callable[[], Answer]) -> JSONResponse:
    """404 for a pool that is not there, as AWS has it."""
    try:
        with directory.store.change():
            return JSONResponse(told())
    except CognitoError as error:
        return JSONResponse({"message": error.message}, status_code=404)


def _openid(directory: Directory, pool: str) -> Answer:
    issuer = issuer_of(directory, pool)
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
    }


def _printable(text: str) -> str:
    """What a header or a log line may hold."""
    return "".join(each if " " <= each <= "~" else "?" for each in text)[:200]
