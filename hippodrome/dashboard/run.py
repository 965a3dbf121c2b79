"""The dashboard's process: `PORT`, `HOST` and `RUN_DIR` come from the environment."""

import os
import signal
from pathlib import Path
from types import FrameType

from hippodrome.control.rpc import Supervisor
from hippodrome.dashboard.app import create_app
from hippodrome.dashboard.board import Board
from hippodrome.dashboard.feed import Feed
from hippodrome.dashboard.server import Server
from hippodrome.rundir import layout_of
from hippodrome.version import version


def main() -> None:
    """Serves until SIGTERM or Ctrl+C."""
    layout = layout_of(Path(os.environ["RUN_DIR"]), os.environ)
    supervisor = Supervisor(layout)
    feed = Feed(supervisor, layout)
    server = Server(
        create_app(Board(layout, supervisor, feed, version())),
        os.environ.get("HOST", "127.0.0.1"),
        int(os.environ.get("PORT", "9000")),
    )

    def stop(_signal: int, _frame: FrameType | None) -> None:
        feed.close()
        server.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    feed.start()
    print(f"INFO dashboard: listening url=http://localhost:{server.port}", flush=True)
    server.run()
