"""Stands for a service that the gateway asks: it answers what a test says, and keeps what it was asked."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    path: str
    query: str
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Said:
    """An answer, `delay_s` after the question."""

    body: Json
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0


@dataclass
class Upstream:
    """Answers by path, in whatever words a test puts there; a path that nobody thought of is a 404."""

    url: str = ""
    answers: dict[str, Said] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def last(self) -> Asked:
        return self.asked[-1]


@contextmanager
def running_upstream() -> Iterator[Upstream]:
    upstream = Upstream()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            upstream.asked.append(Asked(parts.path, parts.query, headers, json.loads(raw) if raw else None))
            nobody = Said({"message": f"no {parts.path}", "code": "not_found", "type": "t", "link": None}, 404)
            self.answer(upstream.answers.get(parts.path, nobody))

        do_GET = do_POST  # noqa: N815 - as http.server calls it

        def answer(self, said: Said) -> None:
            time.sleep(said.delay_s)
            body = json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in {**said.headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet: the tests ask what was asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    upstream.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield upstream
    finally:
        server.shutdown()
        server.server_close()
