"""XML-RPC over a unix socket in as little as it takes: `xmlrpc.client` and `http.client` cost 40 ms of imports."""

import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.parsers import expat

Value = str | int | float | bool | list["Value"] | dict[str, "Value"] | None


class Fault(Exception):  # noqa: N818 - XML-RPC's own word
    """What the server answers instead of a value."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def call(path: Path, method: str, arguments: Sequence[Value], *, timeout_s: float) -> Value:
    """The answer. Raises Fault; OSError (TimeoutError, ConnectionRefusedError, …) when nothing answers."""
    body = _request(method, arguments).encode("utf-8", "xmlcharrefreplace")
    head = f"POST /RPC2 HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(timeout_s)
        client.connect(str(path))
        client.sendall(head.encode() + body)
        answer = _read_all(client)
    head_bytes, _, text = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head_bytes.split(b"\r\n", 1)[0]:
        raise ConnectionError(head_bytes.split(b"\r\n", 1)[0].decode("latin-1") or "it closed the connection")
    return _Answer().read(text)


def _read_all(client: socket.socket) -> bytes:
    """Up to the promised length: the server keeps the connection open as it likes."""
    answer, wanted = bytearray(), None
    while wanted is None or len(answer) < wanted:
        chunk = client.recv(1 << 16)
        if not chunk:
            break
        answer += chunk
        if wanted is None and (end := answer.find(b"\r\n\r\n")) >= 0:
            wanted = end + 4 + _length(bytes(answer[:end]))
    return bytes(answer)


def _length(head: bytes) -> int:
    lines = (line.lower() for line in head.split(b"\r\n"))
    return next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 1 << 62)


def _request(method: str, arguments: Sequence[Value]) -> str:
    params = "".join(f"<param><value>{_written(each)}</value></param>" for each in arguments)
    return f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName><params>{params}</params></methodCall>"


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return f"<boolean>{int(value)}</boolean>"
    if isinstance(value, int):
        return f"<int>{value}</int>"
    if isinstance(value, float):
        return f"<double>{value!r}</double>"
    if isinstance(value, list):
        return f"<array><data>{''.join(f'<value>{_written(each)}</value>' for each in value)}</data></array>"
    text = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<string>{text}</string>"


SCALARS: dict[str, Callable[[str], Value]] = {
    "string": str,
    "int": int,
    "i4": int,
    "double": float,
    "boolean": lambda text: text == "1",
    "nil": lambda _: None,
    "name": str,
}


class _Answer:
    """Reads a methodResponse. Values are put together on a stack, one list for each open array or struct."""

    def __init__(self) -> None:
        self._stack: list[list[Value]] = [[]]
        self._text: list[str] = []
        self._is_fault = False

    def read(self, document: bytes) -> Value:
        """Raises Fault, ConnectionError for what is no answer."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._text.append
        parser.EndElementHandler = self._end
        try:
            parser.Parse(document, True)
            (value,) = self._stack.pop()
        except (expat.ExpatError, ValueError) as error:
            raise ConnectionError(f"no XML-RPC answer: {error}") from error
        if self._is_fault and isinstance(value, dict):
            raise Fault(int(str(value["faultCode"])), str(value["faultString"]))
        return value

    def _start(self, name: str, _attributes: object) -> None:
        self._text.clear()
        self._is_fault = self._is_fault or name == "fault"
        if name in {"array", "struct"}:
            self._stack.append([])

    def _end(self, name: str) -> None:
        if name in SCALARS:
            self._stack[-1].append(SCALARS[name]("".join(self._text)))
        elif name == "array":
            values = self._stack.pop()
            self._stack[-1].append(values)
        elif name == "struct":
            pairs = self._stack.pop()
            self._stack[-1].append(dict(zip(map(str, pairs[::2]), pairs[1::2], strict=True)))
        self._text.clear()
