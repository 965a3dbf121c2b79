"""`kill -9` of each process of the core profile in turn: it is back, does its work, and no other has noticed."""

import os
import signal
from typing import Any

import pytest

from hippodrome.rundir import locate
from hippodrome.wait import Deadline, until
from tests.core.conftest import PATIENCE_S, SERVICES, Core

pytestmark = pytest.mark.faults


def rested(core: Core, victim: str) -> dict[str, Any]:
    """How all are. What is killed again and again is given up, as it should: being restarted by hand, it is new."""
    if core.statuses()[victim]["restarts"] >= 3:
        assert core.hd("restart", victim).returncode == 0
    return core.statuses()


@pytest.mark.parametrize("victim", SERVICES)
def test_a_killed_service_is_back_and_no_other_was_touched(core: Core, victim: str) -> None:
    before = rested(core, victim)
    os.kill(before[victim]["pid"], signal.SIGKILL)

    def is_back() -> dict[str, Any] | None:
        now = core.statuses()
        has_new = now[victim]["pid"] not in (None, before[victim]["pid"])
        return now if has_new and all(now[name]["state"] == "healthy" for name in SERVICES) else None

    after = until(is_back, Deadline(PATIENCE_S), pause_s=0.1)
    assert after, core.hd("ps").stdout
    others = set(SERVICES) - {victim}
    assert {name: after[name]["pid"] for name in others} == {name: before[name]["pid"] for name in others}
    assert after[victim]["restarts"] == before[victim]["restarts"] + 1


CELL = "hippodrome/services/fake_cell/cell.py"
VERSION, CHANGED = 'VERSION = "2.26.0"', 'VERSION = "2.26.98"'


def test_a_killed_watcher_is_back_and_the_next_change_restarts(core: Core) -> None:
    log = locate(core.folder, core.environ).layout.log("watcher")
    before, looks = rested(core, "watcher"), log.read_text().count("INFO watcher: watching")
    os.kill(before["watcher"]["pid"], signal.SIGKILL)
    assert until(lambda: log.read_text().count("INFO watcher: watching") > looks, Deadline(PATIENCE_S), pause_s=0.05)
    after = core.statuses()
    assert after["watcher"]["pid"] not in (None, before["watcher"]["pid"])
    assert {name: after[name]["pid"] for name in SERVICES} == {name: before[name]["pid"] for name in SERVICES}
    core.edit(CELL, VERSION, CHANGED)
    try:
        assert core.answers_with("fake_cell", "/", "2.26.98")
    finally:
        core.edit(CELL, CHANGED, VERSION)
        assert core.answers_with("fake_cell", "/", "2.26.0")
        core.hd("wait")
