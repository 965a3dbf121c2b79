"""Asking again while a service is away, and never what would then be done twice."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import requests
from urllib3.exceptions import NewConnectionError

from hippodrome.wait import Deadline, until

PAUSE_S = 0.2
AWAY = {502, 503, 504}
# doing these again changes nothing: what is read, and what replaces or deletes by its name
SAME_TWICE = {"GET", "PUT", "PATCH", "DELETE"}
READING_POSTS = re.compile(r"/(?:search|collections|similar|suggestions|get-documents)$")
REPLACING_POSTS = re.compile(r"/indexes/[^/]+/documents$")  # by `_id`

Answer = requests.Response | requests.RequestException


class LostError(Exception):
    """Nobody knows whether a request was done, and doing it twice would be wrong."""

    def __init__(self, method: str, url: str, why: str) -> None:
        super().__init__(
            f"{method} {url} may have been done ({why}): it is not sent again, for that might do it twice"
        )


@dataclass(frozen=True)
class Patience:
    """For how long a service may be away: refused and broken connections, 502, 503 and 504. By default not at all."""

    seconds: float = 0.0

    def answer(self, method: str, url: str, ask: Callable[[], requests.Response]) -> requests.Response | None:
        """The last answer of `ask`; None for a DELETE that was done by a try whose answer was lost.

        Raises LostError, and what the last `ask` raised.
        """
        if not self.seconds:
            return ask()
        tries = _Tries(method, url, ask)
        until(tries.is_settled, Deadline(self.seconds), pause_s=PAUSE_S)
        return tries.outcome


@dataclass
class _Tries:
    """Of one request. `is_lost`: one of them may have been done without its answer coming here."""

    method: str
    url: str
    ask: Callable[[], requests.Response]
    last: Answer = field(default_factory=requests.ConnectionError)
    is_lost: bool = False

    def is_settled(self) -> bool:
        """Tries once. Raises LostError."""
        self.last = _tried(self.ask)
        why = _is_away(self.last)
        if why and _was_sent(self.last):
            self.is_lost = True
            if not may_be_repeated(self.method, self.url):
                raise LostError(self.method, self.url, why)
        return not why

    @property
    def outcome(self) -> requests.Response | None:
        if isinstance(self.last, requests.RequestException):
            raise self.last
        is_gone = self.method == "DELETE" and self.last.status_code == requests.codes.not_found
        return None if self.is_lost and is_gone else self.last


def may_be_repeated(method: str, url: str) -> bool:
    """Whether a request that has been done may be done again."""
    return method in SAME_TWICE or bool(READING_POSTS.search(url) or REPLACING_POSTS.search(url))


def _tried(ask: Callable[[], requests.Response]) -> Answer:
    try:
        return ask()
    except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
        return error


def _is_away(answer: Answer) -> str:
    """Why; empty for an answer."""
    if isinstance(answer, requests.RequestException):
        return type(answer).__name__
    return f"{answer.status_code}" if answer.status_code in AWAY else ""


def _was_sent(answer: Answer) -> bool:
    """Whether a service may have got it: not when nobody was there to connect to."""
    cause = answer.args[0] if isinstance(answer, requests.ConnectionError) and answer.args else None
    return not isinstance(getattr(cause, "reason", cause), NewConnectionError)
