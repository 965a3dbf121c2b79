"""The id of every request: as it was sent, or made here; it goes back, along with events, and into the log."""

import logging
import re
import uuid

from flask import Flask, Response, g, request

from hippodrome.secret import redacted

HEADER = "X-Request-Id"
ID = re.compile(r"[!-~]{1,200}")  # can stand in a log
log = logging.getLogger("dashboard")


def follow(app: Flask) -> None:
    """Every request of the application has an id. Only the line of one that failed is logged: a page asks often."""
    app.before_request(_take)
    app.after_request(_give_back)


def request_id() -> str:
    """Of the request that is being answered."""
    return str(g.request_id)


def _take() -> None:
    said = request.headers.get(HEADER, "")
    g.request_id = said if ID.fullmatch(said) else uuid.uuid4().hex


def _give_back(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    if response.status_code >= 500:
        address = redacted(request.environ.get("REQUEST_URI", request.path), {})  # a link may have the token
        told = (request.method, address, response.status_code, request_id())
        log.error("%s %s status=%d request_id=%s", *told)
    return response
