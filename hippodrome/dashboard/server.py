"""The production server: waitress, with as many threads as there are streams."""

import contextlib
import logging
import socket
import threading
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server
from waitress.task import ThreadedTaskDispatcher

from hippodrome.dashboard.stream import MOST_STREAMS

FIRST_THREADS = 4
MOST_EVENTS = 48  # that wait for their service at the same time
MOST_THREADS = MOST_STREAMS + MOST_EVENTS + 8  # each holds one; these are left for all else
STOP_S = 1.5
LOOK_UP_S = 15.0  # between looks for connections that have idled too long
BACKLOG_BYTES = 1 << 20  # for a reader that does not read; then its thread waits


class GrowingDispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Starts with few threads and adds one whenever none is idle: a stream that nobody opened costs nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.set_thread_count(FIRST_THREADS)

    def add_task(self, task: Any) -> None:
        """As waitress calls it: from its loop, and from a thread whose connection has sent the next request."""
        with self.lock:
            running = len(self.threads) - self.stop_count
            is_short = running - self.active_count <= len(self.queue)
        if is_short and running < MOST_THREADS:
            self.set_thread_count(running + 1)
        super().add_task(task)


class Server:
    """Listens from its making on; `run` serves until `stop`."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a task may wait for a thread that is being made
        self._stopping = threading.Event()
        self._sockets: dict[int, wasyncore.dispatcher] = {}
        self._dispatcher = GrowingDispatcher()
        listening = socket.create_server((host, port))
        self.port: int = listening.getsockname()[1]
        self._server = create_server(
            app,
            map=self._sockets,
            _dispatcher=self._dispatcher,
            sockets=[listening],
            ident=None,
            connection_limit=400,
            channel_timeout=60,
            outbuf_high_watermark=BACKLOG_BYTES,
            clear_untrusted_proxy_headers=True,
        )

    def run(self) -> None:
        """Returns once stopped. Streams must have been told to end: the feed closes them."""
        while not self._stopping.is_set():
            wasyncore.loop(timeout=LOOK_UP_S, use_poll=True, map=self._sockets, count=1)
        self._dispatcher.shutdown(timeout=STOP_S)
        wasyncore.close_all(self._sockets)

    def stop(self) -> None:
        """Ends `run`; from any thread, or a signal's handler."""
        self._stopping.set()
        with contextlib.suppress(OSError):  # `run` may have seen it already, and closed what wakes it
            self._server.pull_trigger()
