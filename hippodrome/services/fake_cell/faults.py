"""Faults on purpose, for the tests of those who depend on a cell."""

import asyncio
from dataclasses import dataclass

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from hippodrome.services.common.errors import ApiError

CONTROL = "/__fake/"
DELAY_MAX_S = 600.0
ISSUES = "https://github.com/marqo-ai/marqo/issues"
TELL = f"Please create an issue on Marqo's GitHub repo ({ISSUES}) if this problem persists."
THREADS = "Throttled because maximum thread count (8) for request type 'SEARCH' has been exceeded."


def _internal(message: str, status: int = 500, code: str = "internal", kind: str = "internal") -> ApiError:
    return ApiError(status, code, f"{message}\n{TELL}", kind=kind)


FAULTS: dict[str, ApiError] = {  # of the server, by code, that nothing here can cause
    "operation_conflict_error": ApiError(
        409, "operation_conflict_error", "Your indexes are being updated. Please try again shortly."
    ),
    "too_many_requests": ApiError(429, "too_many_requests", f"{THREADS} Try your request again later."),
    "vector_store_timeout": ApiError(
        504, "vector_store_timeout", "Vector store request timed out. Try your request again later."
    ),
    "service_unavailable": _internal(
        "CUDA device is out of memory.", 503, "service_unavailable", "service_unavailable"
    ),
    "backend_communication_error": _internal("Marqo cannot connect to Zookeeper", 400, "backend_communication_error"),
    "backend_data_parsing_error": _internal(
        "No match features found in the document", 500, "backend_data_parsing_error"
    ),
    "internal": _internal("Marqo encountered an unexpected internal error."),
}


@dataclass
class Fault:
    """The next `count` requests below `path` are delayed, and answered with `status` when that is not 0.

    `code` is one of the server's own faults, which then has its status and words. Raises ApiError for what cannot be
    played.
    """

    status: int = 0
    delay_s: float = 0.0
    count: int = 1
    path: str = "/"
    code: str = ""

    def __post_init__(self) -> None:
        if self.code and (self.status or self.code not in FAULTS):
            message = f"code must be one of {', '.join(FAULTS)}, and has a status of its own."
            raise ApiError(422, "unprocessable_entity", message, at=("body", "code"))
        if self.status and not 400 <= self.status <= 599:
            raise ApiError(
                422, "unprocessable_entity", "status must be from 400 to 599, or 0.", at=("body", "status")
            )
        if not 0 <= self.delay_s <= DELAY_MAX_S:
            message = f"delay must be from 0 to {DELAY_MAX_S:.0f} seconds."
            raise ApiError(422, "unprocessable_entity", message, at=("body", "delay"))


class Faults:
    """ASGI middleware that plays the faults of its list."""

    def __init__(self, app: ASGIApp, faults: list[Fault]) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._next(scope["path"]) if scope["type"] == "http" else None
        if fault:
            await asyncio.sleep(fault.delay_s)
            if fault.status or fault.code:
                own = ApiError(fault.status, "injected_fault", "A fault that was asked for.", kind="internal")
                error = FAULTS.get(fault.code, own)
                await JSONResponse(error.body, status_code=error.status)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _next(self, path: str) -> Fault | None:
        for fault in self._faults:
            if path.startswith(fault.path) and not path.startswith(CONTROL):
                fault.count -= 1
                if fault.count <= 0:
                    self._faults.remove(fault)
                return fault
        return None
