"""A dashboard under test, and asking it over real HTTP."""

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hippodrome.control.access import token_of
from hippodrome.dashboard.feed import Feed
from hippodrome.plan.layout import Layout
from tests.dashboard.stand_in import StandIn

PATIENCE_S = 20.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Asked:
    """A running dashboard."""

    port: int
    layout: Layout
    supervisor: StandIn
    feed: Feed

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def link(self) -> str:
        """What lets a browser in."""
        return f"{self.url}/?token={token_of(self.layout)}"

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {token_of(self.layout)}"}

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.ask("POST", path, {"Content-Type": "application/json", **headers}, json.dumps(body))

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: str | None = None) -> Answer:
        """Header names are written with `_`; Host is `localhost`, and the token is said, unless they are given."""
        connection = self.send(method, path, headers, body)
        try:
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: str | None = None
    ) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Host": f"localhost:{self.port}", **self.bearer, **named})
        return connection

    def stream(self, query: str = "", **headers: str) -> "Stream":
        return Stream(self.send("GET", f"/api/stream?{query}", headers))


class Stream:
    """An open stream of server-sent events. Use it as a context manager."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection
        self._response = connection.getresponse()
        self.status = self._response.status
        self.content_type = self._response.headers["Content-Type"]
        self.last_id = ""

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()
        self._connection.close()

    def next(self, name: str) -> Any:
        """The document of the next event called `name`; others are passed over."""
        return next(document for event, document in self.events() if event == name)

    def events(self) -> Iterator[tuple[str, Any]]:
        event = ""
        while read := self._response.readline():
            key, _, value = read.decode().rstrip("\n").partition(": ")
            if key == "event":
                event = value
            elif key == "id":
                self.last_id = value
            elif key == "data":
                yield event, json.loads(value)
