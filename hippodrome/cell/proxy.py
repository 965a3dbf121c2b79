"""The recording proxy: hands requests and answers on as they are, and writes each down without its secrets."""

import logging
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from hippodrome.cell.cleaning import HOP, Cleaner
from hippodrome.cell.exchange import Answered, Asked, Body, Exchange
from hippodrome.cell.recording import Writer
from hippodrome.cell.safety import is_of_this_machine, is_reading
from hippodrome.errors import ExitCode, Problem, UserError

KEPT_MAX = 64 * 2**20  # bytes of a body of which a copy is kept until it is written down
CONNECT_S = 10.0
GRACE_S = 1

Headers = list[tuple[bytes, bytes]]


@dataclass
class Counts:
    """What came by: how many were written down, how many of these change data, how many were not answered whole."""

    recorded: int = 0
    changing: int = 0
    broken: int = 0


@dataclass
class Copy:
    """A body as it goes by; what is too large is counted alone."""

    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, part: bytes) -> None:
        self.size += len(part)
        if self.size <= KEPT_MAX:
            self.parts.append(part)
        else:
            self.parts.clear()

    def cleaned(self, cleaner: Cleaner, headers: dict[str, str]) -> Body | None:
        if self.size > KEPT_MAX:
            return Body("left_out", "it is too large", self.size)
        return cleaner.body(b"".join(self.parts), headers)


class Proxy:
    """In front of the cell at `to`. Times are the client's to give up: here is none but for connecting."""

    def __init__(self, to: str, writer: Writer, cleaner: Cleaner) -> None:
        self.counts = Counts()
        self._to, self._writer, self._cleaner = httpx.URL(to), writer, cleaner
        self.shown = cleaner.value(str(self._to.copy_with(username=None, password=None)))
        timeout = httpx.Timeout(None, connect=CONNECT_S)
        limits = httpx.Limits(max_connections=None)
        self._client = httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=not is_of_this_machine(to))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI, HTTP alone."""
        answer = await self.answer(Request(scope, receive))
        await answer(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """As the cell gives it; a 502 in the data plane's form where it gives none."""
        began, at, copy = time.perf_counter(), datetime.now(UTC), Copy()
        try:
            answer = await self._client.send(self._onward(request, copy), stream=True)
        except httpx.TransportError as error:
            self.counts.broken += 1
            return _silent(self.shown, error)
        except ClientDisconnect:
            self.counts.broken += 1
            return Response(status_code=400)

        def done(answered: Copy) -> None:
            took_ms = (time.perf_counter() - began) * 1000
            asked = self._asked(request, copy)
            exchange = Exchange(asked, self._answered(answer, answered), at.isoformat(), self.shown, took_ms)
            self._writer.write(exchange)
            self.counts.recorded += 1
            self.counts.changing += not is_reading(asked)

        passed = StreamingResponse(self._passing(answer, done), answer.status_code)
        passed.raw_headers = [(name.lower(), value) for name, value in _end_to_end(answer.headers.raw)]
        return passed

    def _onward(self, request: Request, copy: Copy) -> httpx.Request:
        raw = request.scope["raw_path"]
        query = request.scope["query_string"]
        path = self._to.raw_path.rstrip(b"/") + raw + (b"?" + query if query else b"")
        headers = _end_to_end(request.headers.raw)
        has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
        content = _copied(request.stream(), copy) if has_body else None
        return httpx.Request(request.method, self._to.copy_with(raw_path=path), headers=headers, content=content)

    async def _passing(self, answer: httpx.Response, done: Callable[[Copy], None]) -> AsyncIterator[bytes]:
        """The exchange is on disk before the client has the end of it, after which it may hang up."""
        copy, whole, is_done = Copy(), answer.headers.get("content-length"), False
        try:
            async for part in answer.aiter_raw():
                copy.add(part)
                if str(copy.size) == whole:
                    is_done = True
                    done(copy)
                yield part
            if not is_done:
                is_done = True
                done(copy)
        finally:
            self.counts.broken += not is_done  # the cell broke off, or the client did
            await answer.aclose()

    def _asked(self, request: Request, copy: Copy) -> Asked:
        headers = dict(request.headers)
        self._cleaner.learn(request.headers.items())
        raw, query = request.scope["raw_path"].decode("latin-1"), request.scope["query_string"].decode("latin-1")
        path = self._cleaner.path(raw + (f"?{query}" if query else ""))
        return Asked(request.method, path, self._cleaner.headers(headers), copy.cleaned(self._cleaner, headers))

    def _answered(self, answer: httpx.Response, copy: Copy) -> Answered:
        headers = dict(answer.headers)
        self._cleaner.learn(answer.headers.multi_items())
        return Answered(answer.status_code, self._cleaner.headers(headers), copy.cleaned(self._cleaner, headers))


def _end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Without those of the connection, and those that `connection` names."""
    pairs = list(headers)
    named = [value.decode("latin-1").lower() for name, value in pairs if name.lower() == b"connection"]
    dropped = HOP | {each.strip() for value in named for each in value.split(",")}
    return [(name, value) for name, value in pairs if name.decode("latin-1").lower() not in dropped]


async def _copied(stream: AsyncIterator[bytes], copy: Copy) -> AsyncIterator[bytes]:
    async for part in stream:
        if part:
            copy.add(part)
            yield part


def _silent(cell: str, error: Exception) -> JSONResponse:
    message = f"hd cell record: {cell} does not answer: {str(error) or type(error).__name__}."
    body = {"message": message, "code": "upstream_unavailable", "type": "unavailable", "link": None}
    return JSONResponse(body, status_code=502)


def listen(port: int) -> socket.socket:
    """On this machine alone; 0 is any port that is free. Raises UserError (CONFLICT)."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        problem = Problem("cell-port", f"port {port} cannot be had: {error.strerror}", "Give another with --port.")
        raise UserError(problem, exit_code=ExitCode.CONFLICT) from error


async def serve(proxy: Proxy, listening: socket.socket) -> None:
    """Until SIGINT or SIGTERM, which comes again when what is being answered has a second's grace behind it."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # an answer that breaks off is no fault of ours
    config = uvicorn.Config(
        proxy,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    await uvicorn.Server(config).serve(sockets=[listening])
