"""What a request leaves behind: its id and one line."""

import socket
import uuid

import pytest

from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, Service


def test_each_request_leaves_one_line_with_its_id_and_a_probe_leaves_none(own_cell: Service) -> None:
    answer = own_cell.ask("GET", "/indexes", headers={"X-Request-Id": "asked-by-a-test"})
    assert answer.headers["x-request-id"] == "asked-by-a-test"
    made = own_cell.ask("GET", "/indexes").headers["x-request-id"]
    own_cell.ask("GET", "/health", headers={"User-Agent": "hippodrome-probe/1", "X-Request-Id": "a-probe"})
    own_cell.end()
    lines = [line for line in own_cell.log.splitlines() if "GET /indexes" in line]
    assert ["request_id=asked-by-a-test" in lines[0], f"request_id={made}" in lines[1], len(lines)] == [True, True, 2]
    assert lines[0].startswith("INFO http: ")
    assert "status=200" in lines[0]
    assert "a-probe" not in own_cell.log


def lines_after(cell: Service, path: bytes, request_id: str) -> list[str]:
    """What the log has gained when the line of a request for this path, sent as it is, has come."""
    before = len(cell.log)
    with socket.create_connection(("127.0.0.1", cell.program.port or 0)) as connection:
        headers = f"Host: localhost\r\nConnection: close\r\nX-Request-Id: {request_id}\r\n\r\n"
        connection.sendall(b"GET " + path + b" HTTP/1.1\r\n" + headers.encode())
        while connection.recv(65536):
            pass
    assert until(lambda: cell.log.rstrip().endswith(f"request_id={request_id}"), Deadline(PATIENCE_S))
    return [line for line in cell.log[before:].splitlines() if "GET /health" not in line]


@pytest.mark.parametrize(
    "path", ["/x%0AERROR%20http:%20forged", "/x%1b[2J", "/x%0d%0a", "/%ff%fe", "/x%e2%80%a8y", "/" + "long" * 2000]
)
def test_a_path_cannot_forge_a_line_or_steer_a_terminal(cell: Service, path: str) -> None:
    (line,) = lines_after(cell, path.encode(), uuid.uuid4().hex)
    assert line.startswith(f"INFO http: GET {path} status=404")
    assert line.isprintable()
