"""A dashboard of a small stack whose supervisord is a stand-in; real server, real files."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hippodrome.dashboard.app import create_app
from hippodrome.dashboard.board import Board
from hippodrome.dashboard.feed import Feed
from hippodrome.dashboard.server import Server
from hippodrome.events.proof import Record
from hippodrome.events.relay import Relay
from hippodrome.events.spool import Spool
from hippodrome.plan.model import LeftOut
from hippodrome.wait import Deadline, until
from tests.browser import OpenTab, Tab
from tests.dashboard.asking import Asked
from tests.dashboard.plans import plan, program, status
from tests.dashboard.stand_in import StandIn
from tests.events.receiving import Service, receiving
from tests.logs.writing import layout_in

PLAN = plan(
    program("cell", port=9001, probe_url="http://127.0.0.1:9001/health"),
    program("api", port=9002, needs=("cell",)),
    program("worker"),
    left_out=(LeftOut("moto", "AWS on this machine", "profile `core` does not have it"),),
)


@pytest.fixture
def open_tab(open_tab: OpenTab, request: pytest.FixtureRequest) -> OpenTab:
    """A tab of a browser that the dashboard under test, if there is one, has let in."""

    def open_one(**facts: Any) -> Tab:
        tab = open_tab(**facts)
        if "asked" in request.fixturenames:
            tab.page.context.request.get(request.getfixturevalue("asked").link)
        return tab

    return open_one


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    layout = layout_in(tmp_path)
    layout.plan.write_text(PLAN.to_json(), encoding="utf-8")
    layout.logs.mkdir()
    supervisor = StandIn(layout, [status("cell", pid=os.getpid()), status("api"), status("worker", "running")])
    feed = Feed(supervisor, layout)
    feed.start()
    assert until(lambda: not feed.known.problem, Deadline(20))
    relay = Relay(Spool(layout.spool), lambda: feed.known.plan, Record(layout.last_proof))
    relay.start()
    yield Board(layout, supervisor, feed, relay, "1.2.3")
    relay.close()
    feed.close()
    supervisor.go_away()


@pytest.fixture
def asked(board: Board) -> Iterator[Asked]:
    server = Server(create_app(board), "127.0.0.1", 0)
    serving = threading.Thread(target=server.run)
    serving.start()
    assert isinstance(board.supervisor, StandIn)
    yield Asked(server.port, board.layout, board.supervisor, board.feed)
    board.feed.close()
    server.stop()
    serving.join(20)
    assert not serving.is_alive()


@pytest.fixture
def exporter(asked: Asked, board: Board) -> Iterator[Service]:
    """The one service of the plan then: events come to it."""
    name = "ecom_settings_exporter"
    with receiving() as made:
        running = plan(program(name, port=made.port))
        asked.layout.plan.write_text(running.to_json(), encoding="utf-8")
        asked.supervisor.run_plan(running.digest)
        assert until(lambda: board.feed.known.plan and name in board.feed.known.plan, Deadline(20))
        yield made
