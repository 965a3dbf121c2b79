"""moto's own server as a service among the others: its health, a line a request, and what has changed."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

log = logging.getLogger("aws")
READING = {"GET", "HEAD", "OPTIONS"}
READS = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "Receive")
OFTEN = (
    "ReceiveMessage",
    "GetRecords",
    "GetShardIterator",
    "DescribeStream",
)  # polls: a line each would drown the rest

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class Aws:
    """A WSGI application. `is_ready` is set by whoever has seeded it; `changed` whenever data may have."""

    def __init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self.is_ready = threading.Event()
        self.changed = threading.Event()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/health" and "HTTP_AUTHORIZATION" not in environ:  # AWS's own calls are signed
            return self._health(start_response)
        began, told = time.perf_counter(), operation(environ)
        is_reading = _only_reads(environ, told)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            level = logging.DEBUG if is_reading else logging.INFO  # polls would drown the rest
            log.log(level, "%s status=%s ms=%.1f", told, status[:3], (time.perf_counter() - began) * 1000)
            return start_response(status, headers, *more)

        answer: Iterable[bytes] = self._moto(environ, start)
        if not is_reading:
            self.changed.set()
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


def _only_reads(environ: Environ, told: str) -> bool:
    return environ["REQUEST_METHOD"] in READING or told.rpartition(".")[2].startswith(READS)
