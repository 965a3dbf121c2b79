"""Running pip, npm and the like: their output heard line by line, kept in a log, and their end never forgotten."""

import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from hippodrome.bootstrap import cache

LAST_LINES = 8
LOG_MAX = 5_000_000  # characters of one part of a log; there are two
GRACE_S = 5.0  # between SIGTERM and SIGKILL

Hear = Callable[[str], None]
Child = subprocess.Popen[str]


class ToolError(Exception):
    """A tool failed; `lines` are its last."""

    def __init__(self, what: str, lines: Sequence[str] = ()) -> None:
        super().__init__("\n".join([what, *lines]))
        self.what = what
        self.lines = tuple(lines)


class Running:
    """The tools that run now. Once they have been stopped, no other is started."""

    def __init__(self) -> None:
        self._children: set[Child] = set()
        self._is_over = False
        self._lock = Lock()

    def start(self, command: Sequence[str], environ: Mapping[str, str], folder: Path | None) -> Child:
        """In a process group of its own, so that what it starts can be ended with it. Raises ToolError."""
        with self._lock:
            if self._is_over:
                raise ToolError(f"`{command[0]}` was not started any more")
            try:
                child = subprocess.Popen(
                    command,
                    cwd=folder,
                    env=dict(environ),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    errors="replace",
                    process_group=0,
                    pass_fds=cache.held(),
                )
            except OSError as error:
                raise ToolError(f"`{command[0]}` cannot be run: {error.strerror}") from error
            self._children.add(child)
            return child

    def end(self, child: Child) -> None:
        """Returns when it has ended, by itself or for having been told to."""
        if child.poll() is None:
            _signal(child, signal.SIGTERM)
            try:
                child.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)
                child.wait()
        with self._lock:
            self._children.discard(child)

    def stop(self) -> None:
        """Ends every one: whoever waits for it hears of a failure."""
        with self._lock:
            self._is_over = True
            children = list(self._children)
        for child in children:
            _signal(child, signal.SIGTERM)
        for child in children:
            self.end(child)


def _signal(child: Child, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)


class _Log:
    """Added to; one that is full goes beside it as `.1`, in place of the one before."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> "_Log":
        self._file = self._path.open("a", encoding="utf-8")
        self._size = self._file.tell()
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, line: str) -> None:
        if self._size > LOG_MAX and self._path.is_file():
            self._file.close()
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
            self.__enter__()
        self._file.write(line)
        self._size += len(line)

    def flush(self) -> None:
        self._file.flush()


@dataclass(frozen=True, kw_only=True)
class Tools:
    """Runs tools in an environment and adds what they print to `log`."""

    log: Path | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    running: Running = field(default_factory=Running)

    def run(self, command: Sequence[str], *, folder: Path | None = None, hear: Hear = lambda _: None) -> None:
        """`hear` gets each line. Raises ToolError when it fails or cannot be started."""
        last: deque[str] = deque(maxlen=LAST_LINES)
        with _Log(self.log or Path(os.devnull)) as log:
            log.write(f"$ {' '.join(command)}\n")
            log.flush()  # so that a person who looks meanwhile sees what runs
            child = self.running.start(command, self.environ, folder)
            try:
                for line in child.stdout or ():
                    log.write(line)
                    last.append(line.rstrip())
                    hear(line)
                child.wait()
            finally:
                self.running.end(child)
                if child.stdout:
                    child.stdout.close()
        if code := child.returncode:
            raise ToolError(f"`{_shown(command)}` exited with {code}", last)


def _shown(command: Sequence[str]) -> str:
    """The first words of it: `pip install …`, also where that is `python -I -m pip`."""
    words = [*command[command.index("-m") + 1 :]] if "-m" in command[:3] else [Path(command[0]).name, *command[1:]]
    return " ".join([*words[:2], *(["…"] if len(words) > 2 else [])])
