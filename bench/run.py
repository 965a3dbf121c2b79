"""Measures, prints tables, and writes JSON. Usage: bench/run [NAME…] [--rounds N] [--minutes N] [--json FILE]."""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench import cell, commands, flood, relay, scale, shop, soak, starting, worktree
from bench.row import Row

FIGURES: dict[str, Callable[[int, Path], list[Row]]] = {
    "core": starting.core,
    "chain": starting.chain,
    "flat": starting.flat,
    "crash": starting.crash,
    "command_line": commands.command_line,
    "compile": scale.compiling,
    "running": scale.running,
    "idle": commands.idle,
    "ecom": starting.ecom,
    "worktree": worktree.worktree,
    "ecom_idle": commands.idle_ecom,
    "ecom_ingest": shop.ingest,
    "ecom_chain": shop.chain,
    "ecom_search": shop.searching,
    "cell": cell.cell,
    "relay": relay.relay,
    "relay_loss": relay.loss,
    "flood": flood.flood,
}
LONG = {"soak": soak.soak}  # only when it is named: it takes minutes, not rounds


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures Hippodrome beside its limits and peers.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join([*FIGURES, *LONG])}; all but soak when none"
    )
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds of each (5)")
    parser.add_argument("--minutes", type=float, default=20.0, help="how long soak goes on (20)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures too")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - {*FIGURES, *LONG}:
        parser.error(f"no figure {', '.join(sorted(unknown))}; known: {', '.join([*FIGURES, *LONG])}")
    figures = FIGURES | {name: partial(_for_minutes, arguments.minutes, made) for name, made in LONG.items()}
    rows = [row for name in arguments.names or FIGURES for row in _measured(name, arguments.rounds, figures[name])]
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"machine": machine(), "figures": rows}, indent=1, ensure_ascii=False) + "\n"
        )
    return 1 if any(row["aim"].endswith(", missed") for row in rows) else 0


def _for_minutes(minutes: float, figure: Callable[[float, Path], list[Row]], _rounds: int, folder: Path) -> list[Row]:
    return figure(minutes, folder)


def _measured(name: str, rounds: int, figure: Callable[[int, Path], list[Row]]) -> list[dict[str, str]]:
    print(
        f"\n## {name}\n\n| what | median | least | most | beside | ratio | aim |\n|---|---|---|---|---|---|---|",
        flush=True,
    )
    with tempfile.TemporaryDirectory(prefix="hd-bench-") as folder:
        rows = [row.told() for row in figure(rounds, Path(folder))]
    for row in rows:
        print("| " + " | ".join(row.values()) + " |", flush=True)
    return [{"figure": name, **row} for row in rows]


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    cores = str(len(os.sched_getaffinity(0)))
    return {"python": platform.python_version(), "system": platform.system(), "cores": cores}


if __name__ == "__main__":
    sys.exit(main())
