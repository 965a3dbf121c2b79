"""The dashboard's webhook, as the door and the queue's reader post to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import requests

from hippodrome.events.manner import ORIGIN_HEADER

ANSWER_S = 4.5  # API destinations give up after five
ANSWER_MAX = 1 << 20


@dataclass(frozen=True)
class Answer:
    """What is said to whoever brought an event."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_taken(self) -> bool:
        """Whether the event is kept there, and need not be sent again."""
        return 200 <= self.status < 300

    @property
    def is_refused(self) -> bool:
        """Whether it would be refused another time, too."""
        return self.status in (400, 413)


AWAY = Answer(503, b'{"status":"unavailable"}', headers={"Retry_After": "5"})  # EventBridge tries again after a 5xx
LATE = Answer(504, b'{"status":"late"}')


class Webhook:
    """At one URL, for events that come one way. Thread-safe.

    Who reads a queue has more to send than to hear, and need not wait for more than that an event is kept.
    """

    def __init__(self, url: str, via: str) -> None:
        self._url = url
        self._headers = {"Content-Type": "application/json", ORIGIN_HEADER: via}
        if via == "sqs":
            self._headers["Prefer"] = "respond-async"

    def post(self, body: bytes) -> Answer:
        """What it answers; 503 or 504 where it does not."""
        try:
            with requests.Session() as session:
                session.trust_env = False  # services on this machine are never behind the company's proxy
                said = session.post(
                    self._url,
                    data=body,
                    headers=self._headers,
                    timeout=ANSWER_S,
                    allow_redirects=False,
                )
        except requests.Timeout:
            return LATE
        except requests.RequestException:
            return AWAY
        return Answer(said.status_code, said.content[:ANSWER_MAX], said.headers.get("Content-Type", "text/plain"))
