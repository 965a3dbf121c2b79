"""How far each stream has been brought to the relay, on disk."""

import json
from pathlib import Path

from hippodrome.events.pump.streams import Stream
from hippodrome.files import write_atomically


class Checkpoints:
    """By table and ARN: of another life of a table nothing is known, and it is read from its oldest record on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, dict[str, str]] = _read(path)

    def after(self, stream: Stream) -> str | None:
        """The sequence number of the last record that was taken."""
        kept = self._kept.get(stream.table, {})
        return kept.get("after") if kept.get("arn") == stream.arn else None

    def write(self, stream: Stream, number: str) -> None:
        self._kept[stream.table] = {"arn": stream.arn, "after": number}
        write_atomically(self._path, json.dumps(self._kept, indent=1))


def _read(path: Path) -> dict[str, dict[str, str]]:
    """Nothing where it cannot be read: then what is still in the streams comes once more."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    is_ours = isinstance(found, dict) and all(isinstance(each, dict) for each in found.values())
    return found if is_ours else {}
