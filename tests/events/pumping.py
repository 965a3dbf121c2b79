"""What the pump's tests stand it between: a real moto before it, and behind it what answers as they say."""

import http.server
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import requests

from hippodrome.events.names import Feed, feeds
from hippodrome.events.proof import is_proof
from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, Service, services_in
from tests.stack import free_port

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}


@dataclass
class Receiver:
    """Stands for the relay. `statuses` are what it answers next; `gate` is shut to keep it from answering."""

    port: int = field(default_factory=free_port)
    taken: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    statuses: Iterator[int] = field(default_factory=lambda: itertools.repeat(202))
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhook/eventbridge"

    @property
    def events(self) -> list[dict[str, Any]]:
        """All but the proofs."""
        return [each for each in self.taken if not is_proof(each)]

    @property
    def said(self) -> list[str]:
        """What the items of the events are called."""
        return [each["detail"]["keys"]["sk"]["S"] for each in self.events]

    def has(self, *names: str) -> bool:
        """Whether exactly these come, within the deadline; in this order."""
        return bool(until(lambda: self.said == list(names), Deadline(PATIENCE_S)))

    @contextmanager
    def serving(self) -> Iterator["Receiver"]:
        """While it stands there, on the same port each time."""
        receiver = self

        class Taking(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                is_real = not is_proof(event)
                status = next(receiver.statuses) if is_real else 202
                (receiver.taken if status < 300 else receiver.refused).append(event)
                receiver.headers.append(dict(self.headers))
                if is_real:
                    receiver.gate.wait(PATIENCE_S)
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                return

        server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Taking)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self.gate.set()
            server.shutdown()
            thread.join()
            server.server_close()


@dataclass(frozen=True)
class Line:
    """moto, the pump and what it posts to."""

    moto: Service
    pump: Service
    receiver: Receiver

    @property
    def feeds(self) -> tuple[Feed, ...]:
        return feeds(self.pump.environment["TABLE_PREFIX"])

    @property
    def settings(self) -> str:
        return self.feeds[0].table

    @property
    def rules(self) -> str:
        return self.feeds[1].table

    @cached_property
    def dynamodb(self) -> Any:
        return boto3.client("dynamodb", endpoint_url=self.moto.url, **KEYS)

    def start(self) -> "Line":
        """The pump; moto runs."""
        self.pump.start(RELAY_URL=self.receiver.url)
        return self

    def put(self, table: str, *names: str, **more: Any) -> None:
        for name in names:
            self.dynamodb.put_item(TableName=table, Item={"pk": {"S": "local"}, "sk": {"S": name}, **more})

    def health(self) -> dict[str, Any]:
        told: dict[str, Any] = self.pump.ask("GET", "/health").json()
        return told

    def fails_with(self, words: str) -> bool:
        """Whether the pump's health comes to say so."""

        def does() -> bool:
            try:
                answer = self.pump.ask("GET", "/health")
            except requests.ConnectionError:  # it is starting
                return False
            return answer.status_code == 503 and words in str(answer.json()["failing"])

        return bool(until(does, Deadline(PATIENCE_S), pause_s=0.05))

    def is_well(self) -> bool:
        """Whether it comes to be."""
        return bool(until(self.pump.is_healthy, Deadline(PATIENCE_S), pause_s=0.05))


@contextmanager
def line_in(folder: Path) -> Iterator[Line]:
    """moto has been started, the pump not; the receiver is there."""
    with services_in(folder, "ecom_settings_exporter") as found, Receiver().serving() as receiver:
        found["moto"].start()
        yield Line(found["moto"], found["moto_events"], receiver)
