"""A cell that is down, slow, failing or no cell: clear errors, and nothing half made."""

import contextlib
import http.server
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import requests

from tests.services.conftest import PATIENCE_S, Pair, Service
from tests.services.controller.conftest import Control, assert_error


def test_a_cell_that_is_down_is_said_with_its_address_and_nothing_is_made(migrated_pair: Pair) -> None:
    control = Control(migrated_pair.controller.start(), migrated_pair.cell)
    for method, name in (("POST", "books"), ("POST", "shelves")):
        assert_error(control.ask(method, name), 502, "cell_unreachable", migrated_pair.cell.url, "try again")
    assert control.rows == []
    assert control.ask("GET").json() == {"results": []}
    migrated_pair.cell.start()
    control.create("books")
    assert (control.listed, control.in_cell) == (["books"], ["books"])


def test_while_the_cell_is_down_indexes_are_listed_and_none_is_deleted(own_control: Control) -> None:
    own_control.create("books")
    own_control.cell.end()
    assert own_control.ask("GET", "books").json()["docs.count"] is None
    assert own_control.ask("GET", "books/status").json() == {"indexStatus": "READY"}
    for method, path in (("DELETE", "books"), ("GET", "books/stats"), ("GET", "books/settings")):
        assert_error(own_control.ask(method, path), 502, "cell_unreachable", own_control.cell.url)
    assert own_control.listed == ["books"]
    assert own_control.controller.ask("GET", "/health").ok
    own_control.cell.start()
    assert own_control.ask("DELETE", "books").ok
    assert (own_control.listed, own_control.in_cell) == ([], [])


@pytest.mark.parametrize("status", [500, 503])
def test_a_cell_that_fails_leaves_nothing_made(control: Control, name: str, status: int) -> None:
    for path in (f"/indexes/{name}/settings", f"/indexes/{name}"):  # the look whether it is there, then the making
        if path.endswith(name):
            control.fault(status=404, path=f"/indexes/{name}/settings")
        control.fault(status=status, path=path)
        assert_error(control.ask("POST", name), 502, "cell_failed", f"HTTP {status}", "A fault that was asked for.")
        assert name not in control.in_cell + control.rows
    control.create(name)


@pytest.mark.parametrize("status", [500, 503])
def test_a_cell_that_fails_while_deleting_leaves_the_index_which_can_be_deleted_later(
    control: Control, name: str, status: int
) -> None:
    control.create(name)
    control.fault(status=status, path=f"/indexes/{name}")
    assert_error(control.ask("DELETE", name), 502, "cell_failed", f"HTTP {status}", "Nothing was changed")
    assert name in control.listed
    assert name in control.in_cell
    assert control.ask("GET", f"{name}/status").json() == {"indexStatus": "READY"}
    assert control.ask("DELETE", name).ok
    assert name not in control.listed + control.in_cell


def test_a_database_that_refuses_leaves_nothing_in_the_cell(own_control: Control) -> None:
    refuse = "CREATE TRIGGER refuse BEFORE INSERT ON indexes_index BEGIN SELECT RAISE(ABORT, 'no more'); END"
    own_control.database(refuse)
    assert_error(own_control.ask("POST", "books"), 500, "internal", "log")
    assert own_control.in_cell + own_control.rows == []
    assert "no more" in own_control.controller.log
    own_control.database("DROP TRIGGER refuse")
    own_control.create("books")


def test_a_cell_that_hangs_does_not_hang_the_list(own_control: Control) -> None:
    names = [f"books-{number}" for number in range(8)]
    for name in names:
        own_control.create(name)
    own_control.fault(delay=300, path="/indexes", count=100)
    began = time.monotonic()
    results = own_control.ask("GET").json()["results"]
    assert time.monotonic() - began < 15  # the published client's patience
    assert [each["indexName"] for each in results] == names
    assert {each["docs.count"] for each in results} == {None}


@dataclass
class StandIn:
    """Something on the cell's port: what it answers to each method, and what it was asked.

    A method without an answer hangs until the end.
    """

    answers: Mapping[str, tuple[int, bytes]]
    seen: list[str] = field(default_factory=list)
    hung: threading.Event = field(default_factory=threading.Event)
    ending: threading.Event = field(default_factory=threading.Event)

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.seen.append(f"{request.command} {request.path}")
        if request.command not in self.answers:
            self.hung.set()
            self.ending.wait()
            return
        status, body = self.answers[request.command]
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    @contextmanager
    def on_the_port_of(self, cell: Service) -> Iterator[None]:
        methods = dict.fromkeys(("do_GET", "do_POST", "do_DELETE"), self.answer)
        quiet = {"log_message": lambda *_: None}
        handler = type("Handler", (http.server.BaseHTTPRequestHandler,), {**quiet, **bound(methods)})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", cell.program.port or 0), handler)
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        try:
            yield
        finally:
            self.ending.set()
            server.shutdown()
            serving.join()
            server.server_close()


def bound(methods: Mapping[str, Callable[[http.server.BaseHTTPRequestHandler], None]]) -> dict[str, object]:
    """As functions of a class: each gets the handler."""
    return {name: lambda handler, answer=answer: answer(handler) for name, answer in methods.items()}


ABSENT = (404, b'{"message": "", "code": "index_not_found", "type": "invalid_request", "link": null}')


@pytest.mark.parametrize("making", [{"POST": (500, b"{}")}, {"POST": (200, b"<html>")}, {}])
def test_what_a_cell_may_have_made_though_it_failed_is_removed(
    migrated_pair: Pair, making: dict[str, tuple[int, bytes]]
) -> None:
    control = Control(migrated_pair.controller.start(CONTROLLER_CELL_TIMEOUT_S="0.5"), migrated_pair.cell)
    cell = StandIn({"GET": ABSENT, "DELETE": (200, b'{"acknowledged": true}'), **making})
    with cell.on_the_port_of(migrated_pair.cell):
        code = "cell_failed" if making else "cell_timeout"
        assert_error(control.ask("POST", "books"), 502 if making else 504, code, "ell")
    assert cell.seen == ["GET /indexes/books/settings", "POST /indexes/books", "DELETE /indexes/books"]
    assert control.rows == []


def test_sigterm_ends_it_before_its_grace_is_over_though_a_request_waits_for_the_cell(migrated_pair: Pair) -> None:
    control, cell = Control(migrated_pair.controller.start(), migrated_pair.cell), StandIn({})
    with cell.on_the_port_of(migrated_pair.cell):
        asking = threading.Thread(target=ask_in_vain, args=(control,))
        asking.start()
        assert cell.hung.wait(PATIENCE_S)
        began = time.monotonic()
        control.controller.end()
        assert time.monotonic() - began < migrated_pair.controller.program.stop_grace_s
        asking.join()
    assert control.rows == []


def test_while_an_index_is_being_made_nobody_else_makes_or_deletes_it(migrated_pair: Pair) -> None:
    control, cell = Control(migrated_pair.controller.start(), migrated_pair.cell), StandIn({"GET": ABSENT})
    with cell.on_the_port_of(migrated_pair.cell):
        making = threading.Thread(target=ask_in_vain, args=(control,))
        making.start()
        assert cell.hung.wait(PATIENCE_S)
        for method in ("POST", "DELETE"):
            assert_error(control.ask(method, "books"), 409, "operation_conflict_error", "books")
        assert control.ask("GET").json() == {"results": []}
    making.join()
    assert_error(control.ask("POST", "books"), 502, "cell_unreachable")  # nobody is at it any more


def ask_in_vain(control: Control) -> None:
    with contextlib.suppress(requests.RequestException):
        control.ask("POST", "books")


def test_what_is_no_cell_is_never_taken_for_one(own_control: Control) -> None:
    own_control.create("books")
    own_control.cell.end()
    for answer in ((404, b'{"detail": "Not Found"}'), (404, b"<html>"), (200, b"<html>"), (200, b""), (401, b"[]")):
        with StandIn(dict.fromkeys(("GET", "POST", "DELETE"), answer)).on_the_port_of(own_control.cell):
            for method, name in (("DELETE", "books"), ("POST", "shelves")):
                assert_error(own_control.ask(method, name), 502, "cell_failed", f"HTTP {answer[0]}")
            assert own_control.ask("GET", "books").json()["docs.count"] is None
    assert own_control.rows == own_control.listed == ["books"]
