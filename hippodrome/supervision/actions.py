"""What the scheduler asks for; `engine` does it."""

from dataclasses import dataclass

from hippodrome.plan.conditions import Status
from hippodrome.plan.model import Probe


@dataclass(frozen=True)
class Spawn:
    """Start its process; the answer is `spawned` or `refused`. `stand_in`: what to run in its place."""

    name: str
    stand_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Terminate:
    """Send its stop signal to its whole group."""

    name: str


@dataclass(frozen=True)
class Kill:
    """Send SIGKILL to its whole group."""

    name: str


@dataclass(frozen=True)
class Sweep:
    """End what the process `pid` left, within `grace_s`; the answer is `swept`."""

    name: str
    pid: int
    grace_s: float


@dataclass(frozen=True)
class Watch:
    """Probe it until told otherwise. With a `port`, the first pass counts only if its own processes hold that."""

    name: str
    pid: int
    probe: Probe
    host: str
    port: int | None
    is_new: bool  # its process has just been started


@dataclass(frozen=True)
class Unwatch:
    name: str


@dataclass(frozen=True)
class Swap:
    """Have supervisord forget it and, unless `is_leaving`, take it up again; the answer is `swapped`."""

    name: str
    is_leaving: bool


@dataclass(frozen=True)
class Record:
    """A state was entered, `reason` being why if somebody wanted it."""

    status: Status
    reason: str
    at: float


Action = Spawn | Terminate | Kill | Sweep | Watch | Unwatch | Swap | Record
