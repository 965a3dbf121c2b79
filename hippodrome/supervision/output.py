"""What programs write, as it passes by: stamped with its time, and searched for what a log check waits for."""

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

from hippodrome.logs.stamps import Stamper
from hippodrome.supervision.actions import Watch

_COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
_NOT_RUN = re.compile(rb"supervisor: (couldn't (?:exec|chdir|setuid)[^\n]*)")
LINE_MAX = 65536  # bytes of an unfinished line that are kept for the rest of it


class _Search:
    """Of one life, for the line that makes it healthy."""

    def __init__(self, watch: Watch) -> None:
        self.pid = watch.pid
        self._pattern = re.compile(watch.probe.target)
        self._unfinished = b""

    def finds(self, written: bytes) -> bool:
        """A line is searched when it is complete, and while it is not: a prompt may never be."""
        text = self._unfinished + written
        self._unfinished = text[text.rfind(b"\n") + 1 :][-LINE_MAX:]
        lines = _COLOUR.sub(b"", text).decode("utf-8", "replace").splitlines()
        return any(self._pattern.search(line) for line in lines)


class Output:
    """`found` is told whose awaited line has come (name, pid); `not_run` who could not be run, and why."""

    def __init__(self, found: Callable[[str, int], None], not_run: Callable[[str, int, str], None]) -> None:
        self._found = found
        self._not_run = not_run
        self._stampers: dict[str, Stamper] = {}
        self._searches: dict[str, _Search] = {}

    def watch(self, watch: Watch) -> None:
        """Begins to search; raises re.error."""
        self._searches[watch.name] = _Search(watch)

    def unwatch(self, name: str) -> None:
        self._searches.pop(name, None)

    def wrote(self, name: str, pid: int, written: bytes, log: str, at: float) -> None:
        """supervisord has read `written` and appended it to `log`."""
        with contextlib.suppress(OSError):  # a full disk costs times, not programs
            stamper = self._stampers.get(name)
            if stamper is None:
                stamper = self._stampers[name] = Stamper(Path(log))
            stamper.wrote(len(written), at)
        search = self._searches.get(name)
        if search and search.pid == pid and search.finds(written):
            del self._searches[name]
            self._found(name, pid)
        if written.startswith(b"supervisor: ") and (failure := _NOT_RUN.match(written)):
            self._not_run(name, pid, failure[1].decode("utf-8", "replace"))

    def close(self) -> None:
        for stamper in self._stampers.values():
            stamper.close()
