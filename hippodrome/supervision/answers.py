"""Answers to calls that are given later."""

from collections.abc import Callable, Mapping
from typing import Any

from supervisor.http import NOT_DONE_YET

NEVER_S = 1e9


class Answers:
    """Calls that wait for something to become true.

    supervisord asks a deferred answer again whenever `delay` has passed and its loop turns. A short delay keeps the
    loop turning without end, for the waiting connection can always be written to; a long one comes late. So the
    delay is endless, and the connection is released when the answer is there.
    """

    def __init__(self, socket_map: Mapping[int, Any]) -> None:
        self._socket_map = socket_map
        self._waiting: dict[object, float] = {}

    def when(self, answer: Callable[[bool], str | None], until: float) -> Callable[[], Any]:
        """What supervisord takes for a deferred answer. `answer` is asked whether it has one; True: time is over."""

        def deferred() -> Any:
            text = answer(self._waiting.get(deferred) == 0.0)
            if text is None:
                return NOT_DONE_YET
            self._waiting.pop(deferred, None)
            return text

        deferred.delay = NEVER_S  # type: ignore[attr-defined]
        self._waiting[deferred] = until
        return deferred

    @property
    def next_alarm(self) -> float | None:
        """When `release` must be called at the latest."""
        return min((until for until in self._waiting.values() if until), default=None)

    def release(self, now: float) -> None:
        """Lets supervisord ask every waiting call again."""
        for deferred, until in list(self._waiting.items()):
            if until <= now:
                self._waiting[deferred] = 0.0
        for channel in list(self._socket_map.values()):
            if _deferred_of(channel) in self._waiting:
                channel.delay = 0
        known = {_deferred_of(channel) for channel in self._socket_map.values()}
        for deferred, until in list(self._waiting.items()):
            if until == 0.0 and deferred not in known:
                del self._waiting[deferred]  # the caller has gone


def _deferred_of(channel: Any) -> object:
    """The call that waits at a connection of supervisord's HTTP server."""
    queue = getattr(channel, "producer_fifo", None)
    first = queue.first() if queue is not None and len(queue) else None
    return getattr(first, "callback", None)
