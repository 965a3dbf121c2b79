"""Faults on purpose, for the tests of those who depend on a cell."""

import asyncio
from dataclasses import dataclass

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from hippodrome.services.common.errors import ApiError

CONTROL = "/__fake/"
DELAY_MAX_S = 600.0


@dataclass
class Fault:
    """The next `count` requests below `path` are delayed, and answered with `status` when that is not 0.

    Raises ApiError for what cannot be played.
    """

    status: int = 0
    delay_s: float = 0.0
    count: int = 1
    path: str = "/"

    def __post_init__(self) -> None:
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
            if fault.status:
                error = ApiError(fault.status, "injected_fault", "A fault that was asked for.", kind="internal")
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
