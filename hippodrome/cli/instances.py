"""`hd instances`."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from hippodrome.cli.options import json_option
from hippodrome.cli.output import columns, cut, duration, echo, print_json, size, width
from hippodrome.dashboard.usage import Use, process_trees, processes
from hippodrome.diagnose.instances import Known, known
from hippodrome.plan.use import words

SAMPLE_S = 0.3  # between two looks at how much CPU time was spent


@click.command("instances")
@click.option("--all-users", "of_all_users", is_flag=True, help="Also those of other users, as far as they tell.")
@json_option
def command(of_all_users: bool, as_json: bool) -> int:
    """Every stack of this machine: whose it is, where, how it is, what it uses. Reads only.

    Of another user's stack only what its user's `hd` has registered is known, and whether it runs.
    """
    found = known(os.environ, of_all_users=of_all_users)
    uses = _uses({each.id: each.warden for each in found if each.warden})
    if as_json:
        print_json([{**asdict(each), **asdict(uses.get(each.id, Use(None, 0)))} for each in found])
        return 0
    if not found:
        echo("No stacks yet; `hd up` starts one.")
    for line in _lines(found, uses, with_owners=of_all_users):
        echo(line)
    return 0


def _uses(wardens: Mapping[str, int]) -> dict[str, Use]:
    """By instance: all that runs below its warden."""
    if not wardens:
        return {}
    before = {process.pid: process.cpu_s for process in processes()}
    time.sleep(SAMPLE_S)
    trees = process_trees(wardens, processes())
    return {
        name: Use(
            sum(max(0.0, each.cpu_s - before.get(each.pid, each.cpu_s)) for each in tree) / SAMPLE_S,
            sum(each.memory_bytes for each in tree),
        )
        for name, tree in trees.items()
    }


def _lines(found: tuple[Known, ...], uses: Mapping[str, Use], *, with_owners: bool) -> Iterator[str]:
    """A header, and two for each."""
    words = ("NAME", *(("OWNER",) if with_owners else ()), "BRANCH", "PROFILE", "HEALTH", "SINCE")
    rows = [_row(each, with_owners=with_owners) for each in found]
    header, *lines = columns([tuple(click.style(word, dim=True) for word in words), *rows]) if rows else [""]
    if lines:
        yield header
    for each, line in zip(found, lines, strict=True):
        yield line
        yield click.style(cut(f"  {_details(each, uses.get(each.id))}", width()), dim=True)


def _row(each: Known, *, with_owners: bool) -> tuple[str, ...]:
    colour = {"healthy": "green", "running": "green", "stopped": "bright_black"}.get(each.health, "yellow")
    return (
        cut(each.name, 20),
        *((cut(each.owner, 10),) if with_owners else ()),
        cut(each.branch or "-", 18),
        cut(each.profile or "-", 10),
        click.style(each.health, fg=colour),
        duration(time.time() - each.since) if each.since else "-",
    )


def _details(each: Known, use: Use | None) -> str:
    parts = [each.url or "no port"]
    if use:
        parts += [size(use.memory_bytes), f"CPU {100 * (use.cpu or 0):.0f} %"]
    if each.is_running and each.idle_stop_s:
        parts += [f"stops {words(each.idle_stop_s)} after its last use"]
    used = f"last used {duration(time.time() - each.last_used_at)} ago"
    parts += [each.stopped or used, _short(each.project_root)]
    return "  ".join(parts)


def _short(folder: str) -> str:
    home = str(Path.home())
    return "~" + folder.removeprefix(home) if folder.startswith(home + os.sep) else folder
