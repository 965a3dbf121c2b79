"""Running pip, npm and the like: their output heard line by line, kept in a log, and their end never forgotten."""

import os
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LAST_LINES = 8

Hear = Callable[[str], None]
_running: set["subprocess.Popen[str]"] = set()


class ToolError(Exception):
    """A tool failed; `lines` are its last."""

    def __init__(self, what: str, lines: Sequence[str] = ()) -> None:
        super().__init__("\n".join([what, *lines]))
        self.what = what
        self.lines = tuple(lines)


@dataclass(frozen=True, kw_only=True)
class Tools:
    """Runs tools in an environment and adds what they print to `log`."""

    log: Path | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def run(self, command: Sequence[str], *, folder: Path | None = None, hear: Hear = lambda _: None) -> None:
        """`hear` gets each line. Raises ToolError when it fails or cannot be started."""
        last: deque[str] = deque(maxlen=LAST_LINES)
        with (self.log or Path(os.devnull)).open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n")
            with self._start(command, folder) as child:
                _running.add(child)
                try:
                    for line in child.stdout or ():
                        log.write(line)
                        last.append(line.rstrip())
                        hear(line)
                finally:
                    _running.discard(child)
        if code := child.returncode:
            raise ToolError(f"`{Path(command[0]).name} {' '.join(command[1:4])} …` exited with {code}", last)

    def _start(self, command: Sequence[str], folder: Path | None) -> "subprocess.Popen[str]":
        try:
            return subprocess.Popen(
                command,
                cwd=folder,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise ToolError(f"`{command[0]}` cannot be run: {error.strerror}") from error


def stop_all() -> None:
    """Ends every tool that runs now: whoever waits for it hears of a failure."""
    for child in list(_running):
        child.terminate()
