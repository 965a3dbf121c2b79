"""The table of services in a terminal view: which rows, and what stands in each."""

from collections.abc import Mapping, Sequence

from rich.text import Text

from hippodrome.dashboard.rows import Row, Tone
from hippodrome.dashboard.usage import Use

COLOURS: dict[Tone, str] = {"good": "green", "busy": "yellow", "bad": "bold red", "off": "bright_black"}
HEADS = ("SERVICE", "STATE", "CPU", "MEMORY", "↻")
WIDTHS = (17, 10, 6, 7, 3)  # of the columns where the screen is narrow; together they leave the logs 36 of 80
WIDE = 110  # columns of a screen on which names have more room
WIDER = 12


def widths(screen: int) -> tuple[int, ...]:
    """Of the columns, on a screen of this width."""
    return WIDTHS if screen < WIDE else (WIDTHS[0] + WIDER, *WIDTHS[1:])


def chosen(found: Sequence[Row], text: str) -> list[Row]:
    """Those whose name, state or description holds `text`, whatever its case."""
    wanted = text.lower()
    return [row for row in found if wanted in f"{row.name} {row.state} {row.description}".lower()]


def cells(row: Row, use: Use | None, room: Sequence[int]) -> tuple[Text, ...]:
    """One row; texts that are too long for their column are cut."""
    return (
        Text(_cut(row.name, room[0] - 1), style="bold" if row.is_failure else ""),
        Text(row.state, style=COLOURS[row.tone]),
        Text(cpu(use), justify="right"),
        Text(memory(use), justify="right"),
        Text(str(row.restarts or ""), justify="right"),
    )


def cpu(use: Use | None) -> str:
    """`3.4%` of a core."""
    if use is None or use.cpu is None:
        return ""
    percent = use.cpu * 100
    return f"{percent:.1f}%" if percent < 10 else f"{percent:.0f}%"


def memory(use: Use | None) -> str:
    """`47M`."""
    if use is None:
        return ""
    megabytes = use.memory_bytes / 2**20
    return f"{megabytes:.0f}M" if megabytes < 1024 else f"{megabytes / 1024:.1f}G"


def summary(found: Sequence[Row], problem: str) -> Text:
    """One line about all of them."""
    if problem:
        return Text(problem, style="bold yellow")
    ready = sum(row.tone == "good" for row in found)
    failing = sum(row.is_failure for row in found)
    told = Text(f"{ready} of {len(found)} ready", style="green" if ready == len(found) else "yellow")
    if failing:
        told.append(f", {failing} failing", style="bold red")
    return told


def dependents(found: Sequence[Row], name: str) -> list[str]:
    """Living services that stop when this one does."""
    needs: Mapping[str, tuple[str, ...]] = {row.name: row.needs for row in found if row.pid}
    lost = [name]
    for each in lost:
        lost += [other for other, needed in needs.items() if each in needed and other not in lost]
    return lost[1:]


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
