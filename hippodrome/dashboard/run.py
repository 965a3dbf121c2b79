"""The dashboard's process: `PORT`, `HOST` and `RUN_DIR` come from the environment."""

import logging
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from hippodrome.control.rpc import Supervisor
from hippodrome.dashboard.app import create_app
from hippodrome.dashboard.board import Board
from hippodrome.dashboard.feed import Feed
from hippodrome.dashboard.server import Server
from hippodrome.events import proof
from hippodrome.events.relay import Relay
from hippodrome.events.spool import Spool
from hippodrome.plan.layout import Layout
from hippodrome.version import version

# A thread that waits for its turn waits this long for each that computes: the five milliseconds that are usual add up
# for an event, which waits for disk and network several times, while many streams are read
SWITCH_S = 0.001


def layout_from(environ: Mapping[str, str]) -> Layout:
    """`RUN_DIR`, and what supervisord tells every program of its own address. Raises KeyError."""
    run_dir = Path(environ["RUN_DIR"])
    socket = environ.get("SUPERVISOR_SERVER_URL", "").removeprefix("unix://")
    return Layout(run_dir, Path(socket).parent if socket else run_dir)


def main() -> None:
    """Serves until SIGTERM or Ctrl+C."""
    sys.setswitchinterval(SWITCH_S)
    layout = layout_from(os.environ)
    supervisor = Supervisor(layout)
    feed = Feed(supervisor, layout)
    relay = Relay(Spool(layout.spool), lambda: feed.known.plan, proof.Record(layout.last_proof))
    server = Server(
        create_app(Board(layout, supervisor, feed, relay, version())),
        os.environ.get("HOST", "127.0.0.1"),
        int(os.environ.get("PORT", "9000")),
    )

    def stop(_signal: int, _frame: FrameType | None) -> None:
        feed.close()
        relay.close()
        server.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    form = "%(levelname)s %(name)s: %(message)s"
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format=form, force=True)
    feed.start()
    relay.start()
    print(f"INFO dashboard: listening url=http://localhost:{server.port}", flush=True)
    server.run()
