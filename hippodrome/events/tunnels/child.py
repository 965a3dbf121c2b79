"""A tunnel's program as a child: its output is read line by line as it comes, by a thread."""

import logging
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hippodrome.control.processes import Process, look_up

KEPT_LINES = 50
END_S = 3.0


@dataclass(frozen=True)
class Look:
    """How a tunnel is.

    `url`: the public address, once requests to it arrive. `failure`: why it is of no use any more, and must be
    started anew, in `wait_s` seconds at the soonest.
    """

    url: str = ""
    failure: str = ""
    wait_s: float = 0.0


class Child:
    """Runs `argv` until it is closed. `hear` says whether a line is worth logging.

    Raises OSError when it cannot be started.
    """

    def __init__(
        self, argv: Sequence[str], environ: Mapping[str, str], *, name: str, hear: Callable[[str], bool]
    ) -> None:
        self._hear, self._log = hear, logging.getLogger(name)
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._popen = subprocess.Popen(
            argv,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.process: Process | None = look_up(self._popen.pid)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def ending(self) -> int | None:
        """The exit status, once it has ended and all that it said was heard."""
        status = self._popen.poll()
        if status is not None:
            self._reader.join(END_S)
        return status

    def close(self) -> None:
        """TERM, grace, KILL."""
        self._popen.terminate()
        try:
            self._popen.wait(END_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._reader.join(END_S)
        if self._popen.stdout and not self._reader.is_alive():  # else what it left behind holds the pipe
            self._popen.stdout.close()

    def _read(self) -> None:
        assert self._popen.stdout
        for line in self._popen.stdout:
            text = line.rstrip()
            self.lines.append(text)
            if self._hear(text):
                self._log.info("%s", text)
