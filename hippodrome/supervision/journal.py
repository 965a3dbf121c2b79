"""The journal: a JSON line for every change of a program's state, bounded in size."""

import json
import os
from pathlib import Path

from hippodrome.plan.conditions import Status

LIMIT_BYTES = 2_000_000


class Journal:
    """Appends to `path`; the older half is kept beside it as `.1`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, status: Status, now: float) -> None:
        """Does nothing when the disk is full: what runs matters more than what is written of it."""
        line = {
            "at": round(now, 3),
            "program": status.name,
            "state": status.state,
            "cause": status.cause,
            "detail": status.detail,
            "reason": status.restart_reason if status.state == "starting" else "",
        }
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                size = file.tell()
            if size > LIMIT_BYTES:
                os.replace(self._path, f"{self._path}.1")  # noqa: PTH105
        except OSError:
            return
