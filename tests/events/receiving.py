"""A service that takes events, over real HTTP."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Service:
    """`status` and `delay_s` are of the answers to come; `taken` has path and body of what was answered with 2xx."""

    port: int
    status: int = 200
    delay_s: float = 0.0
    refused_keys: set[str] = field(default_factory=set)  # partition keys that are answered with 500
    taken: list[tuple[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [body.get("id", "") for _, body in self.taken]


@contextmanager
def receiving(port: int = 0) -> Iterator[Service]:
    """Takes events until the end of the block."""
    made = Service(port)

    class Taking(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(made.delay_s)
            keys = (body.get("detail") or {}).get("keys") or {}
            is_refused = keys.get("pk", {}).get("S") in made.refused_keys
            status = 500 if is_refused else made.status
            if status < 300:
                made.taken.append((self.path, body))
                made.headers.append(dict(self.headers))
            told = b'{"status":"success","result":{"key":"settings:x"}}'
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            return

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

    server = Server(("127.0.0.1", port), Taking)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def event(key: str = "test", detail_type: str = "EcomIndexSettings.MODIFY", **more: Any) -> dict[str, Any]:
    """As the founding document sends it; `more` is of the envelope, as `id`."""
    keys = {"pk": {"S": f"INDEX#{key}"}, "sk": {"S": "SETTINGS"}}
    detail = {"eventName": "MODIFY", "tableName": "dev-main-EcomIndexSettingsTable", "keys": keys}
    return {"source": "marqo.dynamodb", "detail-type": detail_type, "detail": detail, **more}
