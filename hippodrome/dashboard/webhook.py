"""The door for EventBridge's events: what comes is handed to the relay, and its answer is told."""

from flask import Blueprint, Response, request

from hippodrome.dashboard.answers import answer
from hippodrome.dashboard.board import Board
from hippodrome.dashboard.request_ids import HEADER, request_id
from hippodrome.events.answers import Answer
from hippodrome.events.envelope import BYTES_MAX
from hippodrome.events.manner import ORIGIN_HEADER, ORIGINS, Manner

TRACE = ("traceparent", "tracestate")
EVENT_ID, IS_REPEAT = "X-Event-Id", "X-Event-Repeated"


def api(board: Board) -> Blueprint:
    """`POST /webhook/eventbridge`."""
    routes = Blueprint("webhook", __name__)

    @routes.post("/webhook/eventbridge")
    def eventbridge() -> Response:
        request.max_content_length = BYTES_MAX
        return _told(board.relay.accept(request.get_data(), _manner()))

    return routes


def _manner() -> Manner:
    """A sender that has more to send than to hear says `Prefer: respond-async` (RFC 7240)."""
    said = request.headers.get(ORIGIN_HEADER, "")
    return Manner(
        origin=said if said in ORIGINS else "hand",
        headers={HEADER: request_id()} | {name: request.headers[name] for name in TRACE if name in request.headers},
        is_awaited="respond-async" not in request.headers.get("Prefer", ""),
    )


def _told(found: Answer) -> Response:
    response = answer(found.document, found.status)
    if found.event_id:
        response.headers[EVENT_ID] = found.event_id
    if found.is_repeat:
        response.headers[IS_REPEAT] = "true"
    return response
