"""How the way to the account is: for the health check, for `hd up`, and for the next life of the program."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from hippodrome.control.processes import Process
from hippodrome.events.account.listener import Handler, Server
from hippodrome.files import write_atomically
from hippodrome.plan.layout import Layout


@dataclass(frozen=True, kw_only=True)
class State:
    """`why` says what it waits for while it is not ready. Moments are in Unix seconds, 0 for never.

    `proved_at` is when an event of our own last came through; `tunnel` is the child's pid and start.
    """

    via: str
    prefix: str
    is_ready: bool = False
    why: str = "starting"
    account: str = ""
    region: str = ""
    rule: str = ""
    buses: tuple[str, ...] = ()
    public_url: str = ""
    queue: str = ""
    since: float = 0.0
    proof_sent_at: float = 0.0
    proved_at: float = 0.0
    tunnel: tuple[int, int] | None = None


class Board:
    """The state, on disk and by HTTP. Changes are written at once."""

    def __init__(self, layout: Layout, state: State) -> None:
        self._path = layout.run_dir / "account-events.json"
        self._lock = threading.Lock()
        self.state = state

    def put(self, **changes: Any) -> None:
        """From any thread."""
        with self._lock:
            after = replace(self.state, **changes)
            if after != self.state:
                self.state = after
                write_atomically(self._path, json.dumps(asdict(after), indent=1) + "\n")

    def clear(self) -> None:
        """The way is closed."""
        self._path.unlink(missing_ok=True)

    def serve(self, host: str, port: int) -> Server:
        """`GET /health`, on this machine alone."""
        board = self

        class Bound(_Health):
            of = board

        return Server(host, port, Bound)


class _Health(Handler):
    of: Board

    def do_GET(self) -> None:  # noqa: N802 - the base class's name
        if self.path != "/health":
            self.answer(404)
            return
        state = self.of.state
        told = {"status": "ok" if state.is_ready else "unavailable", "service": "account_events", **shown(state)}
        self.answer(200 if state.is_ready else 503, json.dumps(told).encode(), Content_Type="application/json")


def shown(state: State) -> Mapping[str, Any]:
    """For people and scripts: without what only the program needs."""
    told = asdict(state)
    del told["tunnel"]
    return told


def read_state(layout: Layout) -> State | None:
    """None when there is none, or another version's."""
    try:
        told = json.loads((layout.run_dir / "account-events.json").read_text(encoding="utf-8"))
        tunnel = told.pop("tunnel")
        buses = tuple(told.pop("buses"))
        return State(**told, buses=buses, tunnel=(tunnel[0], tunnel[1]) if tunnel else None)
    except (OSError, ValueError, TypeError, KeyError, IndexError):
        return None


def left_tunnel(layout: Layout) -> Process | None:
    """A tunnel that an earlier life of the program had, for it to be ended."""
    state = read_state(layout)
    return Process(*state.tunnel) if state and state.tunnel else None


def sentence(state: State) -> str:
    """One line for `hd up`."""
    where = f"account {state.account}, region {state.region}"
    way = f"by tunnel at {state.public_url}" if state.public_url else f"by queue {state.queue}"
    return f"Events: of {where}, {way}; rule {state.rule} on {' and '.join(state.buses)}"


def now() -> float:
    return round(time.time(), 3)
