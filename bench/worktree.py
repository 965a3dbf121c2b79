"""A new git worktree of this checkout: how long its first `hd up` takes when another of the same lock has run."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import workload
from bench.contenders import ROOT, own_places
from bench.row import Row

OFFLINE = {"PIP_NO_INDEX": "1", "npm_config_offline": "true"}  # so that what is not shared fails, and is seen


def worktree(rounds: int, folder: Path) -> list[Row]:
    """The core profile and the e-commerce one, each time in another worktree of the last commit, without network."""
    return [_row(name, rounds, folder) for name in ("core", "ecom")]


def _row(profile: str, rounds: int, folder: Path) -> Row:
    with _added(folder / f"{profile}-first") as first:
        _to_healthy(profile, first, {})  # makes what is not in the cache yet
    new, again = [], []
    for number in range(rounds):
        with _added(folder / f"{profile}-{number}") as place:
            new.append(_to_healthy(profile, place, OFFLINE))
            again.append(_to_healthy(profile, place, OFFLINE))
    what = f"{profile}: a new worktree of the same lock to healthy"
    return Row(what=what, samples=new, against="its second start", limit=again, aim="≤ 15 s")


@contextmanager
def _added(folder: Path) -> Iterator[Path]:
    """What git has committed, and nothing that was made of it."""
    _run(ROOT, "git", "worktree", "add", "--quiet", "--detach", str(folder))
    try:
        yield folder
    finally:
        _run(ROOT, "git", "worktree", "remove", "--force", str(folder))


def _to_healthy(profile: str, folder: Path, more: dict[str, str]) -> float:
    """Seconds until `./hd up -d` has returned, the making of hd's own environment included; stopped again."""
    workload.write_profile(profile, folder)
    environ = {**os.environ, **own_places(folder), **more}
    began = time.monotonic()
    try:
        _run(folder, "./hd", "up", "-d", environ=environ)
        return time.monotonic() - began
    finally:
        _run(folder, "./hd", "down", environ=environ)


def _run(folder: Path, *command: str, environ: dict[str, str] | None = None) -> None:
    subprocess.run(command, cwd=folder, env=environ, check=True, stdout=subprocess.DEVNULL)
