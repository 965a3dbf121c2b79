"""Errors as Marqo answers them: message, code, type, link."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response


class ApiError(Exception):
    """Answered with `status`; `code` and `kind` are what the published client reads.

    `at` is the path of the field that is wrong.
    """

    def __init__(
        self, status: int, code: str, message: str, *, kind: str = "invalid_request", at: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.kind = kind
        self.at = at

    @property
    def body(self) -> dict[str, Any]:
        """With `detail`, in the form that FastAPI gives it, where a field is named."""
        told = {"message": self.message, "code": self.code, "type": self.kind, "link": None}
        detail = [{"loc": list(self.at), "msg": self.message, "type": "value_error"}]
        return {**told, "detail": detail} if self.at else told


def answer_api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return JSONResponse(error.body, status_code=error.status)


def answer_http_error(request: Request, error: Exception) -> Response:
    """Unknown paths and methods: the common form, with the `detail` that the real server answers with."""
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "bad_request")
    body = ApiError(error.status_code, code, f"{request.method} {request.scope['path']}: {error.detail}.").body
    return JSONResponse({**body, "detail": error.detail}, status_code=error.status_code, headers=error.headers)


def answer_nobody(_request: Request, _error: Exception) -> Response:
    """The client has gone in the middle of its request: that is no fault of the service's."""
    return Response(status_code=400)


def answer_fault(_request: Request, error: Exception) -> Response:
    """A fault of the service's own; the log has its traceback."""
    body = ApiError(500, "internal", f"{type(error).__name__}; the log says more.", kind="internal").body
    return JSONResponse(body, status_code=500)


HANDLERS = {
    ApiError: answer_api_error,
    HTTPException: answer_http_error,
    ClientDisconnect: answer_nobody,
    Exception: answer_fault,
}
