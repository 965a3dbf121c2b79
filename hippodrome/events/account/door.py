"""The one thing that a tunnel leads to: a listener that takes events from whoever has the secret, and nothing else.

The dashboard is never reachable through it: what comes is written anew for the dashboard's webhook, and only that.
"""

import hmac
import re
from collections.abc import Callable

from hippodrome.events.account.listener import BODY_S, Handler, Server
from hippodrome.events.account.names import KEY_HEADER, PATH
from hippodrome.events.account.webhook import Answer
from hippodrome.wait import Deadline

BYTES_MAX = 1 << 20
SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")
LINE_MAX = 1024
TRAILERS_MAX = 16


class TooLargeError(Exception):
    """The body is over the limit."""


class Door:
    """Open from its making on, on a port of the system's choice. `pass_on` takes the body of an event."""

    def __init__(self, secret: str, pass_on: Callable[[bytes], Answer]) -> None:
        class Bound(_Handler):
            key, deliver = secret.encode(), staticmethod(pass_on)

        self._server = Server("127.0.0.1", 0, Bound)
        self.port: int = self._server.server_address[1]

    def close(self) -> None:
        self._server.close()


class _Handler(Handler):
    key: bytes
    deliver: Callable[[bytes], Answer]

    def do_POST(self) -> None:  # noqa: N802 - the base class's name
        if not self._may_enter():
            self.answer(404)
            return
        self.timed.deadline = Deadline(BODY_S)
        try:
            body = self._body()
        except TooLargeError:
            self.answer(413)
        except TimeoutError:
            self.answer(408)
        except ValueError:
            self.answer(400)
        else:
            said = type(self).deliver(body)
            self.answer(said.status, said.body, Content_Type=said.content_type, **said.headers)

    def _may_enter(self) -> bool:
        keys: list[str] = self.headers.get_all(KEY_HEADER, [])
        given = keys[0].encode("utf-8", "surrogateescape") if len(keys) == 1 else b""
        asked = self.requestline.split()[1]  # `path` is a tidied one
        return hmac.compare_digest(given, self.key) and asked == PATH

    def _body(self) -> bytes:
        """Raises TooLargeError, TimeoutError, or ValueError for what is no body of HTTP."""
        coding, lengths = self.headers.get_all("Transfer-Encoding", []), self.headers.get_all("Content-Length", [])
        if coding:
            if lengths or [each.strip().lower() for each in coding] != ["chunked"]:
                raise ValueError("two lengths")
            self._invite()
            return self._chunks()
        if len(lengths) != 1 or not re.fullmatch(r"[0-9]{1,12}", lengths[0].strip()):
            raise ValueError("no length")
        if (length := int(lengths[0])) > BYTES_MAX:
            raise TooLargeError
        self._invite()
        return self._exactly(length)

    def _invite(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := self._size():
            if len(body) + size > BYTES_MAX:
                raise TooLargeError
            body += self._exactly(size)
            if self.rfile.readline(3) not in (b"\r\n", b"\n"):
                raise ValueError("a chunk without an end")
        for _ in range(TRAILERS_MAX):
            if self.rfile.readline(LINE_MAX) in (b"\r\n", b"\n", b""):
                break
        return bytes(body)

    def _size(self) -> int:
        text = self.rfile.readline(LINE_MAX).split(b";")[0].strip()
        if not SIZE.fullmatch(text):
            raise ValueError("no size of a chunk")
        return int(text, 16)

    def _exactly(self, count: int) -> bytes:
        found = self.rfile.read(count)
        if len(found) != count:
            raise ValueError("the body ended early")
        return found
