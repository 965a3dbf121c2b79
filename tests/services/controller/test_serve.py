"""The controller's process: its start, its database, its end."""

import signal
import socket
import threading

import pytest

from tests.services.conftest import Pair
from tests.services.controller.conftest import KEY, Control


def test_a_first_start_makes_the_database_with_one_account_and_its_key(pair: Pair) -> None:
    own_control = Control(pair.controller.start(), pair.cell)
    applied = {app for (app,) in own_control.database("SELECT app FROM django_migrations")}
    assert {"indexes", "auth", "admin", "sessions"} <= applied
    rows = own_control.database(
        "SELECT a.name, k.key, k.scope FROM indexes_apikey k JOIN indexes_account a ON a.id = k.account_id"
    )
    assert rows == [("local", KEY["x-api-key"], "admin")]
    assert own_control.ask("GET").json() == {"results": []}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_all_is_as_it_was_after_a_restart(own_control: Control, how: signal.Signals) -> None:
    own_control.create("kept", model="random/small", numberOfReplicas=2)
    own_control.create("gone")
    own_control.ask("DELETE", "gone")
    before = own_control.ask("GET").json()
    own_control.controller.restart(how)
    assert own_control.ask("GET").json() == before
    assert own_control.listed == ["kept"]
    assert own_control.ask("GET", "gone/status").json() == {"indexStatus": "DELETED"}
    assert own_control.database("SELECT count(*) FROM indexes_apikey") == [(1,)]
    own_control.create("gone")


def test_kill_9_between_any_two_steps_never_leaves_a_row_without_its_index(own_control: Control) -> None:
    for turn in range(3):
        name, is_over = f"turn-{turn}", threading.Event()
        creating = threading.Thread(target=create_until_killed, args=(own_control, name, is_over))
        creating.start()
        while len(own_control.in_cell) <= turn * 5:
            pass
        own_control.controller.end(signal.SIGKILL)
        is_over.set()
        creating.join()
        own_control.controller.start()
        assert set(own_control.listed) <= set(own_control.in_cell)


def create_until_killed(control: Control, name: str, is_over: threading.Event) -> None:
    number = 0
    while not is_over.is_set():
        try:
            control.ask("POST", f"{name}-{number}")
        except OSError:
            return
        number += 1


def test_the_life_of_an_index_can_be_made_slow_enough_to_see(migrated_pair: Pair) -> None:
    controller = migrated_pair.controller.start(CONTROLLER_CREATE_DELAY_S="3600")
    control = Control(controller, migrated_pair.cell.start())
    control.create("books")
    assert control.ask("GET", "books/status").json() == {"indexStatus": "CREATING"}
    controller.restart()  # without a delay
    assert control.ask("GET", "books/status").json() == {"indexStatus": "READY"}


def test_sigterm_ends_it_well_and_its_port_is_free_for_the_next_at_once(migrated_pair: Pair) -> None:
    controller = migrated_pair.controller.start()
    assert controller.end() == 0
    assert "Traceback" not in controller.log
    with socket.create_server(("127.0.0.1", controller.program.port or 0)):
        pass


def test_a_port_that_is_taken_ends_it_with_the_reason(pair: Pair) -> None:
    with socket.create_server(("127.0.0.1", pair.controller.program.port or 0)):
        pair.controller.launch()
        assert pair.controller.process
        assert pair.controller.process.wait(60) != 0
    assert "Address already in use" in pair.controller.log


def test_each_request_leaves_one_line_with_its_id_which_the_cell_hears_too(own_control: Control) -> None:
    own_control.ask("POST", "books", headers={"X-Request-Id": "asked-by-a-test"})
    own_control.controller.ask(
        "GET", "/health", headers={"User-Agent": "hippodrome-probe/1", "X-Request-Id": "a-probe"}
    )
    own_control.controller.end()
    lines = [line for line in own_control.controller.log.splitlines() if "/api/v2" in line]
    assert len(lines) == 1
    assert lines[0].startswith("INFO controller.http: POST /api/v2/indexes/books status=200 ")
    assert lines[0].endswith("request_id=asked-by-a-test")
    assert "request_id=asked-by-a-test" in own_control.cell.log
    assert "a-probe" not in own_control.controller.log


@pytest.mark.parametrize("path", ["/x%0AERROR%20http:%20forged", "/x%1b%5B2J", "/%ff", "/x%e2%80%a8y"])
def test_a_path_cannot_forge_a_line_or_steer_a_terminal(control: Control, path: str) -> None:
    before = len(control.controller.log)
    assert control.controller.ask("GET", path).status_code == 404
    (line,) = control.controller.log[before:].splitlines()
    assert line.startswith("INFO controller.http: GET /")
    assert line.isprintable()
