"""The door for EventBridge's events: parsed, posted to their service, answered with what it says."""

import logging

from flask import Blueprint, Response, jsonify, request

from hippodrome.dashboard.board import Board
from hippodrome.events.delivery import UndeliveredError, deliver
from hippodrome.events.envelope import BYTES_MAX, NotAnEventError, parse_event
from hippodrome.events.routes import target_of

log = logging.getLogger("events")


def api(board: Board) -> Blueprint:
    """`POST /webhook/eventbridge`."""
    routes = Blueprint("webhook", __name__)

    @routes.post("/webhook/eventbridge")
    def eventbridge() -> tuple[Response, int]:
        request.max_content_length = BYTES_MAX
        try:
            event = parse_event(request.get_data())
        except NotAnEventError as error:
            return jsonify(status="rejected", reason=str(error)), 400
        plan = board.feed.known.plan
        target = target_of(event.detail_type, plan) if plan else None
        if target is None:
            log.info("ignored event=%s", event.detail_type)
            reason = f"No route configured for detail-type: {event.detail_type}"
            return jsonify(status="ignored", reason=reason), 200
        try:
            said = deliver(event, target)
        except UndeliveredError as error:
            log.warning("undelivered event=%s error=%s", event.detail_type, error)
            return jsonify(webhook_status="failed", target=target.shown, reason=str(error)), 502
        log.info("forwarded event=%s target=%s", event.detail_type, target.shown)
        return jsonify(webhook_status="forwarded", target=target.shown, service_response=said), 200

    return routes
