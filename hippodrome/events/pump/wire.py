"""HTTP as the pump speaks it: one request at a time, to services of this machine, without TLS."""

import http.client
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


class AwayError(Exception):
    """The other side cannot be reached, breaks off, or does not answer in time."""


@dataclass(frozen=True)
class Answer:
    """To one request."""

    status: int
    body: bytes

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300

    @property
    def said(self) -> str:
        """For people: the status and the beginning of the body, in one line."""
        return " ".join(f"{self.status} {self.body[:200].decode(errors='replace')}".split())


class Peer:
    """A service by its URL, with the one connection that is kept to it for as long as it keeps it."""

    def __init__(self, what: str, url: str) -> None:
        parts = urlsplit(url)
        self._what, self._url, self._path = what, url, parts.path
        self._host, self._port = parts.hostname or "localhost", parts.port or 80
        self._connection: http.client.HTTPConnection | None = None

    def ask(
        self, method: str, path: str = "", body: bytes | None = None, *, headers: Mapping[str, str], timeout_s: float
    ) -> Answer:
        """Raises AwayError."""
        try:
            connection = self._connection or http.client.HTTPConnection(self._host, self._port, timeout=timeout_s)
            self._connection = connection
            connection.request(method, self._path + path, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            self.rest()
            raise AwayError(self._away(error)) from error

    def rest(self) -> None:
        """Lets go of the connection: after a pause it would be found closed, and a request lost in it."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def reach(self, timeout_s: float) -> None:
        """Raises AwayError where nobody accepts a connection."""
        try:
            socket.create_connection((self._host, self._port), timeout_s).close()
        except OSError as error:
            raise AwayError(self._away(error)) from error

    def _away(self, error: Exception) -> str:
        return f"{self._what} at {self._url} does not answer: {str(error) or type(error).__name__}"
