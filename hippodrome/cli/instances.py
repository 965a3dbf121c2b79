"""`hd instances`."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

import click

from hippodrome.cli.options import json_option
from hippodrome.cli.output import columns, cut, duration, echo, print_json, shown_folder, size, width
from hippodrome.dashboard.usage import Use, process_trees, processes
from hippodrome.diagnose.instances import Known, known
from hippodrome.plan.use import words

ROOM = 80  # columns in which every column of the table has its place
SHORTEST = 16  # characters of a folder that still tell which it is
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
    for line in _lines(found, uses):
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


def _lines(found: tuple[Known, ...], uses: Mapping[str, Use]) -> Iterator[str]:
    """A header, and two or three for each."""
    header = tuple(click.style(word, dim=True) for word in ("NAME", "OWNER", "BRANCH", "PROFILE", "HEALTH", "SINCE"))
    head, *lines = columns([header, *map(_row, found)])
    if found:
        yield head
    for each, line in zip(found, lines, strict=True):
        yield line
        for more in _flowing(_details(each, uses.get(each.id)), shown_folder(each.project_root), width() - 2):
            yield click.style(f"  {more}", dim=True)


def _row(each: Known) -> tuple[str, ...]:
    colour = {"healthy": "green", "running": "green", "stopped": "bright_black"}.get(each.health, "yellow")
    more = max(0, width() - ROOM) // 2
    return (
        cut(each.name, 18 + more),
        cut(each.owner, 8),
        cut(each.branch or "-", 15 + more),
        cut(each.profile or "-", 10),
        click.style(each.health, fg=colour),
        duration(time.time() - each.since) if each.since else "-",
    )


def _details(each: Known, use: Use | None) -> Iterator[str]:
    """The more telling, the earlier."""
    yield (each.url or "no port") + (f" ({each.port_offset:+})" if each.port_offset else "")
    if use:
        yield size(use.memory_bytes)
        yield f"CPU {100 * (use.cpu or 0):.0f} %"
    yield f"last used {duration(time.time() - each.last_used_at)} ago"
    if each.stopped:
        yield each.stopped
    elif each.is_running and each.idle_stop_s:
        yield f"stops {words(each.idle_stop_s)} after its last use"


def _flowing(parts: Iterable[str], folder: str, limit: int) -> list[str]:
    """In as many lines as they need; the folder, its end at least, where the last one has room for that."""
    lines = [""]
    for part in parts:
        if lines[-1] and len(lines[-1]) + 2 + len(part) > limit:
            lines.append("")
        lines[-1] = cut("  ".join(filter(None, (lines[-1], part))), limit)
    room = limit - len(lines[-1]) - 2
    if len(folder) > room >= SHORTEST:
        folder = f"…{folder[-(room - 1) :]}"
    if len(folder) <= room:
        lines[-1] = f"{lines[-1]}  {folder}"
    return lines
