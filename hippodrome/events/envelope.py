"""EventBridge's envelope, as it comes to the webhook."""

import json
from dataclasses import dataclass
from typing import Any

BYTES_MAX = 1 << 20


class NotAnEventError(Exception):
    """The reason is for whoever has sent it."""


@dataclass(frozen=True)
class Event:
    """`body` as it came."""

    detail_type: str
    body: dict[str, Any]


def parse_event(raw: bytes) -> Event:
    """Raises NotAnEventError."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NotAnEventError(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise NotAnEventError("the body must be a JSON object")
    detail_type = body.get("detail-type")
    if not isinstance(detail_type, str) or not detail_type:
        raise NotAnEventError("`detail-type` is missing")
    return Event(detail_type, body)
