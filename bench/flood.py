"""How quick `hd ps` and a supervisord's answer stay while one service floods its log."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.contenders import hd
from bench.row import Row
from hippodrome.control.rpc import Supervisor
from hippodrome.rundir import locate

FLOOD = "import sys\nwhile True: sys.stdout.write('x' * 99 + '\\n')"
SETTLE_S = 2.0


def flood(rounds: int, folder: Path) -> list[Row]:
    """Beside the same stack while the service is stopped."""
    service = {"command": [sys.executable, "-c", FLOOD], "logging": {"options": {"max-size": "20m", "max-file": "3"}}}
    calm = {"command": ["sleep", "3600"]}
    (folder / "hippodrome.yaml").write_text(
        json.dumps({"packaged": False, "services": {"floods": service, "a": calm}})
    )
    supervisor = Supervisor(locate(folder, {"XDG_STATE_HOME": str(folder / "state")}).layout)
    hd(folder, "up", "-d")
    try:
        time.sleep(SETTLE_S)
        log = supervisor
        during = [(_seconds(lambda: hd(folder, "ps")), _seconds(log.status)) for _ in range(2 * rounds)]
        hd(folder, "stop", "floods")
        calmed = [(_seconds(lambda: _ps(folder)), _seconds(log.status)) for _ in range(2 * rounds)]
    finally:
        hd(folder, "down")
    (ps, status), (ps_calm, status_calm) = zip(*during, strict=True), zip(*calmed, strict=True)
    return [
        Row(what="hd ps during a flood", samples=ps, against="without it", limit=ps_calm, aim="≤ 1 s"),
        Row(what="status during a flood", samples=status, against="without it", limit=status_calm, aim="≤ 0.25 s"),
    ]


def _ps(folder: Path) -> None:
    """One service is stopped by hand, which `hd ps` tells by its exit status."""
    hd(folder, "ps", "a")


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
