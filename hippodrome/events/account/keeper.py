"""Keeping a tunnel open: it is started again when it dies, at ever longer pauses."""

import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hippodrome.control.processes import Process
from hippodrome.events.tunnels.child import Opened
from hippodrome.events.tunnels.tunnel import Tunnel

PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
OPEN_S = 60.0  # to open, or to come back when it has lost its way
STEADY_S = 60.0  # after which a tunnel has worked, and the next pause is short again

log = logging.getLogger("account_events")


@dataclass
class Keeper:
    """To be asked every now and then: `turn`."""

    tunnel: Tunnel
    port: int
    folder: Path
    started: Callable[[Process | None], None] = lambda _: None
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    why: str = "the tunnel is being opened"
    _opened: Opened | None = None
    _failures: int = 0
    _start_at: float = 0.0
    _good_since: float = 0.0
    _bad_since: float = 0.0

    def turn(self) -> str:
        """The public address; empty while there is none, and then `why` says why."""
        now = time.monotonic()
        if self._opened is None:
            if now >= self._start_at:
                self._start(now)
            return ""
        look = self._opened.look()
        if look.url:
            self._bad_since = now
            self._good_since = self._good_since or now
            if now - self._good_since > STEADY_S:
                self._failures = 0
            return look.url
        self._good_since = 0.0
        if look.failure:
            self._again(look.failure, look.wait_s)
        elif now - self._bad_since > OPEN_S:
            self._again(f"{self.tunnel.NAME} was not connected for {OPEN_S:.0f} s", 0.0)
        return ""

    def close(self) -> None:
        if self._opened:
            self._opened.close()
            self._opened = None

    def _start(self, now: float) -> None:
        try:
            self._opened = self.tunnel.start(self.port, self.environ, self.folder)
        except OSError as error:
            self._again(f"{self.tunnel.NAME} cannot be started: {error}", 0.0)
            return
        self._bad_since = now
        self.started(self._opened.process)

    def _again(self, failure: str, wait_s: float) -> None:
        pause = max(wait_s, PAUSES_S[min(self._failures, len(PAUSES_S) - 1)])
        self._failures += 1
        self.close()
        self._start_at = time.monotonic() + pause
        self.why = f"{failure}; it is opened again in {pause:.0f} s"
        log.warning("%s", self.why)
