"""Posting an event to its service."""

from typing import Any

import requests

from hippodrome.events.envelope import Event
from hippodrome.events.routes import Target

ANSWER_S = 3.0  # API destinations give up after five


class UndeliveredError(Exception):
    """The service is away, too slow, or refuses."""


def deliver(event: Event, target: Target) -> Any:
    """What the service answers. Raises UndeliveredError."""
    try:
        answer = requests.post(target.url, json=event.body, timeout=ANSWER_S)
    except requests.RequestException as error:
        raise UndeliveredError(f"{target.shown} does not answer: {error}") from error
    if not answer.ok:
        raise UndeliveredError(f"{target.shown} answered {answer.status_code}: {answer.text[:500]}")
    return answer.json()
