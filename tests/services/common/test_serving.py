"""How a service that shares the common parts ends."""

import signal
import socket
import time

import requests

from tests.services.conftest import Pair


def test_it_ends_in_time_though_a_client_keeps_its_connection_and_leaves_its_port_free(pair: Pair) -> None:
    pair.cell.start()
    with requests.Session() as session:
        session.get(pair.cell.url + "/health")
        began = time.monotonic()
        assert pair.cell.end() in (0, -signal.SIGTERM)
        assert time.monotonic() - began < pair.cell.program.stop_grace_s
    with socket.create_server(("127.0.0.1", pair.cell.program.port or 0)):
        pass


def test_a_request_that_never_ends_does_not_keep_it(pair: Pair) -> None:
    cell = pair.cell.start()
    with socket.create_connection(("127.0.0.1", cell.program.port or 0)) as connection:
        headers = "Host: localhost\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n"
        connection.sendall(f"POST /indexes/half-said HTTP/1.1\r\n{headers}".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100")  # the route waits for the body now
        began = time.monotonic()
        cell.end()
        assert time.monotonic() - began < cell.program.stop_grace_s
