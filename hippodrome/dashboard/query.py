"""Which lines a request asks for: services, text, regular expression, level, place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hippodrome.dashboard.board import Board
from hippodrome.logs.captured import Cursor
from hippodrome.logs.levels import LEVELS, Level, is_at_least, plain
from hippodrome.logs.noise import without_probes
from hippodrome.logs.read import Keep, Line, all_of

LINES, MOST_LINES = 500, 2000
BUDGET_BYTES = 4 << 20  # read for one answer: about 0.1 s; the reader asks on from there
_CURSOR = re.compile(r"([\w.:@+-]*)=(\d+)\.(\d+)")


class BadQueryError(Exception):
    """A parameter that cannot be used; the message names it."""


@dataclass(frozen=True)
class Query:
    """Lines of `programs` that `keep` accepts and that are of `at_least` this level."""

    programs: tuple[str, ...]
    keep: Keep
    at_least: Level | None
    count: int

    def accepts(self, line: Line) -> bool:
        """Of a line whose level is known."""
        return self.keep(line.program, plain(line.text)) and is_at_least(line.level, self.at_least)


def parse_query(told: Mapping[str, str], board: Board) -> Query:
    """From a URL's parameters. Raises BadQueryError."""
    return Query(
        programs=_programs(told.get("services", ""), board),
        keep=_keep(told, board),
        at_least=_level(told.get("level", "")),
        count=_count(told.get("count", "")),
    )


def known_logs(board: Board) -> tuple[str, ...]:
    """Programs of the plan, then other captured logs: set-up, and of services that are no longer in the plan."""
    there = sorted(path.name.removesuffix(".log") for path in board.layout.logs.glob("*.log"))
    return tuple(dict.fromkeys((*board.programs, *there)))


def cursors(told: str) -> dict[str, Cursor]:
    """From the text of `cursor_text`. Raises BadQueryError."""
    found: dict[str, Cursor] = {}
    for part in filter(None, told.split(",")):
        match = _CURSOR.fullmatch(part)
        if match is None:
            raise BadQueryError("`before` and `after` take what an answer gave as `starts` or `ends`")
        found[match[1]] = Cursor(int(match[2]), int(match[3]))
    return found


def cursor_text(places: Mapping[str, Cursor]) -> str:
    """Places in logs, for a URL and back."""
    return ",".join(f"{name}={place.generation}.{place.offset}" for name, place in places.items())


def _programs(told: str, board: Board) -> tuple[str, ...]:
    known = known_logs(board)
    asked = tuple(dict.fromkeys(filter(None, told.split(","))))
    if unknown := [name for name in asked if name not in known]:
        raise BadQueryError(f"`services` names `{unknown[0]}`, which has no log; known: {', '.join(known)}")
    return asked or board.programs


def _keep(told: Mapping[str, str], board: Board) -> Keep:
    tests: list[Keep] = []
    if text := told.get("text", "").casefold():
        tests.append(lambda _, line: text in line.casefold())
    if regex := told.get("regex", ""):
        search = _compiled(regex).search
        tests.append(lambda _, line: search(line) is not None)
    plan = board.feed.known.plan
    if plan and told.get("probes") != "1":
        tests.append(without_probes(plan.programs))
    return all_of(*tests)


def _compiled(regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex, re.IGNORECASE)
    except re.error as error:
        raise BadQueryError(f"`regex` is not a regular expression: {error}") from None


def _level(told: str) -> Level | None:
    if told and told not in LEVELS:
        raise BadQueryError(f"`level` is one of {', '.join(LEVELS)}")
    return told if told else None


def _count(told: str) -> int:
    if told and not (told.isdecimal() and 0 < int(told) <= MOST_LINES):
        raise BadQueryError(f"`count` is a number from 1 to {MOST_LINES}")
    return int(told) if told else LINES
