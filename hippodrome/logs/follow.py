"""New lines of several logs as they are written, across rotations."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hippodrome.logs.captured import Captured, Cursor, RawLine
from hippodrome.logs.levels import Level, continues, level_of, plain
from hippodrome.logs.read import Choice, Keep, Line, window
from hippodrome.plan.layout import Layout

SETTLE_S = 0.005  # between a write and its time stamp; what is younger is left for the next look
QUIET_S = 0.5  # after which a line without its newline is shown as it is
PAUSES_S = (0.02, 0.2)  # between looks: while lines come, and when none have come for long


@dataclass(frozen=True)
class News:
    """What one look found: lines in time order, and bytes of each program that were passed over."""

    lines: tuple[Line, ...]
    skipped: Mapping[str, int]


class Follower:
    """Looks at logs again and again, from `ends` on. `limit_bytes` bounds what one look reads of one log."""

    def __init__(
        self, logs: Mapping[str, Path], ends: Mapping[str, Cursor], *, limit_bytes: int | None = None
    ) -> None:
        self._tails = [_Tail(name, log, ends.get(name)) for name, log in logs.items()]
        self._limit_bytes = limit_bytes

    @property
    def ends(self) -> dict[str, Cursor]:
        """Where the next look begins."""
        return {tail.program: tail.cursor for tail in self._tails if tail.cursor}

    def look(self) -> News:
        """What has come since the last look, at once."""
        grown = [tail for tail in self._tails if tail.has_grown()]
        if not grown:
            return News((), {})
        time.sleep(SETTLE_S)
        skipped = {tail.program: passed for tail in grown if (passed := tail.read(self._limit_bytes))}
        lines = [line for tail in grown for line in tail.take()]
        return News(tuple(sorted(lines, key=lambda line: line.at)), skipped)


def follow(
    layout: Layout,
    programs: Sequence[str],
    count: int = 0,
    *,
    since: float | None = None,
    keep: Keep | None = None,
) -> Iterator[Line]:
    """The newest `count` lines and then every new one, for ever."""
    past = window(layout, programs, Choice(count, since, keep))
    yield from past.lines
    yield from _for_ever(Follower({name: layout.log(name) for name in programs}, past.ends), keep)


def _for_ever(follower: Follower, keep: Keep | None) -> Iterator[Line]:
    shortest, longest = PAUSES_S
    pause = shortest
    while True:
        lines = follower.look().lines
        yield from (line for line in lines if keep is None or keep(line.program, plain(line.text)))
        pause = shortest if lines else min(longest, pause * 1.2)
        time.sleep(pause)


class _Tail:
    """Where the following of one log stands."""

    def __init__(self, program: str, log: Path, cursor: Cursor | None) -> None:
        self.program = program
        self.cursor = cursor
        self._log = log
        self._path = os.fspath(log)
        self._seen = (0, -1)  # inode and size at the last look
        self._changed_at = 0.0
        self._has_rest = False  # whether a line without its newline is there
        self._level: Level | None = None
        self._found: list[Line] = []

    def has_grown(self) -> bool:
        """Whether there is something to read: new bytes, or a line that waits for its newline for too long."""
        try:
            now = os.stat(self._path)  # noqa: PTH116 - asked for every log several times a second
        except FileNotFoundError:
            return False
        if (now.st_ino, now.st_size) == self._seen:
            return self._has_rest and time.monotonic() - self._changed_at > QUIET_S
        self._seen = now.st_ino, now.st_size
        self._changed_at = time.monotonic()
        return True

    def read(self, limit_bytes: int | None) -> int:
        """Takes up what was there when it was last seen; how many bytes were passed over."""
        with Captured(self._log) as log:
            end = log.position_in(*self._seen)
            start = self._start(log)
            if end is None:  # rotated away in this moment; the next look finds it
                self._seen = (0, -1)
                return 0
            passed = max(0, end - start - limit_bytes) if limit_bytes else 0
            read_to = self._read_lines(log, start + passed, end, is_torn=passed > 0)
            self.cursor = log.cursor(read_to)
            self._has_rest = read_to < end
            return passed

    def take(self) -> list[Line]:
        """The lines that were read, once."""
        found, self._found = self._found, []
        return found

    def _start(self, log: Captured) -> int:
        """A part that is no longer kept was rotated away: all that is kept is newer."""
        return 0 if self.cursor is None else log.position(self.cursor) or 0

    def _read_lines(self, log: Captured, start: int, end: int, *, is_torn: bool) -> int:
        """`is_torn`: the first line's beginning was passed over."""
        read_to = start
        is_quiet = time.monotonic() - self._changed_at > QUIET_S
        for raw in log.lines_after(start, end, is_last_whole=is_quiet):
            if not (is_torn and raw.start == start):
                self._found.append(self._line(log, raw))
            read_to = raw.end
        return read_to

    def _line(self, log: Captured, raw: RawLine) -> Line:
        text = raw.text.decode("utf-8", "replace").removesuffix("\r")
        shown = plain(text)
        level = level_of(shown)
        if continues(shown):
            level = level or self._level
        else:
            self._level = level
        generation, offset = log.cursor(raw.start)
        return Line(self.program, log.time_at(raw.start), text, offset, generation, level)
