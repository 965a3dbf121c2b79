"""The door: what it answers to whom, also to senders that are slow, broken, or mean."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests

from hippodrome.events.account.door import BYTES_MAX, Door
from hippodrome.events.account.listener import MOST_AT_ONCE
from hippodrome.events.account.names import KEY_HEADER
from hippodrome.events.account.webhook import Webhook
from tests.events.account.conftest import Hook
from tests.stack import free_port

KEY = "a-secret-of-this-start"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.fixture
def door(hook: Hook) -> Iterator[Door]:
    made = Door(KEY, Webhook(hook.url, "tunnel").post)
    yield made
    made.close()


def raw(door: Door, *parts: bytes, pause_s: float = 0.0) -> bytes:
    """All that is answered to these bytes."""
    with socket.create_connection(("127.0.0.1", door.port), timeout=30) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause_s)
        answer = b""
        while chunk := connection.recv(1 << 16):
            answer += chunk
        return answer


def head(*lines: str, path: str = "/webhook/eventbridge", key: str = KEY) -> bytes:
    keyed = (f"{KEY_HEADER}: {key}",) if key else ()
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x.example", *keyed, *lines, "", ""]).encode()


def status(answer: bytes) -> int:
    return int(answer.split()[1])


def post(door: Door, body: bytes, *, key: str = KEY) -> requests.Response:
    url = f"http://127.0.0.1:{door.port}/webhook/eventbridge"
    return requests.post(url, data=body, headers={KEY_HEADER: key} if key else {}, timeout=30)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"BREW /webhook/eventbridge HTTP/1.1\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"POST /webhook/eventbridge HTTP/9.9\r\n\r\n",
        b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        head(key="", path="/webhook/eventbridge"),
        head("Content-Length: 2", path="/webhook/../api/services") + b"{}",
        head("Content-Length: 2", path="//webhook/eventbridge") + b"{}",
        head("Content-Length: 2", path="http://x.example/webhook/eventbridge") + b"{}",
        head(f"{KEY_HEADER}: {KEY}", "Content-Length: 2") + b"{}",  # twice
        head("Content-Length: 2", key=f"{KEY}, {KEY}") + b"{}",
        head("Content-Length: 2", key="é") + b"{}",
    ],
)
def test_all_else_is_one_and_the_same_404(request_bytes: bytes, door: Door, hook: Hook) -> None:
    assert raw(door, request_bytes) == NOT_FOUND
    assert not hook.events


def test_a_stranger_learns_nothing_from_the_size_of_a_body(door: Door) -> None:
    assert post(door, b"x" * (BYTES_MAX + 100), key="wrong").status_code == 404
    assert post(door, b"x" * (BYTES_MAX + 100)).status_code == 413


def test_an_event_of_a_mebibyte_comes_through(door: Door, hook: Hook) -> None:
    body = json.dumps({"a": "x" * (BYTES_MAX - 9)}).encode()
    assert len(body) == BYTES_MAX
    assert post(door, body).status_code == 200
    assert len(hook.events) == 1


def test_a_body_in_chunks_comes_through(door: Door, hook: Hook) -> None:
    answer = raw(door, head("Transfer-Encoding: chunked"), b'4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n')
    assert status(answer) == 200 and hook.events[0]["body"] == {"a": 1}


@pytest.mark.parametrize(
    ("lines", "body", "wanted"),
    [
        ((), b"", 400),
        (("Content-Length: -1",), b"", 400),
        (("Content-Length: 2", "Content-Length: 2"), b"{}", 400),
        (("Content-Length: 2", "Transfer-Encoding: chunked"), b"{}", 400),
        (("Transfer-Encoding: gzip, chunked",), b"", 400),
        (("Transfer-Encoding: chunked",), b"-2\r\n{}\r\n0\r\n\r\n", 400),
        (("Transfer-Encoding: chunked",), b"2\r\n{}xx0\r\n\r\n", 400),
        (("Transfer-Encoding: chunked",), b"FFFFFFF\r\n", 413),
        (("Content-Length: 99999999999",), b"", 413),
    ],
)
def test_a_body_that_is_none_is_refused(
    lines: tuple[str, ...], body: bytes, wanted: int, door: Door, hook: Hook
) -> None:
    assert status(raw(door, head(*lines), body)) == wanted
    assert not hook.events


def test_who_asks_before_sending_is_invited(door: Door, hook: Hook) -> None:
    answer = raw(door, head("Content-Length: 2", "Expect: 100-continue"), b"{}")
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")
    assert raw(door, head("Content-Length: 2", "Expect: 100-continue", key="wrong")) == NOT_FOUND


def test_slow_senders_keep_nobody_out(door: Door, hook: Hook) -> None:
    """One over the limit would wait for ever, did each of them not have a limit of its own."""
    slow = [socket.create_connection(("127.0.0.1", door.port), timeout=30) for _ in range(MOST_AT_ONCE)]
    is_over = threading.Event()

    def drip() -> None:
        while not is_over.wait(0.2):
            for each in slow:
                with suppress(OSError):  # it has been put out
                    each.sendall(b"P")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        assert post(door, b"{}").status_code == 200
    finally:
        is_over.set()
        dripping.join()
        for each in slow:
            each.close()


def test_a_slow_body_is_put_out(door: Door, hook: Hook) -> None:
    assert status(raw(door, head("Content-Length: 9"), b"{")) == 408
    assert not hook.events


def test_a_dashboard_that_is_away_has_eventbridge_try_again() -> None:
    door = Door(KEY, Webhook(f"http://127.0.0.1:{free_port()}/webhook/eventbridge", "tunnel").post)
    answer = post(door, b"{}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    door.close()


@pytest.mark.parametrize("answered", [202, 400, 413, 500])
def test_what_the_dashboard_answers_is_what_eventbridge_hears(answered: int, door: Door, hook: Hook) -> None:
    hook.status = answered
    answer = post(door, b"{}")
    assert (answer.status_code, answer.content) == (answered, hook.answer)


def test_many_at_once_all_come_through(door: Door, hook: Hook) -> None:
    answers: list[int] = []
    senders = [
        threading.Thread(target=lambda: answers.append(post(door, b"{}").status_code))
        for _ in range(2 * MOST_AT_ONCE)
    ]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    assert answers == [200] * len(senders)
