"""The event file: every state that a program enters, one JSON object a line."""

import contextlib
import json
import os
from pathlib import Path

from hippodrome.supervision.actions import Record

SIZE_MAX = 5_000_000  # bytes; the part before is kept beside it as `.1`


class Journal:
    """Appends to the file and turns it over when it is full. A disk that is full loses events, not programs."""

    def __init__(self, path: Path, *, size_max: int = SIZE_MAX) -> None:
        self._path = path
        self._size_max = size_max

    def append(self, records: list[Record]) -> None:
        """Writes them in one go."""
        if not records:
            return
        text = "".join(f"{_line(record)}\n" for record in records)
        with contextlib.suppress(OSError):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                os.write(descriptor, text.encode())
                is_full = os.fstat(descriptor).st_size > self._size_max
            finally:
                os.close(descriptor)
            if is_full:
                self._path.replace(self._path.with_name(f"{self._path.name}.1"))


def _line(record: Record) -> str:
    status = record.status
    told = {
        "at": round(record.at, 6),
        "program": status.name,
        "state": status.state,
        "cause": status.cause,
        "detail": status.detail,
        "reason": record.reason,
    }
    return json.dumps(told, ensure_ascii=False)
