"""How a service that shares the common parts ends."""

import signal
import socket
import time

import pytest
import requests

from tests.services.conftest import Pair


def test_sigterm_ends_it_before_its_grace_is_over_though_a_client_keeps_its_connection(pair: Pair) -> None:
    pair.cell.start()
    with requests.Session() as session:
        session.get(pair.cell.url + "/health")
        began = time.monotonic()
        assert pair.cell.end() in (0, -signal.SIGTERM)
        assert time.monotonic() - began < pair.cell.program.stop_grace_s


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_request_that_never_ends_does_not_keep_it(pair: Pair, sent: signal.Signals) -> None:
    cell = pair.cell.start()
    with socket.create_connection(("127.0.0.1", cell.program.port or 0)) as connection:
        headers = "Host: localhost\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n"
        connection.sendall(f"POST /indexes/half-said HTTP/1.1\r\n{headers}".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100")  # the route waits for the body now
        began = time.monotonic()
        cell.end(sent)
        assert time.monotonic() - began < cell.program.stop_grace_s


def test_its_port_is_free_for_the_next_at_once(pair: Pair) -> None:
    cell = pair.cell.start()
    cell.end()
    with socket.create_server(("127.0.0.1", cell.program.port or 0)):
        pass
