"""The time index beside each captured log: when supervisord read what stands there. Standard library only."""

import contextlib
import mmap
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

GAP_S = 0.002  # a service that floods is stamped no more often; a stamp is 16 bytes
PARTS_MAX = 20  # of a log that are looked for: one more than a log may have beside the one that is written
SLACK = 64 * 1024  # bytes that an index may have beyond the size of its log

_HEADER = struct.Struct("<4sIQ")  # mark, generation, inode of the log
_RECORD = struct.Struct("<dQ")  # Unix seconds, offset in the log
_MARK = b"HDT1"


def times_path(log: Path, age: int = 0) -> Path:
    """The index of `log`; `age` counts its rotations."""
    return log.with_name(f"{log.name}.times" + (f".{age}" if age else ""))


class Stamper:
    """Keeps the index of one log while supervisord writes it.

    Every part of a rotated log has an index of its own. It belongs to its log by inode, not by name, so that
    a reader between the two renames is not misled; its generation grows with every part and is never reused.
    """

    def __init__(self, log: Path) -> None:
        self._path = os.fspath(log)
        self._times = times_path(log)
        self._descriptor = -1
        self._inode = -1
        self._end = 0
        self._index_bytes = 0
        self._stamped_at = 0.0

    def wrote(self, size_bytes: int, at: float) -> None:
        """To be told after every write of `size_bytes` to the log, with the time of its read. Raises OSError."""
        try:
            seen = os.stat(self._path)  # noqa: PTH116 - every write of every service comes by here: 1 us, not 4
        except FileNotFoundError:  # the log was cleared away by hand; the next write may find another
            return
        if seen.st_ino != self._inode or seen.st_size < self._end:
            if self._descriptor >= 0 and seen.st_size < size_bytes:  # it went to the old part, which was then full
                self._stamp(at, self._end)
            self._turn_to(seen.st_ino, seen.st_size)
        self._end = seen.st_size
        has_room = self._index_bytes <= seen.st_size + SLACK  # else one that writes single bytes would fill the disk
        if seen.st_size and has_room and not 0.0 <= at - self._stamped_at < GAP_S:
            self._stamp(at, max(0, seen.st_size - size_bytes))

    def close(self) -> None:
        """Lets go of the file; `wrote` takes it up again."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = self._inode = -1

    def _stamp(self, at: float, offset: int) -> None:
        # Records and pages are powers of two: on a full disk a record is written whole or not at all.
        self._index_bytes += os.write(self._descriptor, _RECORD.pack(at, offset))
        self._stamped_at = at

    def _turn_to(self, inode: int, size: int) -> None:
        """Takes up the index that belongs to this log, or puts a new one in front of the older ones."""
        self.close()
        self._stamped_at = 0.0
        found = Times.read(self._times)
        if found is None or found.inode != inode or (found.last_offset or 0) > size:
            self._push_back()
            _begin(self._times, generation=found.generation + 1 if found else 1, inode=inode)
        self._descriptor = os.open(self._times, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._index_bytes = os.fstat(self._descriptor).st_size
        self._inode = inode

    def _push_back(self) -> None:
        """One index more is kept than there are parts: the oldest part may be about to go."""
        log = Path(self._path)
        parts = sum(log.with_name(f"{log.name}.{age}").exists() for age in range(1, PARTS_MAX))
        names = [self._times, *(times_path(log, age) for age in range(1, PARTS_MAX + 1))]
        for older, newer in zip(names[parts + 1 :: -1], names[parts::-1], strict=False):
            with contextlib.suppress(FileNotFoundError):
                newer.replace(older)
        for stale in names[parts + 2 :]:
            stale.unlink(missing_ok=True)


def _begin(path: Path, *, generation: int, inode: int) -> None:
    """Made aside and moved into place, so that no reader sees half a header."""
    staging = path.with_name(f".{path.name}.new")
    staging.write_bytes(_HEADER.pack(_MARK, generation, inode))
    staging.chmod(0o600)
    staging.replace(path)


@dataclass(frozen=True)
class Times:
    """An index as read at one moment; `records` is its bytes after the header, mapped: only what is asked is read."""

    generation: int
    inode: int
    records: memoryview

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """None when there is none that can be read."""
        try:
            with path.open("rb") as stream:
                raw = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
            mark, generation, inode = _HEADER.unpack_from(raw)
        except (OSError, ValueError, struct.error):  # ValueError: an empty file cannot be mapped
            return None
        whole = (len(raw) - _HEADER.size) // _RECORD.size * _RECORD.size
        return cls(generation, inode, raw[_HEADER.size : _HEADER.size + whole]) if mark == _MARK else None

    def __len__(self) -> int:
        return len(self.records) // _RECORD.size

    @property
    def last_offset(self) -> int | None:
        return self._record(len(self) - 1)[1] if len(self) else None

    def at(self, offset: int) -> float | None:
        """When the byte at `offset` was read, in Unix seconds; None when nothing was stamped."""
        return self.span(offset)[0] if len(self) else None

    def span(self, offset: int) -> tuple[float, int, int | None]:
        """When the byte at `offset` was read, and from where to where that time holds. Needs a record."""
        place = self._first(lambda _, start: start > offset)
        at, start = self._record(max(0, place - 1))
        return at, start if place else 0, self._record(place)[1] if place < len(self) else None

    def offset_since(self, moment: float) -> int | None:
        """Where the part begins that was read at `moment` or later; None when all is older."""
        place = self._first(lambda at, _: at >= moment)
        return self._record(place)[1] if place < len(self) else None

    def _first(self, is_beyond: Callable[[float, int], bool]) -> int:
        """The number of the first record of which `is_beyond` is true, by halving."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if is_beyond(*self._record(middle)) else (middle + 1, high)
        return low

    def _record(self, number: int) -> tuple[float, int]:
        at, offset = _RECORD.unpack_from(self.records, number * _RECORD.size)
        return at, offset
