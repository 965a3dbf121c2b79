"""Around every request: its id, its line in the log."""

import logging
import re
import time
import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hippodrome.services.common.passing import passed_on

log = logging.getLogger("http")
TRACE = ("traceparent", "tracestate")
PROBE = b"hippodrome-probe"
ID = re.compile(rb"[!-~]{1,200}")


class RequestLog:
    """ASGI middleware: takes or makes X-Request-Id, sends it back, logs a line; health checks leave none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = _id_of(headers)
        passed_on.set(_passed_on(headers, request_id))
        began, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id)]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            if not headers.get(b"user-agent", b"").startswith(PROBE):
                took_ms = (time.perf_counter() - began) * 1000
                path = scope["raw_path"].decode("latin-1")  # as sent: decoded, it may hold the end of a line
                told = (scope["method"], path, status, took_ms, request_id.decode("latin-1"))
                log.info("%s %s status=%d ms=%.1f request_id=%s", *told)


def _passed_on(headers: dict[bytes, bytes], request_id: bytes) -> dict[str, str]:
    """W3C trace context goes on as it came."""
    trace = {name: headers[name.encode()].decode("latin-1") for name in TRACE if name.encode() in headers}
    return {"x-request-id": request_id.decode("latin-1"), **trace}


def _id_of(headers: dict[bytes, bytes]) -> bytes:
    """As sent, when it can stand in a log."""
    said = headers.get(b"x-request-id", b"")
    return said if ID.fullmatch(said) else uuid.uuid4().hex.encode()
