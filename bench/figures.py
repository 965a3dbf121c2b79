"""The figures: what is measured, against what in the same run, and what we aim at."""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from bench import contenders, workload


@dataclass(frozen=True)
class Row:
    """One figure: `samples` in seconds (or `unit`), and the samples that it is held against, round by round."""

    what: str
    samples: Sequence[float]
    against: str = ""
    limit: Sequence[float] = ()
    aim: str = ""
    unit: str = "s"

    def told(self) -> dict[str, str]:
        """Cells of a table; the ratio is the median of the rounds' ratios."""
        ratios = [ours / theirs for ours, theirs in zip(self.samples, self.limit, strict=False)]
        return {
            "what": self.what,
            "median": f"{statistics.median(self.samples):.3f} {self.unit}",
            "least": f"{min(self.samples):.3f}",
            "most": f"{max(self.samples):.3f}",
            "against": self.against,
            "ratio": f"{statistics.median(ratios):.2f}" if ratios else "",
            "aim": self.aim,
        }


def _contest(
    rounds: int, folder: Path, made: Callable[[], list[workload.Tiny]], names: Iterable[str], aim: str
) -> list[Row]:
    """All contenders in turn, round by round, so that a machine that slows down slows all."""
    timings: dict[str, list[contenders.Timing]] = {name: [] for name in names}
    for number in range(rounds + 1):  # the first is a warm-up
        for name, samples in timings.items():
            place = folder / f"{name}{number}"
            place.mkdir(parents=True)
            timing = contenders.FLAT[name](made(), place)
            samples += [timing] * (number > 0)
    limit = [timing.healthy_s for timing in timings["bare"]]
    return [
        row
        for name, found in timings.items()
        for row in (
            Row(f"{name}: to healthy", [t.healthy_s for t in found], "bare", limit, aim * (name == "hippodrome")),
            Row(f"{name}: to stopped", [t.stopped_s for t in found], aim="0.3 s" * (name == "hippodrome")),
        )
    ]


def chain(rounds: int, folder: Path) -> list[Row]:
    """12 tiny services, 4 deep."""
    return _contest(rounds, folder, workload.chain, contenders.CHAIN, "≤ 1.20")


def flat(rounds: int, folder: Path) -> list[Row]:
    """12 tiny services that need nothing of each other."""
    return _contest(rounds, folder, workload.flat, contenders.FLAT, "ahead of every peer")


def _timed(command: list[str]) -> float:
    began = monotonic()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return monotonic() - began


def command_line(rounds: int, folder: Path) -> list[Row]:
    """How long the commands take that are typed all day."""
    click = [_timed([sys.executable, "-c", "import click"]) for _ in range(rounds * 4)]
    helped = [_timed([*contenders.HD, "--help"]) for _ in range(rounds * 4)]
    return [Row("hd --help", helped, 'python -c "import click"', click, "≤ 1.3")]


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


FIGURES: dict[str, Callable[[int, Path], list[Row]]] = {"chain": chain, "flat": flat, "command_line": command_line}
