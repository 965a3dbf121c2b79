"""What commands print, and in which colours."""

import json
import os
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import click

from hippodrome.errors import Problem
from hippodrome.plan.conditions import State

STATE_COLOURS: dict[State, str] = {
    "healthy": "green",
    "running": "green",
    "exited": "green",
    "starting": "yellow",
    "waiting": "yellow",
    "stopping": "yellow",
    "backoff": "red",
    "unhealthy": "red",
    "failed": "red",
    "blocked": "red",
    "stopped": "bright_black",
}
NARROWEST = 20  # a column in which text is still read rather than spelled
UNITS = ("B", "KiB", "MiB", "GiB")
SERVICE_COLOURS = (33, 37, 64, 97, 130, 136, 61, 160, 125, 31, 70, 172)  # readable on black and on white


def width() -> int:
    """Columns to print in: those of the terminal, 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def service_style(name: str, text: str) -> str:
    """`text` in the colour that this service has on every screen."""
    return click.style(text, fg=SERVICE_COLOURS[crc32(name.encode()) % len(SERVICE_COLOURS)])


def echo(text: str = "", *, err: bool = False) -> None:
    """One line; colours go only where they are wanted (https://no-color.org)."""
    click.echo(text, err=err, color=False if os.environ.get("NO_COLOR") else None)


def not_shown(count: int, what: str) -> str:
    """The sentence for what another version has kept."""
    return f"{count} {what}{' is' if count == 1 else 's are'} kept that another version of hd has written; not shown."


def print_json(document: Any) -> None:
    """One document, readable by people too."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False, default=str))


def print_event(event: dict[str, Any]) -> None:
    """One JSON object on a line of its own, at once."""
    click.echo(json.dumps(event, ensure_ascii=False, default=str))


def print_problems(problems: Iterable[Problem]) -> None:
    """Each with its place first, its hint below, and where there is more about it; to standard error."""
    problems = tuple(problems)
    for problem in problems:
        where = click.style(f"{problem.place}: ", bold=True) if problem.place else ""
        code = click.style(f"[{problem.code}]", fg="bright_black")
        echo(f"{where}{problem.what} {code}", err=True)
        if problem.hint:
            echo(f"  {click.style('hint:', fg='cyan')} {problem.hint}", err=True)
    codes = list(dict.fromkeys(problem.code for problem in problems if problem.hint))
    if codes:
        echo(click.style(f"More: hd explain {codes[0] if len(codes) == 1 else 'CODE'}", fg="bright_black"), err=True)


def shown_url(url: str) -> str:
    """As people type it."""
    return url.replace("//127.0.0.1:", "//localhost:")


def duration(seconds: float) -> str:
    """As people say it: `0.4 s`, `12 s`, `3 min`, `2 h 5 min`, `4 d 3 h`."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"


def shown_folder(folder: str) -> str:
    """With `~` for the home folder."""
    home = str(Path.home())
    return "~" + folder.removeprefix(home) if folder.startswith(home + os.sep) else folder


def size(count: float) -> str:
    """Bytes as people read them: `3.1 MiB`."""
    for unit in UNITS[:-1]:
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == UNITS[0] else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} {UNITS[-1]}"


def columns(rows: Sequence[Sequence[str]], *, limit: int | None = None, wraps: bool = False) -> list[str]:
    """Aligned lines, two spaces between columns, of at most `limit` characters.

    The last column is cut there or, with `wraps` and as long as there is room, goes on below itself.
    """
    if not rows:
        return []
    widths = [max(visible(cell) for cell in column) for column in zip(*rows, strict=True)]
    room = (limit or width()) - sum(widths[:-1]) - 2 * (len(widths) - 1)
    lines = []
    for row in rows:
        cells = [cell + " " * (wide - visible(cell)) for cell, wide in zip(row[:-1], widths, strict=False)]
        first, *more = wrapped(row[-1], room) if wraps and room >= NARROWEST else [row[-1]]
        lines.append(cut("  ".join([*cells, first]).rstrip(), limit or width()))
        lines += [" " * ((limit or width()) - room) + line for line in more]
    return lines


def wrapped(text: str, limit: int, *, indent: str = "") -> list[str]:
    """`text` in lines of at most `limit` characters, broken at blanks alone; what fits stays as it is."""
    if visible(text) <= limit:
        return [text]
    return textwrap.wrap(text, limit, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def visible(text: str) -> int:
    """Characters that take room on the screen."""
    return len(click.unstyle(text))


def cut(text: str, limit: int) -> str:
    """`text` in at most `limit` visible characters; a cut text ends with `…` and loses its colours."""
    return text if visible(text) <= limit else click.unstyle(text)[: limit - 1] + "…"
