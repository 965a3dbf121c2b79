"""The record of events, for the Events page and for scripts."""

from dataclasses import asdict
from time import time
from typing import Any

from flask import Blueprint, Response, request

from hippodrome.dashboard.answers import answer, refusal
from hippodrome.dashboard.board import Board
from hippodrome.events import source
from hippodrome.events.reading import STATES, EventState, Reader, Recorded, UnreadableError, Wanted
from hippodrome.events.routes import Explanation, explain

MOST_EVENTS = 500


class BadQueryError(Exception):
    """A parameter that cannot be used; the message names it."""


def api(board: Board) -> Blueprint:
    """`/api/events`, one event, and delivering it again."""
    pages = Blueprint("events", __name__)
    reader = Reader(board.layout.spool)

    @pages.get("/api/events")
    def listed() -> Response:
        try:
            wanted = _wanted(request.args)
        except BadQueryError as error:
            return refusal(400, "bad-query", str(error))
        found, totals = reader.events(wanted), reader.totals()
        return answer(
            {
                "version": board.relay.version,
                "source": _source(board),
                "totals": asdict(totals),
                "events": [told(event) for event in found],
            }
        )

    @pages.get("/api/events/<path:identifier>")
    def show(identifier: str) -> Response:
        event = reader.event(identifier)
        if event is None:
            return _unknown(identifier)
        plan = board.feed.known.plan
        explained = [explained_route(each) for each in explain(event.body, plan)] if plan else []
        return answer({**told(event), "routes": explained})

    @pages.post("/api/events/<path:identifier>/replay")
    def replay(identifier: str) -> Response:
        event = reader.event(identifier)
        if event is None:
            return _unknown(identifier)
        return answer({"id": event.id, "deliveries": board.relay.replay(event.seq)}, 202)

    @pages.post("/api/events/replay")
    def replay_all() -> Response:
        said = request.get_json(silent=True)
        try:
            wanted = _wanted({name: str(value) for name, value in said.items()} if isinstance(said, dict) else {})
        except BadQueryError as error:
            return refusal(400, "bad-query", str(error))
        if wanted == Wanted():
            return refusal(400, "bad-query", 'say which: {"state": "dead"}, `type`, `key`, or `text`')
        made = [board.relay.replay(seq) for seq in reader.seqs(wanted)]
        return answer({"events": len(made), "deliveries": sum(made)}, 202)

    @pages.errorhandler(UnreadableError)
    def unreadable(error: UnreadableError) -> Response:
        return refusal(503, "unreadable-record", str(error))

    return pages


def told(event: Recorded) -> dict[str, Any]:
    """As JSON; in a list, without the body and what services said."""
    document = asdict(event)
    if event.body is None:
        del document["body"]
        for delivery in document["deliveries"]:
            del delivery["said"], delivery["tries"]
    return document


def explained_route(found: Explanation) -> dict[str, Any]:
    """Why a route takes an event or does not, as JSON."""
    return {
        "name": found.route.name,
        "service": found.route.service,
        "path": found.route.path,
        "is_match": found.is_match,
        "problem": found.problem,
        "clauses": [asdict(clause) for clause in found.clauses],
    }


def _source(board: Board) -> dict[str, Any]:
    plan = board.feed.known.plan
    return asdict(source.look(plan, board.layout.last_proof, time())) if plan else {}


def _wanted(said: Any) -> Wanted:
    state = said.get("state", "")
    if state and state not in STATES:
        raise BadQueryError(f"`state` is one of {', '.join(STATES)}")
    known: dict[str, EventState] = {each: each for each in STATES}
    return Wanted(
        count=min(MOST_EVENTS, _number(said, "count") or Wanted().count),
        before=_number(said, "before"),
        after=_number(said, "after"),
        state=known.get(state),
        detail_type=said.get("type", ""),
        key=said.get("key", ""),
        text=said.get("text", ""),
        with_proofs=said.get("proofs", "") == "1",
    )


def _number(said: Any, name: str) -> int | None:
    value = said.get(name, "")
    if value and not (value.isdecimal() and len(value) < 19):
        raise BadQueryError(f"`{name}` is a whole number")
    return int(value) if value else None


def _unknown(identifier: str) -> Response:
    return refusal(404, "unknown-event", f"the record has no event `{identifier}`, or several that begin so")
