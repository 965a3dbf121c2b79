"""EventBridge's envelope, as it comes to the webhook."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

BYTES_MAX = 1 << 20
TYPE_MAX = 128  # characters, as EventBridge has it


class NotAnEventError(Exception):
    """The reasons are for whoever has sent it."""


@dataclass(frozen=True)
class Event:
    """`body` as it came."""

    detail_type: str
    body: dict[str, Any]


def parse_event(raw: bytes) -> Event:
    """Raises NotAnEventError with all that is wrong."""
    try:
        body = json.loads(raw, parse_constant=_refuse)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise NotAnEventError(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise NotAnEventError("the body must be a JSON object")
    if wrong := list(_mistakes(body)):
        raise NotAnEventError("; ".join(wrong))
    return Event(body["detail-type"], body)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _mistakes(body: dict[str, Any]) -> Iterator[str]:
    for name in ("source", "detail-type"):
        if not _is_name(body.get(name)):
            yield f"`{name}` must be a text of 1 to {TYPE_MAX} printable characters"
    if not isinstance(body.get("detail"), dict):
        yield "`detail` must be a JSON object"


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= TYPE_MAX and value.isprintable()
