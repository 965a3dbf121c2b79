"""What was made in an account, written down before it is made, so that no crash leaves anything unknown."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

from hippodrome.files import try_lock, write_atomically
from hippodrome.plan.layout import Layout

Kind = Literal["connection", "destination", "queue", "rule"]


@dataclass(frozen=True)
class Resource:
    """One thing in an account, with all that is needed to find and remove it. `bus` is a rule's."""

    kind: Kind
    name: str
    account: str
    region: str
    bus: str = ""

    @property
    def shown(self) -> str:
        return f"{self.kind} {self.name}" + (f" on {self.bus}" if self.bus else "")


KNOWN = tuple(each.name for each in fields(Resource))


class Journal:
    """The journal of one instance, in its run directory."""

    def __init__(self, layout: Layout) -> None:
        self._path = layout.run_dir / "account-events.jsonl"
        self._lock = layout.run_dir / "account-events.lock"

    @property
    def path(self) -> Path:
        return self._path

    @property
    def is_empty(self) -> bool:
        """Costs one look at the disk: every `hd up` and `hd down` asks."""
        try:
            return self._path.stat().st_size == 0
        except OSError:
            return True

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Whether the journal is ours while this lasts. A running program that makes things keeps it."""
        self._lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._lock.open("a", encoding="ascii") as file:
            yield try_lock(file.fileno())

    def note(self, resource: Resource) -> None:
        """Returns once it is on disk. Raises OSError."""
        if resource in self.left():
            return
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            line = f"\n{json.dumps(asdict(resource))}\n"  # also after a line that a crash cut short
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def left(self) -> tuple[Resource, ...]:
        """What may be there still, in the order in which it was made. Half a line is one that nothing was made of."""
        try:
            lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return ()
        return tuple(resource for line in lines if (resource := _read(line)))

    def forget(self, resource: Resource) -> None:
        """It is gone."""
        left = [each for each in self.left() if each != resource]
        if left:
            write_atomically(self._path, "".join(json.dumps(asdict(each)) + "\n" for each in left))
        else:
            self._path.unlink(missing_ok=True)


def _read(line: str) -> Resource | None:
    try:
        told = json.loads(line)
        return Resource(**{name: told[name] for name in KNOWN if name in told})  # another version may know more
    except (ValueError, TypeError):
        return None
