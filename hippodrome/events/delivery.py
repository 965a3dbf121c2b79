"""Posting an event to its service."""

from collections.abc import Mapping
from typing import Any

import requests

from hippodrome.events.envelope import Event
from hippodrome.events.routes import Receiver

ANSWER_S = 3.0  # API destinations give up after five
REFUSALS = {400, 422}  # the event will never do; any other failure may pass
SHOWN_CHARACTERS = 500


class UndeliveredError(Exception):
    """The service is away, too slow, or fails; it may do later."""


class RefusedError(Exception):
    """The service cannot read the event."""


def deliver(event: Event, receiver: Receiver, *, headers: Mapping[str, str] | None = None) -> Any:
    """The JSON that the service answers. Raises UndeliveredError or RefusedError."""
    try:
        answer = _post(event, receiver, headers or {})
    except requests.RequestException as error:
        raise UndeliveredError(f"{receiver.shown} does not answer: {error}") from error
    said = f"{receiver.shown} answered {answer.status_code}: {answer.text[:SHOWN_CHARACTERS]}"
    if answer.status_code in REFUSALS:
        raise RefusedError(said)
    if not 200 <= answer.status_code < 300:
        raise UndeliveredError(said)
    try:
        return answer.json()
    except ValueError as error:
        raise UndeliveredError(f"{said} (which is not JSON)") from error


def _post(event: Event, receiver: Receiver, headers: Mapping[str, str]) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False  # services on this machine are never behind the company's proxy
        return session.post(receiver.url, json=event.body, headers=headers, timeout=ANSWER_S, allow_redirects=False)
