"""Times the way from YAML to supervisord.conf at 100 and 1,000 services. Usage: bench/compile.py [--json FILE]."""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hippodrome.config.load import Request, load
from hippodrome.plan.compile import compile_plan
from hippodrome.plan.draft import Selection
from hippodrome.plan.layout import Cache, Layout
from hippodrome.plan.surroundings import survey
from hippodrome.targets.supervisord import render

T = TypeVar("T")
SIZES = (100, 1_000)
ROUNDS = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures too")
    arguments = parser.parse_args()
    rows = [{"services": size, **_median(size)} for size in SIZES]
    print("| " + " | ".join(rows[0]) + " |\n" + "|---" * len(rows[0]) + "|")
    for row in rows:
        print(
            f"| {row['services']:.0f} | "
            + " | ".join(f"{seconds:.3f}" for name, seconds in row.items() if name != "services")
            + " |"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


def _median(size: int) -> dict[str, float]:
    """Seconds of each part, and of the whole."""
    with tempfile.TemporaryDirectory(prefix="hd-bench-") as folder:
        root = Path(folder)
        (root / "hippodrome.yaml").write_text("\n".join(_yaml(size)), encoding="utf-8")
        rounds = [_timed(root) for _ in range(ROUNDS)]
    return {part: statistics.median(each[part] for each in rounds) for part in rounds[0]}


def _yaml(size: int) -> Iterator[str]:
    """Services in layers of ten: each needs two of the layer below, and names one by reference."""
    yield "packaged: false\nservices:"
    for at in range(size):
        needs = [f"s{below}" for below in (at - 10, at - 7) if below >= 0]
        yield f"  s{at}:"
        yield '    command: [serve, --port, "${port}"]'
        yield f"    port: {10_000 + at}"
        yield "    environment:"
        yield "      LEVEL: ${env.LEVEL:-info}"
        yield f"      OTHER: ${{services.s{at // 2}.url}}"
        yield f"    depends_on: [{', '.join(needs)}]"
        yield "    healthcheck: {http: /health, interval: 5s}"


def _timed(root: Path) -> dict[str, float]:
    seconds: dict[str, float] = {}

    def timed(part: str, work: Callable[[], T]) -> T:
        begun = perf_counter()
        made = work()
        seconds[part] = perf_counter() - begun
        return made

    layout = Layout(root / "run", root / "sock")
    config = timed("load", lambda: load(Request(project_root=root, environ={})))
    here = timed("survey", lambda: survey(config, layout, Cache(root / "cache"), environ=os.environ))
    plan = timed("compile", lambda: compile_plan(config, here, Selection()))
    timed("render", lambda: render(plan, layout=layout))
    return {**seconds, "whole": sum(seconds.values())}


if __name__ == "__main__":
    sys.exit(main())
