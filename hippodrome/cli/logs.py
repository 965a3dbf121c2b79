"""`hd logs`."""

import re
import time
from pathlib import Path
from typing import Literal

import click

from hippodrome.cli.lines import LinePrinter
from hippodrome.cli.options import json_option, notify_option, root_option, services_argument
from hippodrome.cli.project import open_project
from hippodrome.cli.running import known_programs
from hippodrome.logs.follow import follow
from hippodrome.logs.noise import quiet
from hippodrome.logs.read import all_of, matching, tail

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _since(_context: click.Context, _option: click.Parameter, given: str | None) -> float | None:
    """Unix seconds from `90s`, `10m`, `2h`, `1d`, or a moment such as `2026-11-23T10:00`."""
    if given is None:
        return None
    if age := re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", given):
        return time.time() - float(age[1]) * UNITS_S[age[2]]
    from datetime import datetime  # 3 ms, for the rarer form

    try:
        return datetime.fromisoformat(given).timestamp()
    except ValueError:
        raise click.BadParameter("write an age such as `10m`, or a moment such as `2026-11-23T10:00`.") from None


def _pattern(_context: click.Context, _option: click.Parameter, given: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(given) if given else None
    except re.error as error:
        raise click.BadParameter(f"not a regular expression: {error}.") from None


@click.command("logs")
@services_argument()
@click.option("-f", "--follow", "is_following", is_flag=True, help="Go on with what comes.")
@click.option("-n", "count", type=click.IntRange(min=0), default=100, show_default=True, help="Lines from the end.")
@click.option("--since", callback=_since, metavar="AGE|MOMENT", help="Only newer ones: `10m`, `2026-11-23T10:00`.")
@click.option("--grep", callback=_pattern, metavar="REGEX", help="Only lines that hold a match.")
@notify_option
@json_option
@root_option
def command(
    services: tuple[str, ...],
    is_following: bool,
    count: int,
    since: float | None,
    grep: re.Pattern[str] | None,
    notify: Literal["bell", "desktop"] | None,
    as_json: bool,
    project_root: Path | None,
) -> int:
    """What services wrote, merged in time order. Reads only, also when nothing runs any more."""
    layout = open_project(project_root, tells_stop=True).instance.layout
    names = known_programs(layout, services)
    printer = LinePrinter(names, as_json=as_json)
    if is_following and notify:
        from hippodrome.cli.notify import Notifier  # threads and processes, for who asked for it

        notifier = Notifier(layout, notify)
        notifier.pass_over()
        notifier.watch()
    read = follow if is_following else tail
    keep = all_of(matching(grep) if grep else None, quiet(layout))
    for line in read(layout, names, count, since=since, keep=keep):
        printer.print(line)
    return 0
