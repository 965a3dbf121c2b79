"""Windows of the logs: lines and the marks between them."""

from collections.abc import Sequence
from math import isnan, nan
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from hippodrome.dashboard.answers import answer, refusal
from hippodrome.dashboard.board import Board
from hippodrome.dashboard.query import BUDGET_BYTES, BadQueryError, cursor_text, cursors, known_logs, parse_query
from hippodrome.diagnose.history import Event, events
from hippodrome.logs.captured import Captured, Cursor
from hippodrome.logs.read import Choice, Line, window

MARKED = frozenset({"starting", "stopped", "exited", "backoff", "unhealthy", "failed"})

HISTORY = ""  # the event file's name among the cursors
Item = list[Any]  # as JSON: [at, service, text, level, generation, offset], or [at, service, state, cause, reason]


def api(board: Board) -> Blueprint:
    """`/api/logs`."""
    pages = Blueprint("logs", __name__)

    @pages.get("/api/logs")
    def read() -> Response:
        try:
            query, before = parse_query(request.args, board), cursors(request.args.get("before", ""))
            until = _moment(request.args.get("until", ""))
        except BadQueryError as error:
            return refusal(400, "bad-query", str(error))
        choice = Choice(query.count, keep=query.keep, at_least=query.at_least, budget_bytes=BUDGET_BYTES)
        history_end = end_of(board.layout.events)  # before the reading: what comes meanwhile is followed, not lost
        found = window(board.layout, query.programs, choice, before)
        since = found.lines[0].at if found.has_more and found.lines else until if found.has_more else 0.0
        marks = events(board.layout, query.programs, since, until)
        return answer(
            {
                "items": items(found.lines, marks),
                "starts": cursor_text(found.starts),
                "ends": cursor_text({**found.ends, HISTORY: history_end}),
                "has_more": found.has_more,
                "since": None if since == float("inf") else since,
                "logs": known_logs(board),
            }
        )

    return pages


def _moment(said: str) -> float:
    """Unix seconds; the end of time where nothing is said. Raises BadQueryError."""
    try:
        found = float(said or "inf")
    except ValueError:
        found = nan
    if isnan(found):
        raise BadQueryError("`until` is a number of seconds, what an answer gave as `since`")
    return found


def end_of(log: Path) -> Cursor:
    """Where to follow from when only what is new is wanted."""
    with Captured(log) as captured:
        return captured.cursor(captured.size)


def items(lines: Sequence[Line], marks: Sequence[Event]) -> list[Item]:
    """In time order; a mark comes before what was written at the same moment."""
    told = [_mark(event) for event in marks if event.state in MARKED]
    told += [_line(line) for line in lines]
    return sorted(told, key=lambda item: item[0])


def _line(line: Line) -> Item:
    return [round(line.at, 3), line.program, line.text, line.level, line.generation, line.offset]


def _mark(event: Event) -> Item:
    return [round(event.at, 3), event.program, event.state, event.cause, event.reason]
