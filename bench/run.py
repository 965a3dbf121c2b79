"""Measures, prints a table, and writes JSON. Usage: bench/run [NAME…] [--rounds N] [--json FILE]."""

import argparse
import json
import platform
import sys
import tempfile
from pathlib import Path

from bench import figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(figures.FIGURES)}; all when none")
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds of each (5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures too")
    arguments = parser.parse_args()
    rows = [row for name in arguments.names or figures.FIGURES for row in _measured(name, arguments.rounds)]
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine(), "figures": rows}, indent=1) + "\n")
    return 0


def _measured(name: str, rounds: int) -> list[dict[str, object]]:
    print(f"\n## {name}\n\n| what | median | least | most | against | ratio | aim |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="hd-bench-") as folder:
        rows = [row.told() for row in figures.FIGURES[name](rounds, Path(folder))]
    for row in rows:
        print("| " + " | ".join(str(value) for value in row.values()) + " |", flush=True)
    return [{"figure": name, **row} for row in rows]


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    return {"python": platform.python_version(), "system": platform.platform(), "cores": str(figures.cores())}


if __name__ == "__main__":
    sys.exit(main())
