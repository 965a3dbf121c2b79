"""The pipe that ends supervisord's waiting: by signals, by the probe thread, by what must be done next turn."""

import contextlib
import os
import signal
from collections.abc import Callable, MutableMapping
from typing import Any


class Wakeup:
    """One end in supervisord's loop, which calls `on_wake`; the other may be written to from any thread.

    supervisord looks at its dispatchers again after each call, so a closed one must have left its map, must not
    want to be read, and may be closed again.
    """

    def __init__(self, socket_map: MutableMapping[int, Any], on_wake: Callable[[], object]) -> None:
        self._socket_map = socket_map
        self._on_wake = on_wake
        self._read_end, self._write_end = os.pipe()
        for descriptor in (self._read_end, self._write_end):
            os.set_blocking(descriptor, False)
        self._is_open = True
        socket_map[self._read_end] = self
        # by default supervisord sees a signal when its second of waiting is over
        signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)

    def wake(self) -> None:
        """A full pipe wakes as well."""
        if self._is_open:
            with contextlib.suppress(BlockingIOError):
                os.write(self._write_end, b"\0")

    def close(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        signal.set_wakeup_fd(-1)
        self._socket_map.pop(self._read_end, None)
        os.close(self._read_end)
        os.close(self._write_end)

    # what supervisord's loop asks of a dispatcher

    def readable(self) -> bool:
        return self._is_open

    def writable(self) -> bool:
        return False

    def handle_read_event(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._read_end, 65536)
        self._on_wake()

    def handle_write_event(self) -> None:
        return None

    def handle_error(self) -> None:
        """What `on_wake` raises is caught there; anything else must not stop the waking."""
