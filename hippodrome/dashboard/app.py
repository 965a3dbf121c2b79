"""The dashboard as a WSGI application, made from what it shows."""

from flask import Flask

from hippodrome.dashboard import (
    compression,
    events,
    logs,
    request_ids,
    security,
    services,
    status,
    stream,
    timings,
    webhook,
)
from hippodrome.dashboard.admission import Admission
from hippodrome.dashboard.answers import refusal
from hippodrome.dashboard.board import Board

MOST_BODY_BYTES = 64 * 1024


def create_app(board: Board) -> Flask:
    """Needs no supervisord: it shows what `board` knows."""
    app = Flask("hippodrome.dashboard", template_folder=None, static_folder="static")
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    request_ids.follow(app)
    app.before_request(security.refuse_strangers)
    admission = Admission(board)
    app.before_request(admission.refuse)
    app.after_request(security.add_headers)
    app.after_request(compression.compress)
    for pages in (
        status.pages(board),
        services.api(board),
        timings.api(board),
        logs.api(board),
        stream.api(board),
        events.api(board),
        webhook.api(board),
        admission.api(),
    ):
        app.register_blueprint(pages)
    app.register_error_handler(404, status.not_found)
    app.register_error_handler(405, status.not_found)
    app.register_error_handler(413, lambda _: refusal(413, "too-large", "the body is too large"))
    app.register_error_handler(500, lambda _: refusal(500, "bug", "the dashboard failed; its log says where"))
    return app
