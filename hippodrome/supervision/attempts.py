"""One attempt at a health check, without ever waiting: each step says what it waits for, or how it went."""

import contextlib
import errno
import os
import selectors
import socket
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

AGENT = "hippodrome-probe/1"
LINE_MAX = 4096  # bytes in which a status line must have ended


@dataclass(frozen=True)
class Outcome:
    """`seen` is what a failed attempt saw: `connection refused`, `HTTP 503`."""

    is_pass: bool
    seen: str = ""


@dataclass(frozen=True)
class Wait:
    """For a socket, until it can be read or written (`selectors.EVENT_…`)."""

    sock: socket.socket
    events: int


Step = Outcome | Wait
Address = tuple[int, tuple[str, int]]  # family, and what `connect` takes


class Attempt(Protocol):
    """What a probe does each time."""

    @property
    def client(self) -> tuple[int, int] | None:
        """Ports of the two ends of a connection that was made: this one's and the server's."""
        ...

    def advance(self) -> Step:
        """First, and whenever what was waited for has come."""
        ...

    def close(self) -> socket.socket | None:
        """Ends it; the connection is handed over when there is still something to read from it."""
        ...


class Connection:
    """Passes when the port accepts. Several addresses are tried one after another."""

    def __init__(self, addresses: list[Address]) -> None:
        self._left = list(addresses)
        self._sock: socket.socket | None = None
        self.client: tuple[int, int] | None = None

    def advance(self) -> Step:
        code = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) if self._sock else self._connect()
        if code == errno.EINPROGRESS and self._sock:
            return Wait(self._sock, selectors.EVENT_WRITE)
        if code == 0 and self._sock:
            with contextlib.suppress(OSError):  # the server may have hung up already
                self.client = self._sock.getsockname()[1], self._sock.getpeername()[1]
            return self.connected(self._sock)
        self.close()
        if self._left:
            return self.advance()
        return Outcome(False, os.strerror(code).lower())

    def connected(self, sock: socket.socket) -> Step:
        """What comes after."""
        return Outcome(True)

    def close(self) -> socket.socket | None:
        if self._sock:
            self._sock.close()
            self._sock = None
        return None

    def _connect(self) -> int:
        if not self._left:
            return errno.EHOSTUNREACH
        family, address = self._left.pop(0)
        self._sock = socket.socket(family, socket.SOCK_STREAM)
        self._sock.setblocking(False)
        return self._sock.connect_ex(address)


class Get(Connection):
    """Passes when an HTTP GET is answered with 2xx or 3xx."""

    def __init__(self, addresses: list[Address], url: str) -> None:
        super().__init__(addresses)
        parts = urlsplit(url)
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        self._request = (
            f"GET {path} HTTP/1.0\r\nHost: {parts.netloc}\r\nUser-Agent: {AGENT}\r\nAccept: */*\r\n\r\n".encode()
        )
        self._answer = b""
        self._is_asked = False

    def advance(self) -> Step:
        return self._read() if self._is_asked else super().advance()

    def connected(self, sock: socket.socket) -> Step:
        try:
            sock.send(self._request)  # a new connection's buffer takes a request whole
        except OSError as error:
            return Outcome(False, str(error.strerror).lower())
        self._is_asked = True
        return Wait(sock, selectors.EVENT_READ)

    def _read(self) -> Step:
        assert self._sock is not None
        try:
            received = self._sock.recv(LINE_MAX)
        except BlockingIOError:
            return Wait(self._sock, selectors.EVENT_READ)
        except OSError as error:
            return Outcome(False, str(error.strerror).lower())
        self._answer += received
        line, is_line, _ = self._answer.partition(b"\n")
        if not is_line and received and len(self._answer) < LINE_MAX:
            return Wait(self._sock, selectors.EVENT_READ)
        return _judged(line)

    def close(self) -> socket.socket | None:
        """A server that is hung up on while it writes complains in its log: the rest is read by somebody."""
        if not self._answer:
            return super().close()
        sock, self._sock = self._sock, None
        return sock


def _judged(line: bytes) -> Outcome:
    words = line.decode("latin-1").split()
    if not words:
        return Outcome(False, "connection closed without an answer")
    if not words[0].startswith("HTTP/") or len(words) < 2:
        return Outcome(False, "no HTTP answer")
    return Outcome(words[1][:1] in "23", f"HTTP {words[1]}")


def resolve(host: str, port: int) -> list[Address]:
    """Raises OSError. An address needs no asking; a name may take as long as the system's resolver does."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, (address[0], address[1])) for family, _, _, _, address in found]  # type: ignore[misc]


def host_and_port(kind: str, target: str) -> tuple[str, int]:
    """Of an http URL, or of `HOST:PORT`. Raises ValueError."""
    parts = urlsplit(target if kind == "http" else f"//{target}")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.hostname or "127.0.0.1", port
