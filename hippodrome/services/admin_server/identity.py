"""Who asks, as the control plane knows it."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Annotated

from fastapi import Depends, Request

from hippodrome.services.admin_server.context import Context, context_of
from hippodrome.services.common.errors import ApiError
from hippodrome.services.common.outgoing import passed

KEY = re.compile(r"[!-~]+")  # an API key, or an ID token
REMEMBERED_S = 5.0
REMEMBERED_MAX = 1000


@dataclass(frozen=True)
class Caller:
    """An account, what may be done in its name, and the key that opens its doors."""

    account: str
    scopes: tuple[str, ...]
    key: str

    def needs(self, scope: str) -> None:
        """Raises ApiError 403."""
        if scope not in self.scopes:
            raise ApiError(403, "forbidden", f"This key may {' and '.join(self.scopes)}; {scope} is needed here.")


class Callers:
    """By key, remembered for a few seconds."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Caller]] = {}
        self._lock = Lock()

    def of(self, context: Context, key: str) -> Caller:
        """Raises ApiError 401 for a key that nobody knows."""
        if not key:
            raise ApiError(401, "unauthorized", "An API key is needed in Authorization: Bearer, or in x-api-key.")
        if not KEY.fullmatch(key):  # it could not even be asked about in a header
            raise ApiError(401, "unauthorized", "This is no API key: those are of visible ASCII characters.")
        now = time.monotonic()
        with self._lock:
            until, caller = self._known.get(key, (0.0, None))
        if caller and until > now:
            return caller
        told = passed(context.controller.ask("GET", "/api/v2/whoami", headers={"x-api-key": key}))
        caller = Caller(told["account"], tuple(told["scopes"]), key)
        with self._lock:
            if len(self._known) >= REMEMBERED_MAX:
                self._known.clear()
            self._known[key] = (now + REMEMBERED_S, caller)
        return caller


def key_of(request: Request) -> str:
    """From either header; empty without one."""
    said = request.headers.get("x-api-key") or request.headers.get("Authorization", "").removeprefix("Bearer ")
    return said.strip()


def _with(scope: str) -> Callable[[Request], Caller]:
    def found(request: Request) -> Caller:
        callers: Callers = request.app.state.callers
        caller = callers.of(context_of(request), key_of(request))
        caller.needs(scope)
        return caller

    return found


Reader = Annotated[Caller, Depends(_with("read"))]
Writer = Annotated[Caller, Depends(_with("read-write"))]
Admin = Annotated[Caller, Depends(_with("admin"))]
Everything = Annotated[Context, Depends(context_of)]
