"""How the compiler and the running stack take a hundred and a thousand services."""

import json
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from bench.contenders import hd
from bench.row import Row
from hippodrome.config.load import Request, load
from hippodrome.control.rpc import Supervisor
from hippodrome.files import File
from hippodrome.plan.compile import compile_plan
from hippodrome.plan.draft import Selection
from hippodrome.plan.layout import Cache, Layout
from hippodrome.plan.model import Plan
from hippodrome.plan.surroundings import survey
from hippodrome.rundir import layout_of, locate, write_generation
from hippodrome.targets.supervisord import render

T = TypeVar("T")
SIZES = (100, 1_000)


def compiling(rounds: int, folder: Path) -> list[Row]:
    """From YAML to the text of supervisord.conf."""
    rows = []
    for size in SIZES:
        _write(folder, [_service(index, size) for index in range(size)])
        samples = [_seconds(partial(_compiled, folder))[0] for _ in range(rounds)]
        rows.append(Row(what=f"compile {size} services", samples=samples, aim="≤ 1.5 s" if size == SIZES[-1] else ""))
    return rows


def _compiled(folder: Path) -> list[File]:
    layout = layout_of(folder / "run")
    return render(_plan(folder, layout), layout=layout)


def running(rounds: int, folder: Path) -> list[Row]:
    """State of all, and a changed environment of one until its successor has started."""
    rows = []
    for size in SIZES:
        place = folder / str(size)
        place.mkdir()
        _write(place, [f"  s{index:04}: {{command: sleep 3600}}" for index in range(size)])
        hd(place, "up", "-d")
        try:
            status, reread, swap = _asked(rounds, place, size)
        finally:
            hd(place, "down")
        rows += [
            Row(what=f"status of {size} programs", samples=status, aim="≤ 0.05 s"),
            Row(what=f"supervisor's own re-reading of {size}", samples=reread),
            Row(what=f"swap of one among {size}, after that", samples=swap, aim="≤ 0.05 s"),
        ]
    return rows


def _asked(rounds: int, place: Path, size: int) -> tuple[list[float], list[float], list[float]]:
    layout = locate(place, {"XDG_STATE_HOME": str(place / "state")}).layout
    supervisor = Supervisor(layout)
    status, reread, swap = [], [], []
    for number in range(rounds):
        status.append(_seconds(supervisor.status)[0])
        changed = f"  s0007: {{command: sleep 3600, environment: {{ROUND: '{number}'}}}}"
        _write(place, [changed, *(f"  s{index:04}: {{command: sleep 3600}}" for index in range(size) if index != 7)])
        plan = _plan(place, layout)
        write_generation(layout, render(plan, layout=layout))
        before = supervisor.status().status("s0007").pid
        seconds, seen = _seconds(supervisor.reread)
        reread.append(seconds)
        assert seen.changed == ("s0007",)
        lists = {"added": [], "changed": ["s0007"], "removed": [], "plan": str(layout.plan)}
        swap.append(_seconds(partial(supervisor.apply, lists))[0])
        assert supervisor.status().status("s0007").pid not in (before, None)
    return status, reread, swap


def _write(folder: Path, services: list[str]) -> None:
    (folder / "hippodrome.yaml").write_text("\n".join(["packaged: false", "services:", *services, ""]))


def _service(index: int, size: int) -> str:
    """References and dependencies as real services have them, ten deep."""
    need = f", depends_on: [s{index - size // 10:04}]" if index >= size // 10 else ""
    peer = f"s{(index * 7) % size:04}"
    told = {"LOG_LEVEL": "${env.LOG_LEVEL:-info}", "PEER_URL": f"${{services.{peer}.url}}", "NAME": "${name}"}
    command = f"command: [serve, --port, '${{port}}'], port: {20_000 + index}, healthcheck: {{http: /health}}"
    return f"  s{index:04}: {{{command}, environment: {json.dumps(told)}{need}}}"


def _plan(folder: Path, layout: Layout) -> Plan:
    config = load(Request(project_root=folder, environ=os.environ))
    found = survey(config, layout, Cache.of(os.environ), environ=os.environ)
    return compile_plan(config, found, Selection())


def _seconds(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    done = work()
    return time.perf_counter() - began, done
