"""`?telemetry=true`: what took how long, added to whatever is answered."""

import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hippodrome.services.common.errors import ApiError, answer_api_error
from hippodrome.services.fake_cell.bodies import flag

Endpoint = Callable[[Request], Awaitable[Response]]


@contextmanager
def stage(request: Request, name: str) -> Iterator[None]:
    """Its milliseconds become part of the telemetry of this request."""
    began = time.perf_counter()
    try:
        yield
    finally:
        taken = _times(request)
        taken[name] = taken.get(name, 0.0) + (time.perf_counter() - began) * 1000


def with_telemetry(endpoint: Endpoint) -> Endpoint:
    """The same, telling the times of its stages when it is asked to; of one without stages it tells nothing."""

    async def told(request: Request) -> Response:
        if not flag(request, "telemetry"):
            return await endpoint(request)
        try:
            answer = await endpoint(request)
        except ApiError as error:
            answer = answer_api_error(request, error)
        body = json.loads(bytes(answer.body))
        if not isinstance(body, dict):
            return answer
        times = _times(request)
        body["telemetry"] = {"timesMs": times} if times else {}
        counts = {name: value for name, value in answer.headers.items() if name.startswith("x-count")}
        return JSONResponse(body, status_code=answer.status_code, headers=counts)

    return told


def _times(request: Request) -> dict[str, Any]:
    if not hasattr(request.state, "times"):
        request.state.times = {}
    times: dict[str, Any] = request.state.times
    return times
