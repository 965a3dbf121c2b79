"""Around every request: its id, its line in the log, and errors as JSON."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path

from .errors import ApiError

log = logging.getLogger("controller.http")
PROBE = "hippodrome-probe"
ID = re.compile(r"[!-~]{1,200}")

Next = Callable[[HttpRequest], HttpResponse]


class FaultsOnly(logging.Filter):
    """Of what Django says of requests, what has a traceback: the rest has a line of ours already."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.exc_info is not None


class RequestLog:
    """Takes or makes X-Request-Id, sends it back, and logs a line; health checks leave none."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        said = request.headers.get("X-Request-Id", "")
        request.request_id = said if ID.fullmatch(said) else uuid.uuid4().hex
        response = self._next(request)
        response["X-Request-Id"] = request.request_id
        if not request.headers.get("User-Agent", "").startswith(PROBE):
            took_ms = (time.perf_counter() - began) * 1000
            path = escape_uri_path(request.path)  # decoded, it may hold the end of a line
            told = (request.method, path, response.status_code, took_ms, request.request_id)
            log.info("%s %s status=%s ms=%.0f request_id=%s", *told)
        return response


class Errors:
    """What a view raises as ApiError becomes its answer."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._next(request)

    def process_exception(self, _request: HttpRequest, error: Exception) -> HttpResponse | None:
        return error.response() if isinstance(error, ApiError) else None
