"""To healthy and to stopped: the core profile, a chain and a flat dozen; and back again after a crash."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from bench import contenders, workload
from bench.contenders import Timing, hd
from bench.row import Row
from bench.workload import Command


def core(rounds: int, folder: Path) -> list[Row]:
    """The core profile, everything made before, against a bare shell with the same commands."""
    return _profile("core", rounds, folder, "≤ 1.10")


def ecom(rounds: int, folder: Path) -> list[Row]:
    """The e-commerce profile, likewise."""
    return _profile("ecom", rounds, folder, "≤ 1.15")


def _profile(name: str, rounds: int, folder: Path, aim: str) -> list[Row]:
    workload.write_profile(name, folder)
    hd(folder, "up", "-d")
    hd(folder, "down")
    commands = _commands(folder)
    limit, ours = [], []
    for _ in range(rounds):
        limit.append(contenders.bare(commands, folder))
        ours.append(contenders.project(commands, folder))
    return _rows(name, {"bare": limit, "hippodrome": ours}, aims={"hippodrome": aim})


def _commands(folder: Path) -> list[Command]:
    programs = json.loads(hd(folder, "plan", "--json").stdout)["plan"]["programs"]
    base = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return [
        Command(
            each["name"],
            tuple(each["argv"]),
            each["probe"]["target"],
            tuple(need["program"] for need in each["depends_on"] if need["condition"] == "healthy"),
            each["directory"],
            tuple({**base, **each["environment"]}.items()),
        )
        for each in programs
    ]


def chain(rounds: int, folder: Path) -> list[Row]:
    """12 tiny services, 4 deep, that take 0.2 s and 1 s to answer."""
    return [
        row
        for delay_s in (0.2, 1.0)
        for row in _contest(
            f"chain of {delay_s:g} s", rounds, folder, partial(workload.chain, delay_s), contenders.CHAIN, "≤ 1.20"
        )
    ]


def flat(rounds: int, folder: Path) -> list[Row]:
    """12 tiny services that need nothing of each other."""
    present = {name: run for name, run in contenders.FLAT.items() if name != "mprocs" or contenders.mprocs_path()}
    return _contest("flat", rounds, folder, workload.flat, present, "before all peers")


def _contest(
    title: str, rounds: int, folder: Path, made: Callable[[], list[Command]], names: Iterable[str], aim: str
) -> list[Row]:
    """All contenders in turn, round by round, so that a machine that slows down slows all."""
    timings: dict[str, list[Timing]] = {name: [] for name in names}
    for number in range(rounds + 1):  # the first is a warm-up
        for name, samples in timings.items():
            place = folder / f"{title}-{name}-{number}"
            place.mkdir(parents=True)
            timing = contenders.FLAT[name](made(), place)
            samples += [timing] * (number > 0)
    return _rows(title, timings, aims={"hippodrome": aim})


def _rows(title: str, timings: dict[str, list[Timing]], *, aims: dict[str, str]) -> list[Row]:
    limit = [timing.healthy_s for timing in timings["bare"]]
    rows = []
    for name, found in timings.items():
        healthy, stopped = [each.healthy_s for each in found], [each.stopped_s for each in found]
        is_limit = name == "bare"
        beside: dict[str, object] = {} if is_limit else {"against": "bare", "limit": limit}
        rows.append(Row(what=f"{title}: {name} to healthy", samples=healthy, aim=aims.get(name, ""), **beside))  # type: ignore[arg-type]
        is_ours = name == "hippodrome"
        rows.append(Row(what=f"{title}: {name} to stopped", samples=stopped, aim="≤ 0.3 s" if is_ours else ""))
    return rows


def crash(rounds: int, folder: Path) -> list[Row]:
    """From `kill -9` of a service until its successor answers, less what the service itself takes to start."""
    service = workload.flat(1)[0]
    declared = {"command": list(service.argv), "port": workload.port_of(service.url), "healthcheck": {"http": "/"}}
    (folder / "hippodrome.yaml").write_text(json.dumps({"packaged": False, "services": {"one": declared}}))
    over, own = [], []
    hd(folder, "up", "-d")
    try:
        for _ in range(rounds):
            hd(folder, "restart", "one")  # an asked-for life: what counts is the first crash after it
            pid = json.loads(hd(folder, "ps", "--json").stdout)["services"][0]["pid"]
            own.append(_own_start_s())
            os.kill(pid, signal.SIGKILL)
            began = time.monotonic()
            while workload.answers(service.url):
                time.sleep(workload.LOOK_S)
            over.append(workload.wait_all([service.url], up=True) - began - own[-1])
    finally:
        hd(folder, "down")
    return [Row(what="crash to its successor, over its own start", samples=over, aim="≤ 0.05 s")]


def _own_start_s() -> float:
    service = workload.flat(1)[0]
    began = time.monotonic()
    child = subprocess.Popen(service.argv)
    try:
        return workload.wait_all([service.url], up=True) - began
    finally:
        child.kill()
        child.wait()
