"""A terminal of its own for a command: what stands on its screen, and keys that are pressed."""

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyte

from hippodrome.wait import Deadline, until

PATIENCE_S = 40.0
COLUMNS, LINES = 80, 24
SIZES = {"COLUMNS", "LINES"}  # variables that would say another size than the terminal has


def read_all(ours: int) -> str:
    """What comes from a terminal until nobody has its other end open; then this end is closed, too."""
    said = b""
    with contextlib.suppress(OSError):  # EIO on Linux: the other end was closed
        while part := os.read(ours, 1 << 16):
            said += part
    os.close(ours)
    return said.decode(errors="replace")


@dataclass
class Terminal:
    """`screen` is what a person sees; `raw` is all that was written."""

    columns: int = COLUMNS
    lines: int = LINES
    raw: bytes = b""
    child: "subprocess.Popen[bytes] | None" = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", self.lines, self.columns, 0, 0))
        self._screen = pyte.Screen(self.columns, self.lines)
        self._stream = pyte.ByteStream(self._screen)
        self.before = termios.tcgetattr(self._theirs)
        self._reading = threading.Thread(target=self._read, daemon=True)

    def run(self, command: Sequence[str], folder: Path, environ: dict[str, str]) -> None:
        """Starts it in a session whose terminal this is."""
        self.child = subprocess.Popen(
            command,
            cwd=folder,
            env={name: value for name, value in environ.items() if name not in SIZES} | {"TERM": "xterm-256color"},
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self._reading.start()

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    @property
    def text(self) -> str:
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screen.display)

    def see(self, *texts: str) -> None:
        """Returns once all of them are on the screen."""
        there = until(lambda: all(text in self.text for text in texts), Deadline(PATIENCE_S), pause_s=0.05)
        assert there, f"never saw {texts}:\n{self.text}"

    def see_no_more(self, text: str) -> None:
        assert until(lambda: text not in self.text, Deadline(PATIENCE_S), pause_s=0.05), self.text

    def end(self) -> int:
        """The exit status, once it has ended by itself."""
        assert self.child
        return self.child.wait(PATIENCE_S)

    @property
    def attributes(self) -> list[object]:
        """As termios tells them; equal to `before` when the terminal is as it was."""
        return termios.tcgetattr(self._theirs)

    def close(self) -> None:
        if self.child and self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        os.close(self._theirs)
        if self._reading.is_alive():
            self._reading.join(5)
        os.close(self._ours)

    def _read(self) -> None:
        while True:
            try:
                told = os.read(self._ours, 65536)
            except OSError:
                return
            if not told:
                return
            with self._lock:
                self.raw += told
                self._stream.feed(told)
