"""`hd gc`."""

import os
import time
from collections.abc import Iterator
from typing import Any

import click

from hippodrome.cli.confirm import confirm
from hippodrome.cli.leftovers import sweep_account
from hippodrome.cli.options import json_option
from hippodrome.cli.output import cut, duration, echo, print_json, size, width
from hippodrome.control import garbage
from hippodrome.control.garbage import Garbage, Kept, RunDir, SetUp
from hippodrome.errors import UserError


@click.command("gc")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@json_option
def command(dry_run: bool, yes: bool, as_json: bool) -> int:
    """Remove what worktrees that are gone have left behind, after saying what.

    That is run directories, with their logs, data and snapshots; shared environments and node_modules that no
    worktree uses; entries of the registry. Yours alone, and nothing of a stack that runs. A folder on a disk that is
    not mounted counts as gone: look at the list before you say yes.

    Changes data. Exits with 0 also when there is nothing, with 1 when something had to stay.
    """
    found = garbage.find(os.environ)
    if not as_json:
        for line in _lines(found):
            echo(line)
    if found.is_empty or dry_run:
        if as_json:
            print_json(_told(found, (), is_removed=False))
        return 0
    confirm(f"Remove all this ({size(found.size)})?", "losing data needs a yes", is_confirmed=yes)
    kept = _remove(found)
    if as_json:
        print_json(_told(found, kept, is_removed=True))
    else:
        for each in kept:
            echo(f"{each.path} stays: {each.why}.", err=True)
        echo("Removed." if not kept else "The rest is removed.")
    return 1 if kept else 0


def _remove(found: Garbage) -> tuple[Kept, ...]:
    """What had to stay."""
    kept = [Kept(each.instance.layout.run_dir, why) for each in found.run_dirs if (why := _why_kept(each))]
    kept += [Kept(each.path, why) for each in found.set_ups if (why := garbage.remove_set_up(each))]
    return (*kept, *garbage.remove_rest(found))


def _why_kept(run_dir: RunDir) -> str:
    """Empty when it is gone. What it had made in an AWS account goes first: nothing else knows of that."""
    try:
        sweep_account(run_dir.instance, lambda said: echo(said, err=True))
    except UserError as error:
        return error.problems[0].what
    return garbage.remove(run_dir)


def _lines(found: Garbage) -> Iterator[str]:
    if found.run_dirs:
        yield "Of worktrees that are gone:"
        for each in found.run_dirs:
            yield cut(f"  {each.instance.project_root}", width())
            yield cut(f"    {size(each.size)}  {', '.join(_parts(each))}", width())
    if found.set_ups:
        yield "Shared results of set-up:"
        for made in found.set_ups:
            yield cut(f"  {made.kind} {made.path.name}  {size(made.size)}  {made.why}, {_age(made)}", width())
    if found.entries:
        labels = ", ".join(each.entry.label for each in found.entries)
        yield cut(f"{len(found.entries)} in the registry of ports: {labels}", width())
    if found.aside:
        yield f"{len(found.aside)} left half deleted by an earlier `hd gc`"
    for kept in found.kept:
        yield cut(f"{kept.path.name} stays: {kept.why}", width())
    yield f"{size(found.size)} in all." if not found.is_empty else "Nothing is left of worktrees that are gone."


def _parts(run_dir: RunDir) -> Iterator[str]:
    yield "logs"
    if run_dir.services:
        yield f"data of {' and '.join(run_dir.services)}"
    if run_dir.snapshots:
        yield f"snapshots {', '.join(run_dir.snapshots)}"
    if run_dir.unit:
        yield f"its start at boot ({run_dir.unit.name})"


def _age(made: SetUp) -> str:
    return f"used {duration(time.time() - made.used_at)} ago" if made.used_at else "half made"


def _told(found: Garbage, kept: tuple[Kept, ...], *, is_removed: bool) -> dict[str, Any]:
    return {
        "run_dirs": [
            {
                "path": str(each.instance.layout.run_dir),
                "project_root": str(each.instance.project_root),
                "data_of": each.services,
                "snapshots": each.snapshots,
                "bytes": each.size,
                "unit": str(each.unit.path) if each.unit else None,
            }
            for each in found.run_dirs
        ],
        "set_ups": [
            {"path": str(each.path), "kind": each.kind, "why": each.why, "used_at": each.used_at, "bytes": each.size}
            for each in found.set_ups
        ],
        "registry": [each.entry.id for each in found.entries],
        "kept": [{"path": str(each.path), "why": each.why} for each in (*found.kept, *kept)],
        "bytes": found.size,
        "removed": is_removed,
    }
