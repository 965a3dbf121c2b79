"""moto's own server as a service among the others: its health, a line a request, and what has changed."""

import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from hippodrome.services.moto.streams import GROWTH, install, trim

log = logging.getLogger("aws")
READING = {"GET", "HEAD", "OPTIONS"}
READS = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "Receive")
ITERATING = ("GetRecords", "GetShardIterator")
PROBE = "hippodrome-probe"  # how health checks and their like name themselves
WAIT_MAX_S = 30.0
LOADING = b"<html>moto is still loading its items</html>"  # botocore looks for no error code in what begins so

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class Aws:
    """A WSGI application. `is_ready` is set by whoever has seeded it; `changed` whenever data may have.

    Until then only who has the `pass_word` in its User-Agent is served: others would find tables without items.
    """

    def __init__(self) -> None:
        install()
        self.pass_word = secrets.token_hex(16)
        self._moto = DomainDispatcherApplication(create_backend_app)
        self.is_ready = threading.Event()
        self.changed = threading.Event()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/health" and "HTTP_AUTHORIZATION" not in environ:  # AWS's own calls are signed
            return self._health(start_response)
        if not self.is_ready.is_set() and self.pass_word not in environ.get("HTTP_USER_AGENT", ""):
            start_response("503 Service Unavailable", [("Content-Type", "text/html"), ("Retry-After", "1")])
            return [LOADING]
        if environ["PATH_INFO"] == "/__local/streams":  # no name of a bucket
            return _grown(environ, start_response)
        began, told = time.perf_counter(), operation(environ)
        is_reading = _only_reads(environ, told)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            level = logging.DEBUG if is_reading else logging.INFO  # polls would drown the rest
            log.log(level, "%s status=%s ms=%.1f", told, status[:3], (time.perf_counter() - began) * 1000)
            return start_response(status, headers, *more)

        answer: Iterable[bytes] = self._moto(environ, start)
        if not is_reading:
            self.changed.set()
        elif told.endswith(ITERATING):
            trim()
        return answer

    def _health(self, start_response: StartResponse) -> Iterable[bytes]:
        is_ready = self.is_ready.is_set()
        told = {"status": "ok" if is_ready else "seeding", "service": "moto", "version": version("moto")}
        start_response("200 OK" if is_ready else "503 Service Unavailable", [("Content-Type", "application/json")])
        return [json.dumps(told).encode()]


def operation(environ: Environ) -> str:
    """What is asked of which service: `DynamoDB.PutItem`, or method and path."""
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    service, _, action = target.rpartition(".")
    return (
        f"{service.partition('_')[0]}.{action}" if action else f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
    )


def _grown(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """`{"seen"}`: a word for how far all streams have grown, once it is another than that of the query.

    So whoever reads streams need not ask them over and over. `wait_s` is the longest that this takes.
    """
    asked = parse_qs(environ.get("QUERY_STRING", ""))
    try:
        wait_s = min(max(float(asked.get("wait_s", ["0"])[0]), 0.0), WAIT_MAX_S)
    except ValueError:
        wait_s = 0.0
    seen = GROWTH.seen(asked.get("seen", [""])[0], wait_s)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"seen": seen}).encode()]


def _only_reads(environ: Environ, told: str) -> bool:
    """What a probe writes counts as nothing: it is not worth a line, nor keeping all tables for."""
    is_probe = str(environ.get("HTTP_USER_AGENT", "")).startswith(PROBE)
    return is_probe or environ["REQUEST_METHOD"] in READING or told.rpartition(".")[2].startswith(READS)
