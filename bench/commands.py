"""How long the commands take that are typed all day, and what the runtime costs while nothing happens."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench import workload
from bench.contenders import HD, QUIET, ROOT, hd, own_places
from bench.row import Row

TIMES = 5  # as many samples as rounds; each is short
SETTLE_S = 5.0
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
    environment = {**os.environ, **own_places(folder)}
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
    used = footprint("core", max(1, rounds // 2), folder)
    ours = [used["warden"], used["supervisord"], used["dashboard"]]
    return [
        Row(
            what="memory of warden, supervisord and dashboard",
            samples=[sum(each.memory_mib for each in ours)],
            unit="MiB",
            aim="< 100 MiB",
        ),
        Row(what="idle CPU of these", samples=_summed(ours), unit="%", aim="< 1 %"),
        Row(what="idle CPU of the core profile", samples=_summed(used.values()), unit="%", aim="< 2 %"),
    ]


def idle_ecom(rounds: int, folder: Path) -> list[Row]:
    """The same of the e-commerce profile, service by service."""
    used = footprint("ecom", max(1, rounds // 2), folder)
    rows = [
        row
        for name, each in sorted(used.items())
        for row in (
            Row(what=f"memory of {name}", samples=[each.memory_mib], unit="MiB"),
            Row(what=f"idle CPU of {name}", samples=each.cpu_percent, unit="%"),
        )
    ]
    memory = sum(each.memory_mib for each in used.values())
    return [
        Row(what="memory of the e-commerce profile", samples=[memory], unit="MiB", aim="< 1229 MiB"),
        Row(what="idle CPU of the e-commerce profile", samples=_summed(used.values()), unit="%", aim="< 4 %"),
        *rows,
    ]


@dataclass(frozen=True)
class Footprint:
    """Of a service with all of its processes: resident MiB, shared pages counted in part; percent of a core."""

    memory_mib: float
    cpu_percent: list[float]


def footprint(profile: str, rounds: int, folder: Path) -> dict[str, Footprint]:
    """By program, and of `warden` and `supervisord`, while nobody asks anything of the stack."""
    workload.write_profile(profile, folder)
    hd(folder, "up", "-d")
    try:
        time.sleep(SETTLE_S)  # what starts settles
        told = json.loads(hd(folder, "ps", "--json").stdout)["services"]
        daemon = int(hd(folder, "ctl", "pid").stdout)
        groups = {each["name"]: _family(each["pid"]) for each in told if each["pid"]}
        groups |= {"warden": [_parent(daemon)], "supervisord": [daemon]}
        cpu: dict[str, list[float]] = {name: [] for name in groups}
        for _ in range(rounds):
            before = {name: sum(map(_cpu_s, pids)) for name, pids in groups.items()}
            time.sleep(IDLE_S)
            for name, pids in groups.items():
                cpu[name].append((sum(map(_cpu_s, pids)) - before[name]) / IDLE_S * 100)
        return {name: Footprint(sum(map(_memory, pids)) / MIB, cpu[name]) for name, pids in groups.items()}
    finally:
        hd(folder, "down")


def _summed(those: Iterable[Footprint]) -> list[float]:
    """Percent of all of them, round by round."""
    return [sum(each) for each in zip(*(one.cpu_percent for one in those), strict=True)]


def _family(pid: int) -> list[int]:
    """The process and all below it."""
    children = {
        int(entry.name): _parent(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()
    }
    found = [pid]
    for each in found:
        found += [child for child, parent in children.items() if parent == each]
    return found


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> int:
    """Resident bytes, shared pages counted in part."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
