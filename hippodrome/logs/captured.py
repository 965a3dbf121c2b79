"""A log with its rotated parts, as one run of bytes from the oldest that is kept to the newest."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from hippodrome.logs.stamps import PARTS_MAX, Times, times_path

BLOCK = 64 * 1024
LONGEST = 64 * 1024  # bytes of a line that are read; the rest of a longer one is passed over


class Cursor(NamedTuple):
    """A place in a log that rotation does not move: the part's generation, and the offset in it."""

    generation: int
    offset: int


class RawLine(NamedTuple):
    """Positions in the run of bytes; `end` is after the line's newline."""

    start: int
    end: int
    text: bytes


@dataclass(frozen=True)
class Part:
    """One file of a log, held open. `start` is where it begins in the run."""

    descriptor: int
    inode: int
    generation: int
    start: int
    size: int
    times: Times | None
    written_at: float


class Captured:
    """The parts as they were when opened; what is written after that is not seen. Use it as a context manager."""

    def __init__(self, log: Path) -> None:
        self._held = ExitStack()
        self.parts = tuple(self._open_parts(log))
        self.size = self.parts[-1].start + self.parts[-1].size if self.parts else 0
        self._known = (0.0, 0, 0)  # a time, and from where to where it holds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`."""
        pieces = []
        for part in self.parts:
            low, high = max(start, part.start), min(end, part.start + part.size)
            if low < high:
                pieces.append(os.pread(part.descriptor, high - low, low - part.start))
        return b"".join(pieces)

    def cursor(self, position: int) -> Cursor:
        """Of a position; where one part ends and the next begins, in the next."""
        part = self._part_at(position)
        return Cursor(part.generation, position - part.start) if part else Cursor(0, 0)

    def position(self, cursor: Cursor) -> int | None:
        """None when the part is no longer kept."""
        part = next((part for part in self.parts if part.generation == cursor.generation), None)
        return part.start + min(cursor.offset, part.size) if part else None

    def position_in(self, inode: int, offset: int) -> int | None:
        """Of an offset in a file known by its inode."""
        part = next((part for part in reversed(self.parts) if part.inode == inode), None)
        return part.start + min(offset, part.size) if part else None

    def time_at(self, position: int) -> float:
        """When the byte was read from the service; the file's own time where nothing was stamped. Unix seconds."""
        at, start, end = self._known
        if not start <= position < end:
            self._known = at, start, end = self._span(position)
        return at

    def position_since(self, moment: float) -> int:
        """Where begins what was read at `moment` or later; the end when nothing was."""
        for part in self.parts:
            offset = part.times.offset_since(moment) if part.times else 0 if part.written_at >= moment else None
            if offset is not None:
                return part.start + offset
        return self.size

    def lines_before(self, end: int) -> Iterator[RawLine]:
        """Lines from the one that ends at `end` back to the first; the newest may lack its newline."""
        rest, rest_end, at = b"", end, end  # what is read of a line whose beginning is not, and where it ends
        while at > 0:
            start = max(0, at - BLOCK)
            first, *others = self.read(start, at).split(b"\n")
            for text in reversed(others):
                begin = at - len(text)
                if begin < end:  # nothing stands between the last newline and the end
                    yield RawLine(begin, min(rest_end + 1, end), (text + rest)[:LONGEST])
                rest, rest_end, at = b"", begin - 1, begin - 1
            rest, at = (first + rest)[:LONGEST], start
        if end > 0:
            yield RawLine(0, min(rest_end + 1, end), rest)

    def lines_after(self, start: int, end: int, *, is_last_whole: bool = False) -> Iterator[RawLine]:
        """Lines from `start` in order; one without its newline only when `is_last_whole`."""
        rest, begin, at = b"", start, start
        while at < end:
            read = self.read(at, min(end, at + BLOCK))
            at += len(read)
            first, *others = read.split(b"\n")
            if not read:
                return
            rest = (rest + first)[:LONGEST]
            line_end = at - len(read) + len(first) + 1
            for text in others:
                yield RawLine(begin, line_end, rest)
                begin, rest = line_end, text
                line_end += len(text) + 1
        if is_last_whole and begin < end:
            yield RawLine(begin, end, rest)

    def _part_at(self, position: int) -> Part | None:
        return next((part for part in reversed(self.parts) if position >= part.start), None)

    def _span(self, position: int) -> tuple[float, int, int]:
        part = self._part_at(position)
        if part is None:
            return 0.0, 0, 0
        end = part.start + part.size
        if not part.times or not len(part.times):
            return part.written_at, part.start, end
        at, low, high = part.times.span(position - part.start)
        return at, part.start + low, end if high is None else part.start + high

    def _open_parts(self, log: Path) -> Iterator[Part]:
        """Newest first while opening, so that a rotation meanwhile shows one file twice and loses none."""
        opened: dict[int, tuple[int, os.stat_result]] = {}
        for name in (log, *(log.with_name(f"{log.name}.{age}") for age in range(1, PARTS_MAX + 1))):
            try:
                descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
            except OSError:
                continue
            self._held.callback(os.close, descriptor)
            seen = os.fstat(descriptor)
            opened.setdefault(seen.st_ino, (descriptor, seen))
        indexes = [found for age in range(PARTS_MAX + 1) if (found := Times.read(times_path(log, age)))]
        start = 0
        for inode, (descriptor, seen) in reversed(opened.items()):
            times = next((found for found in indexes if found.inode == inode), None)
            is_newest = inode == next(iter(opened))
            generation = times.generation if times else _generation(inode, indexes, is_newest=is_newest)
            yield Part(descriptor, inode, generation, start, seen.st_size, times, seen.st_mtime)
            start += seen.st_size


def _generation(inode: int, indexes: list[Times], *, is_newest: bool) -> int:
    """Of a part without an index: the one that comes next, or, where none is kept, its inode."""
    return max(found.generation for found in indexes) + 1 if is_newest and indexes else inode
