"""`kill -9` of each process of the core profile in turn: it is back, and no other has noticed."""

import os
import signal
from typing import Any

import pytest

from hippodrome.wait import Deadline, until
from tests.core.conftest import PATIENCE_S, SERVICES, Core

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("victim", SERVICES)
def test_a_killed_service_is_back_and_no_other_was_touched(core: Core, victim: str) -> None:
    before = core.statuses()
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
