"""Where the time of the last starts went."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response

from hippodrome.dashboard.answers import answer
from hippodrome.dashboard.board import Board
from hippodrome.diagnose.timings import Run, compared, runs


def api(board: Board) -> Blueprint:
    """`/api/timings`."""
    pages = Blueprint("timings", __name__)

    @pages.get("/api/timings")
    def show() -> Response:
        kept = runs(board.layout)
        return answer({"runs": [_told(run, before) for run, before in zip(kept, (*kept[1:], None), strict=False)]})

    return pages


def _told(run: Run, before: Run | None) -> dict[str, Any]:
    """`differences` from the run before it; None for the oldest that is kept."""
    return {**asdict(run), "differences": [asdict(each) for each in compared(run, before)] if before else None}
