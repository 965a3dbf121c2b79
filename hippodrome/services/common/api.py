"""An HTTP API as the services with many routes have it: health, errors, request ids, a description of itself."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, field_validator
from pydantic.alias_generators import to_camel

from hippodrome.services.common.errors import HANDLERS, ApiError, answer_api_error
from hippodrome.services.common.requests import RequestLog

Check = Callable[[], str | None]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    """Raises ValueError for what JSON and UTF-8 cannot write, which Python's reader lets through."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError("half a surrogate pair is no text") from error
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return value


FreeObject = Annotated[dict[str, Any], AfterValidator(_storable)]  # a JSON object of any form, such as a document


class Body(BaseModel):
    """A JSON object: spelled in camelCase, no other fields than these, no number that JSON cannot write."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", allow_inf_nan=False, frozen=True
    )

    @field_validator("*")
    @classmethod
    def _is_text(cls, value: Any) -> Any:
        """Python's JSON reader lets half a surrogate pair through, and pydantic as well."""
        for text in _texts(value):
            text.encode()
        return value


def _texts(value: Any) -> Iterator[str]:
    """All of them, however deep in lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def create_api(
    name: str, version: str, *, checks: Mapping[str, Check] | None = None, lifespan: Lifespan | None = None
) -> FastAPI:
    """An application without routes of its own yet.

    `checks` by what they look at: each says at once what is wrong, or None; any that does makes `/health` a 503.
    """
    api = FastAPI(title=name, version=version, lifespan=lifespan, docs_url=None, redoc_url=None)
    api.add_middleware(RequestLog)
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)
    api.add_exception_handler(RequestValidationError, _answer_invalid)

    @api.get("/health")
    async def health() -> JSONResponse:
        wrong = {what: said for what, check in (checks or {}).items() if (said := check())}
        told: dict[str, Any] = {"status": "failing" if wrong else "ok", "service": name, "version": version}
        return JSONResponse({**told, "failing": wrong} if wrong else told, status_code=503 if wrong else 200)

    return api


def _answer_invalid(request: Request, error: Exception) -> Any:
    """The first of the mistakes, with the field it is in: 400 for what is not JSON, else 422."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    at = tuple(str(part) for part in first["loc"] if part != "body")
    if first["type"] == "json_invalid":
        return answer_api_error(request, ApiError(400, "bad_request", f"The body is not JSON: {first['msg']}."))
    where = f"Field '{'.'.join(at)}': " if at else "The body: "
    return answer_api_error(request, ApiError(422, "unprocessable_entity", where + first["msg"], at=at))
