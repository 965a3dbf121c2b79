"""How long the commands take that are typed all day, and what the runtime costs while nothing happens."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bench import workload
from bench.contenders import HD, QUIET, ROOT, hd
from bench.row import Row

TIMES = 5  # as many samples as rounds; each is short
IDLE_S = 20.0
MIB = 1 << 20


def command_line(rounds: int, folder: Path) -> list[Row]:
    """`hd --help` and `hd ps` against the import of click alone; what `./hd` adds; an `hd up` with nothing to do."""
    service = workload.flat(1)[0]
    declared = {"command": list(service.argv), "port": workload.port_of(service.url), "healthcheck": {"http": "/"}}
    (folder / "hippodrome.yaml").write_text(json.dumps({"packaged": False, "services": {"one": declared}}))
    hd(folder, "up", "-d")
    commands = {
        "click": [sys.executable, "-c", "import click"],
        "help": [*HD, "--help"],
        "ps": [*HD, "ps"],
        "up": [*HD, "up", "-d"],
        "script": [str(ROOT / "hd"), "--help"],
    }
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
    samples: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds * TIMES + 1):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, cwd=folder, env=environment, check=True, **QUIET)  # type: ignore[call-overload]
            samples[name] += [time.perf_counter() - began] * (number > 0)
    hd(folder, "down")
    beside = {"against": "import click", "limit": samples["click"]}
    return [
        Row(what="hd --help", samples=samples["help"], aim="≤ 1.3", **beside),  # type: ignore[arg-type]
        Row(what="hd ps", samples=samples["ps"], aim="≤ 1.6", **beside),  # type: ignore[arg-type]
        Row(what="./hd, over python", samples=_over(samples["script"], samples["help"]), aim="≤ 0.03 s"),
        Row(
            what="hd up -d with nothing to do, over hd ps", samples=_over(samples["up"], samples["ps"]), aim="≤ 0.5 s"
        ),
    ]


def _over(these: list[float], those: list[float]) -> list[float]:
    return [one - other for one, other in zip(these, those, strict=True)]


def idle(rounds: int, folder: Path) -> list[Row]:
    """Memory and CPU of the core profile while nobody asks anything of it."""
    names = ("fake_cell", "controller", "console", "dashboard")
    services = {name: {"port": port} for name, port in zip(names, workload.free_ports(4), strict=True)}
    (folder / "hippodrome.yaml").write_text(json.dumps({"services": services}))
    hd(folder, "up", "-d")
    try:
        told = json.loads(hd(folder, "ps", "--json").stdout)["services"]
        daemon = int(hd(folder, "ctl", "pid").stdout)
        warden = _parent(daemon)
        dashboard = next(each["pid"] for each in told if each["name"] == "dashboard")
        ours = [warden, daemon, dashboard]
        everything = [*ours, *(each["pid"] for each in told if each["pid"] != dashboard)]
        time.sleep(5.0)  # what starts settles
        own, whole = [], []
        for _ in range(max(1, rounds // 2)):
            before = {pid: _cpu_s(pid) for pid in everything}
            time.sleep(IDLE_S)
            used = {pid: (_cpu_s(pid) - before[pid]) / IDLE_S * 100 for pid in everything}
            own.append(sum(used[pid] for pid in ours))
            whole.append(sum(used.values()))
        memory = sum(_memory(pid) for pid in ours) / MIB
    finally:
        hd(folder, "down")
    return [
        Row(what="memory of warden, supervisord and dashboard", samples=[memory], unit="MiB", aim="< 100 MiB"),
        Row(what="idle CPU of these", samples=own, unit="%", aim="< 1 %"),
        Row(what="idle CPU of the core profile", samples=whole, unit="%", aim="< 2 %"),
    ]


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> int:
    """Resident bytes, shared pages counted in part."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
