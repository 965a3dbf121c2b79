"""What an instance's folder has no more use for, taken away when a plan is applied: so it stays within its bounds."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan

KEPT_S = 30 * 86400.0  # logs of what is no longer part of the plan
PART = re.compile(r"(?P<program>.+?)(?:\.setup)?\.log(?P<index>\.times)?(?:\.(?P<age>\d{1,3}))?")
STAGED = re.compile(r"\..+\.[0-9a-f]{8}\.new")


def tidy(layout: Layout, plan: Plan) -> None:
    """Parts of logs that are more than are kept, and logs of services that have been gone for a month."""
    files = {program.name: program.log.files for program in plan.programs}
    for path, program, age in _parts(layout):
        is_surplus = program in files and age > files[program]  # of indexes, one more is kept than of parts
        is_surplus = is_surplus or (program in files and age == files[program] and ".times" not in path.name)
        if is_surplus or (program not in files and _age_s(path) > KEPT_S):
            with suppress(OSError):
                path.unlink()


def remove_staged(layout: Layout) -> None:
    """Files half written by what was killed. To be called while nothing of the instance runs."""
    for folder in (layout.run_dir, layout.run_dir / "launch", layout.plans, layout.timings):
        for path in folder.glob(".*.new"):
            if STAGED.fullmatch(path.name):
                with suppress(OSError):
                    path.unlink()


def _parts(layout: Layout) -> Iterator[tuple[Path, str, int]]:
    """Every file of the logs, with whose it is and how often it was turned over."""
    for path in layout.logs.glob("*.log*"):
        if found := PART.fullmatch(path.name):
            yield path, found["program"], 0 if ".setup.log" in path.name else int(found["age"] or 0)


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
