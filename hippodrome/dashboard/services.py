"""One service: its state, its part of the plan, its environment with secrets masked, its events."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request

from hippodrome.control.masking import masked_environment, masked_program
from hippodrome.dashboard import rows
from hippodrome.dashboard.answers import answer, refusal
from hippodrome.dashboard.board import Board
from hippodrome.dashboard.feed import pids
from hippodrome.diagnose.history import events
from hippodrome.diagnose.inquiry import inquire
from hippodrome.errors import UserError
from hippodrome.plan.model import Program

ACTIONS = ("start", "stop", "restart")
REASON = "asked for on the dashboard"


def api(board: Board) -> Blueprint:
    """`/api/services/NAME` and its actions."""
    pages = Blueprint("services", __name__)

    @pages.get("/api/services/<name>")
    def show(name: str) -> Response:
        known = board.feed.known
        row = next((row for row in rows.rows(known) if row.name == name), None)
        if known.plan is None or row is None:
            return _unknown(board, name)
        program = known.plan.program(name)
        return answer(
            {
                "service": asdict(row),
                "usage": rows.usage(board.meter.read(pids(known))).get(name),
                "environment": masked_environment(program),
                "plan": _plan_part(program),
                "dependents": [other.name for other in known.plan.programs if _needs(other, name)],
                "why": _why(board, name),
                "events": [asdict(event) for event in events(board.layout, [name])][::-1],
            }
        )

    @pages.post("/api/services/<name>/<any(start, stop, restart):action>")
    def act(name: str, action: str) -> Response:
        if name not in board.programs:
            return _unknown(board, name)
        told = request.get_json(silent=True)
        if not isinstance(told, dict):
            return refusal(400, "bad-body", "the body is a JSON object, such as {}")
        reason = told.get("reason", REASON)
        if not isinstance(reason, str) or len(reason) > 200:
            return refusal(400, "bad-body", "`reason` is a text of at most 200 characters")
        try:
            _act(board, name, action, reason)
        except UserError as error:
            return refusal(503, error.problems[0].code, error.problems[0].what)
        return answer({"accepted": action, "service": name}, 202)

    return pages


def _why(board: Board, name: str) -> dict[str, Any] | None:
    """As `hd why` prints it; None while supervisord has not said how it is."""
    known = board.feed.known
    is_told = known.snapshot is not None and name in {status.name for status in known.snapshot.statuses}
    if known.plan is None or known.snapshot is None or not is_told:
        return None
    return asdict(inquire(known.plan, known.snapshot, name, board.layout))


def _act(board: Board, name: str, action: str, reason: str) -> None:
    if action == "restart":
        board.supervisor.restart([name], reason)
    elif action == "start":
        board.supervisor.start([name])
    else:
        board.supervisor.stop([name])


def _plan_part(program: Program) -> dict[str, Any]:
    """The plan's own words, without the values that the page shows elsewhere or masks."""
    told = asdict(masked_program(program))
    for name in ("environment", "secrets", "description", "links"):
        del told[name]
    return told


def _needs(other: Program, name: str) -> bool:
    return any(each.program == name for each in other.depends_on)


def _unknown(board: Board, name: str) -> Response:
    plan = board.feed.known.plan
    left = next((left for left in plan.left_out if left.name == name), None) if plan else None
    if left:
        return refusal(404, "left-out", f"`{name}` is not part of this stack: {left.reason}")
    return refusal(404, "unknown-service", f"`{name}` is not in the plan")
