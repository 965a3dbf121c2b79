"""Small HTTP listeners on loopback: a bounded number of threads, and a limit to the time that a sender may take."""

import io
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from hippodrome.wait import Deadline

MOST_AT_ONCE = 32
HEADERS_S = 5.0
BODY_S = 5.0
WRITE_S = 5.0
DRAIN_S = 1.0
DRAIN_BYTES = 2 << 20


class Server(ThreadingHTTPServer):
    """Listens from its making on. A request over the limit waits until another is done."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, handler: type["Handler"]) -> None:
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__((host, port), handler)
        threading.Thread(target=self.serve_forever, args=(0.2,), daemon=True).start()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._free.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that has gone is no news."""

    def close(self) -> None:
        """Nothing is accepted any more."""
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One request a connection. What is not answered otherwise is a bare 404, whatever is wrong with it."""

    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.timed = TimedReader(self.connection, Deadline(HEADERS_S))
        self.rfile = io.BufferedReader(self.timed)

    def handle(self) -> None:
        self.close_connection = True
        self.handle_one_request()

    def handle_expect_100(self) -> bool:
        """Whoever asks before sending a body hears it from `read_body`, or gets the answer instead."""
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """As the base class calls it for what it cannot read, or has no method for."""
        self.answer(404)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Nothing in it tells what answers."""
        self.request_version = "HTTP/1.1"  # what cannot be read is taken for HTTP/0.9, whose answers have no head
        self.connection.settimeout(WRITE_S)
        self.send_response_only(status)
        for name, value in {**headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()
        self._drain()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Each handler says what is worth saying."""

    def _drain(self) -> None:
        """A body that nobody reads would have the connection reset, and the answer lost with it."""
        self.timed.deadline = Deadline(DRAIN_S)
        left = DRAIN_BYTES
        try:
            self.connection.shutdown(socket.SHUT_WR)
            while left > 0 and (chunk := self.timed.read(1 << 16)):
                left -= len(chunk)
        except OSError:
            pass


class TimedReader(io.RawIOBase):
    """Reads from a socket until a deadline, however slowly it comes. Raises TimeoutError then."""

    def __init__(self, source: socket.socket, deadline: Deadline) -> None:
        self.deadline = deadline
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.deadline.is_over:
            raise TimeoutError
        self._source.settimeout(max(self.deadline.left, 0.001))
        return self._source.recv_into(buffer)
