"""Faults on purpose, for the tests of those who depend on a cell."""

import asyncio
from dataclasses import dataclass

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from hippodrome.services.common.errors import ApiError

CONTROL = "/__fake/"


@dataclass
class Fault:
    """The next `count` requests below `path` are delayed, and answered with `status` when that is not 0."""

    status: int = 0
    delay_s: float = 0.0
    count: int = 1
    path: str = "/"


class Faults:
    """ASGI middleware that plays the faults of its list."""

    def __init__(self, app: ASGIApp, faults: list[Fault]) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._next(scope["path"]) if scope["type"] == "http" else None
        if fault:
            await asyncio.sleep(fault.delay_s)
            if fault.status:
                error = ApiError(fault.status, "injected_fault", "A fault that was asked for.", kind="internal")
                await JSONResponse(error.body, status_code=error.status)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _next(self, path: str) -> Fault | None:
        for fault in self._faults:
            if fault.count > 0 and path.startswith(fault.path) and not path.startswith(CONTROL):
                fault.count -= 1
                return fault
        return None
