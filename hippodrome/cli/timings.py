"""`hd timings`."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import cut, duration, echo, not_shown, print_json, width
from hippodrome.cli.project import open_project
from hippodrome.diagnose.timings import Difference, Run, Step, compared, of_another_version, runs
from hippodrome.errors import ExitCode, Problem, UserError

BAR, SECONDS = 34, 8  # columns at least of the waterfall, and of the figure beside it
MARKS = {"wait": "·", "healthy": "━", "spawn": "▪"}


@click.command("timings")
@click.option(
    "--compare",
    "back",
    type=click.IntRange(min=1),
    is_flag=False,
    flag_value=1,
    metavar="[N]",
    help="What became slower or quicker since the Nth run before the last; the one before it when N is not given.",
)
@json_option
@root_option
def command(back: int | None, as_json: bool, project_root: Path | None) -> int:
    """Where the time of the last start went: set-up, spawn, until healthy, and the way that took longest. Reads only.

    The last 20 runs of `hd up` are kept. What a shorter step would have made the whole shorter is marked with `*`.
    """
    layout = open_project(project_root, tells_stop=True).instance.layout
    kept = runs(layout)
    if unread := of_another_version(layout):
        echo(not_shown(unread, "run"), err=True)
    last, before = _run(kept, 0), _run(kept, back) if back else None
    found = compared(last, before) if before else None
    if as_json:
        print_json(told(last, before, found) | {"kept": [_head(run) for run in kept], "not_shown": unread})
    elif before is None or found is None:
        for line in waterfall(last):
            echo(line)
    else:
        for line in differences(last, before, found):
            echo(line)
    return 0


def told(last: Run, before: Run | None, found: tuple[Difference, ...] | None) -> dict[str, Any]:
    """For scripts."""
    differs = None if found is None else [asdict(each) for each in found]
    return {"run": asdict(last), "before": _head(before) if before else None, "differences": differs}


def _head(run: Run) -> dict[str, Any]:
    return {key: value for key, value in asdict(run).items() if key not in ("steps", "format")}


def _run(kept: tuple[Run, ...], back: int) -> Run:
    if back < len(kept):
        return kept[back]
    if not kept:
        problem = Problem("no-timings", "no start has been recorded here yet", "`hd up` records every one.")
    else:
        what = (
            f"{len(kept)} {'run is' if len(kept) == 1 else 'runs are'} kept, so there is none {back} before the last"
        )
        problem = Problem("no-timings", what, "Take a smaller number, or start once more: `hd down`, `hd up`.")
    raise UserError(problem, exit_code=ExitCode.FAILED)


def waterfall(run: Run) -> Iterator[str]:
    """The steps in the order in which they began, each with its bar."""
    ended = "" if run.is_well else "; not all became ready"
    yield f"{_when(run)}: {run.profile} in {duration(run.seconds)}{ended}"
    label = min(max((len(step.name) for step in run.steps), default=0) + 1, width() - BAR - SECONDS - 2)
    bar = max(width() - label - SECONDS - 2, 10)
    for step in run.steps:
        name = cut(step.name, label - 1) + ("*" if step.is_critical else "")
        took = f"{step.seconds:.2f} s".rjust(SECONDS)
        colour = "yellow" if step.is_critical else None
        drawn = click.style(_bar(step, run.seconds, bar), fg=colour, dim=step.kind == "wait")
        yield f"{name.ljust(label)} {took} {drawn}".rstrip()
    chain = [step for step in run.steps if step.is_critical and step.seconds >= 0.01]
    longest = sorted(chain, key=lambda step: -step.seconds)[:3]
    yield ""
    yield "* on the longest way: " + ", ".join(f"{step.name} {step.seconds:.1f} s" for step in longest)


def _bar(step: Step, whole_s: float, columns: int) -> str:
    scale = columns / whole_s if whole_s else 0
    begin = min(int(step.begins_s * scale), columns - 1)
    end = min(max(round(step.ends_s * scale), begin + 1), columns)
    return " " * begin + MARKS.get(step.kind, "━") * (end - begin)


def differences(last: Run, before: Run, found: tuple[Difference, ...]) -> Iterator[str]:
    """What became slower first."""
    yield f"{_when(last)}: {duration(last.seconds)}, {_signed(last.seconds - before.seconds)} against {_when(before)}"
    for each in found:
        only = " (new)" if each.before_s is None else " (no more)" if each.now_s is None else ""
        colour = "red" if each.seconds > 0 else "green"
        yield f"  {click.style(_signed(each.seconds).rjust(SECONDS), fg=colour)}: {each.name}{only}"
    if not found:
        yield "  No step took noticeably longer or less."


def _signed(seconds: float) -> str:
    return f"{'+' if seconds >= 0 else '−'}{abs(seconds):.1f} s"


def _when(run: Run) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(run.began_at))
