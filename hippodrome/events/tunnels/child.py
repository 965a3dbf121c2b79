"""A tunnel's program as a child: its output is read line by line as it comes, by a thread."""

import logging
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

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


class Signs(Protocol):
    """What is known of a tunnel from what its program prints. `why`: what it complained of last, or nothing."""

    url: str
    why: str
    wait_s: float  # after an end, until another try makes sense

    def hear(self, line: str) -> bool:
        """Learns from a line. Whether it is worth logging."""

    def is_open(self) -> bool:
        """Whether requests to `url` arrive, as the program says when it is asked."""


class Opened:
    """A tunnel whose program runs. Raises OSError when it cannot be started."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str], *, name: str, signs: Signs) -> None:
        self._name, self._signs = name, signs
        self._child = Child(argv, environ, name=name, hear=signs.hear)

    @property
    def process(self) -> Process | None:
        """By which it can be ended when whoever started it has died."""
        return self._child.process

    def look(self) -> Look:
        """How it is now."""
        if (status := self._child.ending()) is not None:
            why = self._signs.why or next(reversed(self._child.lines), "it said nothing")
            return Look(failure=f"{self._name} ended with status {status}: {why}", wait_s=self._signs.wait_s)
        return Look(url=self._signs.url if self._signs.url and self._signs.is_open() else "")

    def close(self) -> None:
        """Ends it."""
        self._child.close()


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
