"""JSON answers, and refusals in the one form that all services use."""

import json
from typing import Any

from flask import Response


def compact(document: Any) -> str:
    """JSON without blanks."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def answer(document: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(
        json.dumps(document, ensure_ascii=False, separators=(",", ":")), status, mimetype="application/json"
    )


def refusal(status: int, code: str, message: str) -> Response:
    """`code` is kebab-case and stable."""
    kind = "invalid_request" if status < 500 else "internal"
    return answer({"message": message, "code": code, "type": kind, "link": "/api"}, status)
