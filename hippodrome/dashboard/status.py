"""The page's shell, the state of all services, and what the API offers."""

from dataclasses import asdict
from time import time

from flask import Blueprint, Response, current_app, g, request

from hippodrome.dashboard import rows
from hippodrome.dashboard.answers import answer, refusal
from hippodrome.dashboard.board import Board
from hippodrome.dashboard.feed import pids
from hippodrome.dashboard.openapi import described

API = {
    "GET /health": "whether the dashboard answers",
    "GET /openapi.json": "these calls in OpenAPI's form",
    "GET /api/status": (
        "the stack and every service: state, why, since when, restarts, port, source, CPU, memory; "
        "without the token their names and states alone"
    ),
    "GET /api/services/NAME": (
        "one service: also its environment (secrets masked), its part of the plan, its events, and why it is so"
    ),
    "GET /api/timings": "where the time of the last starts went, newest first, and what differs from the one before",
    "POST /api/services/NAME/start": "start it and what it needs; body {}",
    "POST /api/services/NAME/stop": "stop it and what needs it; body {}",
    "POST /api/services/NAME/restart": 'restart it; body {} or {"reason": "…"}',
    "POST /api/ticket": "a ticket that lets one browser in: /?token=TICKET, once and soon; body {}",
    "GET /api/logs": (
        "a window of merged logs, newest last: services=a,b text= regex= level=debug|info|warning|error count= "
        "probes=1 before=STARTS until=SINCE; items are [at, service, text, level, generation, offset] and, for a "
        "change of state, [at, service, state, cause, reason]"
    ),
    "GET /api/stream": (
        "server-sent events: `states`, `usage`; with the parameters of /api/logs and after=ENDS, `lines`; with "
        "events=1, `events`, whenever the record of events has changed"
    ),
    "POST /webhook/eventbridge": "takes an event; 200 delivered or ignored, 202 queued, 400 no event, 413 too large",
    "GET /api/events": (
        "the record of events, newest first: count= before=SEQ after=SEQ state=ignored|queued|delivered|dead type= "
        "key= text= proofs=1"
    ),
    "GET /api/events/ID": "one event: its body, its deliveries and their tries, and why each route takes it or not",
    "POST /api/events/ID/replay": "deliver it again; body {}",
    "POST /api/events/replay": 'deliver many again; body {"state": "dead"}, or another choice of /api/events',
}
ACCESS = "all but /health and what /api/status tells to everyone: `Authorization: Bearer TOKEN` (`hd open --token`)"
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect x="2" y="6" width="28" height="20" rx="10" fill="none" stroke="{ring}" stroke-width="3"/>
<rect x="9" y="13" width="14" height="6" rx="3" fill="{ring}"/>{badge}</svg>"""
BADGE = """<circle cx="22" cy="11" r="10" fill="#c2382d"/>
<g font-family="sans-serif" font-size="14" font-weight="700" text-anchor="middle" fill="#fff">
<text x="22" y="16">{}</text></g>"""


def pages(board: Board) -> Blueprint:
    """`/`, `/logs`, `/events`, `/timings`, `/services/NAME`: one shell, whose script draws what is asked for; API."""
    shell = Blueprint("status", __name__)

    @shell.get("/")
    @shell.get("/logs")
    @shell.get("/timings")
    @shell.get("/events")
    @shell.get("/events/<path:name>")
    @shell.get("/services/<name>")
    def show(name: str = "") -> Response:
        return current_app.send_static_file("index.html")

    @shell.get("/favicon.svg")
    def icon() -> Response:
        failures = request.args.get("failures", 0, int)
        badge = BADGE.format(min(failures, 9)) if failures > 0 else ""
        drawn = ICON.format(ring="#c2382d" if badge else "#1b8a68", badge=badge)
        return Response(drawn, mimetype="image/svg+xml", headers={"Cache-Control": "max-age=86400"})

    @shell.get("/health")
    def health() -> Response:
        return answer({"status": "ok", "service": "dashboard", "version": board.version})

    @shell.get("/api")
    @shell.get("/api/")
    def offers() -> Response:
        return answer({"version": board.version, "access": ACCESS, "calls": API})

    @shell.get("/openapi.json")
    def openapi() -> Response:
        return answer(described(board.version, API))

    @shell.get("/api/status")
    def status() -> Response:
        known = board.feed.known
        found = rows.rows(known)
        if not g.sees_all:
            return answer(rows.health(known, found))
        return answer(
            {
                "sees": "all",
                "now": time(),
                "stack": rows.stack(known),
                "failures": sum(row.is_failure for row in found),
                "services": [asdict(row) for row in found],
                "usage": rows.usage(board.meter.read(pids(known))),
            }
        )

    return shell


def not_found(_error: Exception) -> Response:
    """Also for a method that a path does not take."""
    return refusal(404, "not-found", "there is nothing at this address; see /api")
