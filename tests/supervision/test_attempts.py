"""One attempt at a health check, against real sockets."""

import selectors
import socket
import struct

import pytest

from hippodrome.supervision.attempts import (
    AGENT,
    LINE_MAX,
    Attempt,
    Connection,
    Get,
    Outcome,
    Wait,
    host_and_port,
    resolve,
)
from tests.stack import free_port
from tests.supervision.answering import OK, saying, serving


def _outcome(attempt: Attempt) -> Outcome:
    """How it went; it waits for nothing but what it says."""
    step = attempt.advance()
    while isinstance(step, Wait):
        with selectors.DefaultSelector() as selector:
            selector.register(step.sock, step.events)
            assert selector.select(10.0), "it waits for what does not come"
        step = attempt.advance()
    if sock := attempt.close():
        sock.close()
    return step


def _get(port: int, path: str = "/health") -> Get:
    return Get(resolve("127.0.0.1", port), f"http://127.0.0.1:{port}{path}")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (OK, Outcome(True, "HTTP 200")),
        (b"HTTP/1.0 204 No Content\r\n\r\n", Outcome(True, "HTTP 204")),
        (b"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", Outcome(True, "HTTP 302")),
        (b"HTTP/1.1 200\n", Outcome(True, "HTTP 200")),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", Outcome(False, "HTTP 404")),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", Outcome(False, "HTTP 503")),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", Outcome(False, "HTTP 101")),
        (b"SSH-2.0-OpenSSH_9.9\r\n", Outcome(False, "no HTTP answer")),
        (b"HTTP/1.1\r\n", Outcome(False, "no HTTP answer")),
        (b"x" * (LINE_MAX + 1), Outcome(False, "no HTTP answer")),
        (b"", Outcome(False, "connection closed without an answer")),
    ],
)
def test_an_answer_is_judged_by_its_status(answer: bytes, outcome: Outcome) -> None:
    with serving(saying(answer)) as server:
        assert _outcome(_get(server.port)) == outcome


def test_an_answer_may_come_in_pieces() -> None:
    with serving(saying(b"HT", b"TP/1.1 2", b"00 O", b"K\r", b"\n\r\nhello")) as server:
        assert _outcome(_get(server.port)) == Outcome(True, "HTTP 200")


@pytest.mark.parametrize(
    ("path", "asked"), [("/health", "/health"), ("", "/"), ("?deep=1", "/?deep=1"), ("/a?b=c%20d", "/a?b=c%20d")]
)
def test_a_request_says_who_asks_and_for_what(path: str, asked: str) -> None:
    with serving(saying(OK)) as server:
        _outcome(_get(server.port, path))
        first, *headers = server.requests[0].split("\r\n")
        assert first == f"GET {asked} HTTP/1.0"
        assert f"User-Agent: {AGENT}" in headers
        assert f"Host: 127.0.0.1:{server.port}" in headers


@pytest.mark.parametrize("kind", [Connection, lambda addresses: Get(addresses, "http://127.0.0.1/")])
def test_nobody_there_is_a_refusal(kind: type[Connection]) -> None:
    assert _outcome(kind(resolve("127.0.0.1", free_port()))) == Outcome(False, "connection refused")


def test_a_connection_that_is_torn_down_says_so() -> None:
    def tear(client: socket.socket) -> None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving(tear) as server:
        assert _outcome(_get(server.port)) == Outcome(False, "connection reset by peer")


def test_a_port_that_accepts_is_enough_for_a_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert _outcome(Connection(resolve("127.0.0.1", silent.getsockname()[1]))) == Outcome(True)


def test_several_addresses_are_tried_one_after_another() -> None:
    with serving(saying(OK)) as server:
        addresses = [*resolve("127.0.0.1", free_port()), *resolve("127.0.0.1", server.port)]
        assert _outcome(Connection(list(addresses))) == Outcome(True)
        assert _outcome(Get(list(addresses), f"http://{server.address}/")).is_pass
    assert not _outcome(Connection([])).is_pass


def test_it_never_waits_by_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        attempt = _get(silent.getsockname()[1])
        step = attempt.advance()
        assert isinstance(step, Wait)
        assert not step.sock.getblocking()
        attempt.close()


@pytest.mark.parametrize(
    ("kind", "target", "found"),
    [
        ("http", "http://127.0.0.1:9001/health", ("127.0.0.1", 9001)),
        ("http", "http://localhost/", ("localhost", 80)),
        ("http", "http://[::1]:9001/", ("::1", 9001)),
        ("tcp", "127.0.0.1:5432", ("127.0.0.1", 5432)),
        ("tcp", "[::1]:5432", ("::1", 5432)),
        ("listen", "db.local:5432", ("db.local", 5432)),
    ],
)
def test_a_target_names_host_and_port(kind: str, target: str, found: tuple[str, int]) -> None:
    assert host_and_port(kind, target) == found


def test_a_port_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="range"):
        host_and_port("tcp", "127.0.0.1:99999")
