"""When an instance was used last, and whether it was stopped for want of use. Standard library only."""

import json
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

FORMAT = 1  # of the file; takes what it knows, whatever the number
UNITS = ((3600, "h", "h"), (60, "m", "min"), (1, "s", "s"))


@dataclass(frozen=True, kw_only=True)
class Use:
    """What supervisord's process has seen of an instance that is to stop when nobody uses it.

    `limit_s`: without use, in seconds of a machine that is awake. `by` says what was seen at `used_at`. Times are
    Unix seconds; `stopped_at` is None unless it was stopped for that.
    """

    limit_s: float
    used_at: float
    by: str = ""
    stopped_at: float | None = None
    format: int = FORMAT

    @property
    def sentence(self) -> str:
        """`stopped at 14:02 after 8 h without use (--idle-stop 8h)`; empty while it was not stopped."""
        if self.stopped_at is None:
            return ""
        limit = self.limit_s
        return f"stopped at {moment(self.stopped_at)} after {words(limit)} without use (--idle-stop {spelled(limit)})"

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def read(cls, path: Path) -> "Use | None":
        """None where there is no such file, or it makes no sense."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            found = cls(**{field.name: told[field.name] for field in fields(cls) if field.name in told})
            is_sound = all(isinstance(each, int | float) for each in (found.limit_s, found.used_at))
            return found if is_sound and isinstance(found.stopped_at, int | float | None) else None
        except (OSError, ValueError, TypeError):
            return None


def moment(at: float) -> str:
    """`14:02`, with the day where that is another."""
    then = time.localtime(at)
    is_today = then[:3] == time.localtime()[:3]
    return time.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M", then)


def words(seconds: float) -> str:
    """`8 h`, `1 h 30 min`, `2.5 s`."""
    return " ".join(f"{count} {word}" for count, _, word in _parts(seconds))


def spelled(seconds: float) -> str:
    """As a person writes it: `8h`, `1h30m`, `2.5s`."""
    return "".join(f"{count}{letter}" for count, letter, _ in _parts(seconds))


def _parts(seconds: float) -> list[tuple[str, str, str]]:
    parts, left = [], seconds
    for size, letter, word in UNITS[:-1]:
        count, left = divmod(left, size)
        parts += [(f"{count:g}", letter, word)] if count else []
    return [*parts, (f"{left:g}", "s", "s")] if left or not parts else parts
