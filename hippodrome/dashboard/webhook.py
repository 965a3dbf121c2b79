"""The door for EventBridge's events: parsed, posted to their service, answered with what it says."""

import logging

from flask import Blueprint, Response, request

from hippodrome.dashboard.answers import answer
from hippodrome.dashboard.board import Board
from hippodrome.events.delivery import RefusedError, UndeliveredError, deliver
from hippodrome.events.envelope import BYTES_MAX, Event, NotAnEventError, parse_event
from hippodrome.events.routes import Receiver, receiver_of

log = logging.getLogger("events")
PASSED_ON = ("X-Request-Id", "traceparent", "tracestate")


def api(board: Board) -> Blueprint:
    """`POST /webhook/eventbridge`."""
    routes = Blueprint("webhook", __name__)

    @routes.post("/webhook/eventbridge")
    def eventbridge() -> Response:
        request.max_content_length = BYTES_MAX
        try:
            event = parse_event(request.get_data())
        except NotAnEventError as error:
            return answer({"status": "rejected", "reason": str(error)}, 400)
        plan = board.feed.known.plan
        receiver = receiver_of(event.detail_type, plan) if plan else None
        return _forwarded(event, receiver) if receiver else _ignored(event)

    return routes


def _ignored(event: Event) -> Response:
    log.info("ignored event=%s", event.detail_type)
    return answer({"status": "ignored", "reason": f"No route configured for detail-type: {event.detail_type}"})


def _forwarded(event: Event, receiver: Receiver) -> Response:
    """200 with the service's answer; 400 where it cannot read the event, 502 where it is away or fails."""
    try:
        said = deliver(event, receiver, headers=_passed_on())
    except (RefusedError, UndeliveredError) as error:
        is_refused = isinstance(error, RefusedError)
        word, status = ("refused", 400) if is_refused else ("failed", 502)
        log.warning("%s event=%s error=%r", word, event.detail_type, str(error))
        return answer({"webhook_status": word, "target": receiver.shown, "reason": str(error)}, status)
    log.info("forwarded event=%s target=%s", event.detail_type, receiver.shown)
    return answer({"webhook_status": "forwarded", "target": receiver.shown, "service_response": said})


def _passed_on() -> dict[str, str]:
    return {name: request.headers[name] for name in PASSED_ON if name in request.headers}
