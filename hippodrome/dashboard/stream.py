"""The live stream: states, usage and log lines as server-sent events, a connection a reader."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from time import monotonic
from typing import Any

from flask import Blueprint, Response, request

from hippodrome.dashboard import rows
from hippodrome.dashboard.answers import compact, refusal
from hippodrome.dashboard.board import Board
from hippodrome.dashboard.feed import Known, pids
from hippodrome.dashboard.logs import HISTORY, Item, end_of, items
from hippodrome.dashboard.query import BadQueryError, Query, cursor_text, cursors, parse_query
from hippodrome.diagnose.history import parse
from hippodrome.logs.captured import Cursor
from hippodrome.logs.follow import Follower, News

MOST_STREAMS = 64
LOG_PAUSES_S = (0.1, 0.3)  # between looks at the logs: while lines come, and when none do
EVENTS_S = 0.3  # between looks at whether the record of events has changed
USAGE_S = 2.0  # between samples of usage
BEAT_S = 2.5  # of silence, after which a sign of life finds out whether the reader is still there
LIMIT_BYTES = 128 * 1024  # of one log for one look: more than a person can follow
RETRY_MS = 1000  # after which a browser connects again


def api(board: Board) -> Blueprint:
    """`/api/stream`."""
    pages = Blueprint("stream", __name__)
    places = threading.BoundedSemaphore(MOST_STREAMS)

    @pages.get("/api/stream")
    def stream() -> Response:
        try:
            query = parse_query(request.args, board) if "services" in request.args else None
            after = cursors(request.headers.get("Last-Event-ID") or request.args.get("after", ""))
        except BadQueryError as error:
            return refusal(400, "bad-query", str(error))
        if not places.acquire(blocking=False):
            return refusal(503, "too-many-streams", f"{MOST_STREAMS} streams are open already; close one")
        lines = _Lines(board, query, after) if query else None
        reader = _Reader(board, lines, has_events="events" in request.args)
        response = Response(reader.messages(), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
        response.call_on_close(places.release)
        return response

    return pages


def message(event: str, document: Any, identifier: str = "") -> str:
    """One server-sent event; `identifier` is what the browser sends back when it connects again."""
    name = f"id: {identifier}\n" if identifier else ""
    return f"{name}event: {event}\ndata: {compact(document)}\n\n"


class _Lines:
    """The log lines of one stream."""

    def __init__(self, board: Board, query: Query, after: Mapping[str, Cursor]) -> None:
        self._query = query
        logs = {**{name: board.layout.log(name) for name in query.programs}, HISTORY: board.layout.events}
        ends = {name: after[name] if name in after else end_of(log) for name, log in logs.items()}
        self._follower = Follower(logs, ends, limit_bytes=LIMIT_BYTES)

    def look(self) -> str:
        """A message with what is new; empty when nothing is."""
        news = self._follower.look()
        shown = self._shown(news)
        if not shown and not news.skipped:
            return ""
        told = {"items": shown, "skipped": news.skipped}
        return message("lines", told, cursor_text(self._follower.ends))

    def _shown(self, news: News) -> list[Item]:
        history = [event for line in news.lines if line.program == HISTORY for event in parse(line.text)]
        lines = [line for line in news.lines if line.program != HISTORY and self._query.accepts(line)]
        return items(lines, [event for event in history if event.program in self._query.programs])


class _Reader:
    """One open stream."""

    def __init__(self, board: Board, lines: _Lines | None, *, has_events: bool) -> None:
        self._board = board
        self._has_events = has_events
        self._lines = lines
        self._version = -1
        self._events = -1
        self._shown: dict[str, rows.Row] = {}
        self._stack: dict[str, Any] = {}
        self._usage: dict[str, Any] = {}
        self._usage_due = 0.0

    def messages(self) -> Iterator[str]:
        """Until the reader has gone, which the server sees when it writes, or the server stops."""
        yield f"retry: {RETRY_MS}\n\n"
        feed, spoke_at, pause = self._board.feed, monotonic(), 0.0
        while not feed.is_closed:
            known = feed.wait(self._version, pause)
            lines = self._lines.look() if self._lines else ""
            told = self._states(known) + self._use(known) + self._record() + lines
            if not told and monotonic() - spoke_at >= BEAT_S:
                told = ": still here\n\n"
            if told:
                spoke_at = monotonic()
                yield told
            pause = self._pause(pause, has_lines=bool(lines))

    def _pause(self, last_s: float, *, has_lines: bool) -> float:
        if self._has_events:
            return EVENTS_S
        if self._lines is None:
            return USAGE_S
        shortest, longest = LOG_PAUSES_S
        return shortest if has_lines else min(longest, max(shortest, last_s * 1.2))

    def _states(self, known: Known) -> str:
        """All services at first, later those that changed; as often as usage, also that the branch has."""
        is_news = known.version != self._version
        stack = rows.stack(known) if is_news or monotonic() >= self._usage_due else self._stack
        if not is_news and stack == self._stack:
            return ""
        self._version, self._stack = known.version, stack
        now = {row.name: row for row in rows.rows(known)}
        is_whole = now.keys() != self._shown.keys()
        changed = [asdict(row) for name, row in now.items() if is_whole or row != self._shown[name]]
        self._shown = now
        return message("states", {"stack": stack, "is_whole": is_whole, "services": changed})

    def _record(self) -> str:
        """That the record of events has changed."""
        version = self._board.relay.version
        if not self._has_events or version == self._events:
            return ""
        self._events = version
        return message("events", {"version": version})

    def _use(self, known: Known) -> str:
        if monotonic() < self._usage_due:
            return ""
        self._usage_due = monotonic() + USAGE_S
        usage = rows.usage(self._board.meter.read(pids(known)))
        if usage == self._usage:
            return ""
        self._usage = usage
        return message("usage", usage)
