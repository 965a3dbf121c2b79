"""A shop that is away is asked again, and nothing is done twice."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from hippodrome.shop.client import AnswerError, Shop
from hippodrome.shop.patience import LostError, Patience
from tests.stack import free_port

CUT = 0  # in place of a status: the connection ends without an answer


@contextmanager
def answering(*statuses: int, port: int = 0) -> Iterator[tuple[str, list[str]]]:
    """Its URL and what it was asked; one status after the other, then 200."""
    rest, asked = list(statuses), list[str]()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append(f"{self.command} {self.path}")
            status = rest.pop(0) if rest else 200
            if status == CUT:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - names of http.server

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def shop(url: str, patience_s: float = 20.0) -> Shop:
    return Shop(url, url, "key", patience=Patience(patience_s))


@pytest.mark.parametrize("wrong", [CUT, 502, 503, 504])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_what_may_be_done_twice_is_asked_again(method: str, wrong: int) -> None:
    with answering(wrong, wrong) as (url, asked):
        assert shop(url).admin(method, "/indexes/x/settings") == {}
    assert asked == [f"{method} /api/v1/indexes/x/settings"] * 3


@pytest.mark.parametrize("wrong", [CUT, 503])
def test_searches_and_documents_are_sent_again(wrong: int) -> None:
    with answering(wrong, 200, wrong) as (url, asked):
        assert shop(url).search("x", "sofa") == {}
        assert shop(url).admin("POST", "/indexes/x/documents", json={"documents": []}) == {}
    assert len(asked) == 4


@pytest.mark.parametrize("path", ["/accounts/init", "/indexes", "/indexes/x/rules", "/indexes/x/events"])
@pytest.mark.parametrize("wrong", [CUT, 502, 503, 504])
def test_what_would_be_doubled_is_sent_once_and_that_is_said(path: str, wrong: int) -> None:
    with answering(wrong) as (url, asked), pytest.raises(LostError, match="not sent again"):
        shop(url).admin("POST", path, json={})
    assert len(asked) == 1


def test_where_nobody_listens_yet_anything_is_tried_again() -> None:
    port, url = free_port(), ""
    starting = threading.Event()

    def start() -> None:
        with answering(port=port):
            starting.set()
            done.wait(20)

    done = threading.Event()
    late = threading.Timer(0.5, start)
    late.start()
    try:
        url = f"http://127.0.0.1:{port}"
        assert shop(url).admin("POST", "/accounts/init", json={}) == {}
        assert starting.is_set()
    finally:
        done.set()
        late.join()


def test_a_deletion_whose_answer_was_lost_is_done_when_nothing_is_there_any_more() -> None:
    with answering(CUT, 404) as (url, _):
        assert shop(url).admin("DELETE", "/indexes/x") is None
    with answering(404) as (url, _), pytest.raises(AnswerError):
        shop(url).admin("DELETE", "/indexes/x")


@pytest.mark.parametrize("status", [400, 404, 409, 500])
def test_other_answers_are_told_at_once(status: int) -> None:
    with answering(status) as (url, asked), pytest.raises(AnswerError):
        shop(url).admin("GET", "/indexes")
    assert len(asked) == 1


def test_patience_ends_with_the_last_answer() -> None:
    with answering(*[503] * 100) as (url, asked), pytest.raises(AnswerError, match="503"):
        shop(url, 0.5).admin("GET", "/indexes")
    assert 2 <= len(asked) < 100
    with pytest.raises(requests.ConnectionError):
        shop(f"http://127.0.0.1:{free_port()}", 0.5).admin("GET", "/indexes")


def test_without_patience_nothing_is_tried_again() -> None:
    with answering(503) as (url, asked), pytest.raises(AnswerError):
        shop(url, 0.0).admin("GET", "/indexes")
    assert len(asked) == 1
