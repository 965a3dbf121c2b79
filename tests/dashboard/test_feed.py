"""One long poll for all readers."""

import threading
import time

from hippodrome.dashboard.board import Board
from hippodrome.wait import Deadline, until
from tests.dashboard.conftest import PLAN
from tests.dashboard.stand_in import StandIn


def test_a_change_wakes_every_reader_at_once(board: Board) -> None:
    supervisor, feed = board.supervisor, board.feed
    assert isinstance(supervisor, StandIn)
    version, heard = feed.known.version, []
    readers = [threading.Thread(target=lambda: heard.append(feed.wait(version, 30).version)) for _ in range(8)]
    for reader in readers:
        reader.start()
    supervisor.set("api", "stopped")
    for reader in readers:
        reader.join(20)
    assert heard == [version + 1] * 8
    assert supervisor.polls <= 3


def test_nothing_is_asked_while_nothing_changes(board: Board) -> None:
    assert isinstance(board.supervisor, StandIn)
    polls, version = board.supervisor.polls, board.feed.known.version
    assert board.feed.wait(version, 0.5).version == version
    assert board.supervisor.polls - polls <= 1


def test_a_new_plan_is_read_with_its_first_snapshot(board: Board) -> None:
    supervisor, feed = board.supervisor, board.feed
    assert isinstance(supervisor, StandIn)
    smaller = PLAN.with_programs(PLAN.programs[:1])
    board.layout.plan.write_text(smaller.to_json(), encoding="utf-8")
    supervisor.set("api", "stopped")
    assert until(lambda: feed.known.snapshot and feed.known.snapshot.status("api").state == "stopped", Deadline(20))
    assert board.programs == PLAN.names
    supervisor.run_plan("another")
    assert until(lambda: board.programs == ("cell",), Deadline(20))


def test_what_was_known_stays_while_supervisord_is_gone(board: Board) -> None:
    assert isinstance(board.supervisor, StandIn)
    board.supervisor.go_away()
    assert until(lambda: board.feed.known.problem, Deadline(20))
    known = board.feed.known
    assert known.snapshot is not None
    assert known.snapshot.status("api").state == "healthy"
    asked_before, started = board.supervisor.polls, time.monotonic()
    board.supervisor.come_back()
    assert until(lambda: not board.feed.known.problem, Deadline(20))
    assert board.supervisor.polls - asked_before <= 3 + (time.monotonic() - started) * 2
