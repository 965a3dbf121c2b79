"""Posting an event to its service: one try."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import urllib3

from hippodrome.events.routes import Receiver

ANSWER_S = 3.0  # API destinations give up after five
MOST_ANSWER_BYTES = 64 * 1024  # of an answer is kept
LATER = {408, 429}  # they say themselves that the event will do at another time

Verdict = Literal["delivered", "refused", "failed", "silent"]


@dataclass(frozen=True)
class Attempt:
    """How a try went. `refused`: the event will never do; `failed`: it may at another time; `silent`: nobody answers,
    which holds for every event for that service. `said` is the answer's JSON, or text; `reason` is for people."""

    verdict: Verdict
    at: float
    took_ms: float
    status: int | None = None
    said: Any = None
    reason: str = ""
    is_late: bool = False


class Postman:
    """Keeps connections to the services open. Thread-safe."""

    def __init__(self) -> None:
        # one for each address, as a PoolManager has them, which takes each URL apart for each event; and nothing that
        # reads the environment: a service on this machine is never behind a proxy
        self._pools: dict[str, urllib3.HTTPConnectionPool] = {}
        self._lock = threading.Lock()

    def deliver(self, raw: bytes, receiver: Receiver, headers: Mapping[str, str]) -> Attempt:
        """`raw`: the event as JSON. Raises nothing."""
        at, began = time.time(), time.perf_counter()
        try:
            answer = self._pool(receiver.base).urlopen(
                "POST",
                receiver.path,
                body=raw,
                headers={**headers, "Content-Type": "application/json"},
                timeout=urllib3.Timeout(total=ANSWER_S),
                retries=False,
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            is_late = isinstance(error, urllib3.exceptions.TimeoutError) and not isinstance(
                error, urllib3.exceptions.NewConnectionError
            )
            reason = f"took more than {ANSWER_S:.0f} s" if is_late else f"does not answer: {_first_words(error)}"
            took = (time.perf_counter() - began) * 1000
            return Attempt("silent", at, took, reason=f"{receiver.shown} {reason}", is_late=is_late)
        took = (time.perf_counter() - began) * 1000
        verdict = _verdict(answer.status)
        reason = "" if verdict == "delivered" else f"{receiver.shown} answered {answer.status}"
        return Attempt(verdict, at, took, answer.status, _said(answer.data), reason)

    def _pool(self, base: str) -> urllib3.HTTPConnectionPool:
        with self._lock:
            if base not in self._pools:
                self._pools[base] = urllib3.connection_from_url(base, maxsize=64)
            return self._pools[base]


def _verdict(status: int) -> Verdict:
    if 200 <= status < 300:
        return "delivered"
    return "refused" if 400 <= status < 500 and status not in LATER else "failed"


def _said(body: bytes) -> Any:
    kept = body[:MOST_ANSWER_BYTES]
    try:
        return json.loads(body) if len(body) <= MOST_ANSWER_BYTES else kept.decode(errors="replace")
    except ValueError:
        return kept.decode(errors="replace")


def _first_words(error: Exception) -> str:
    return str(error).rpartition(": ")[2] or type(error).__name__
