"""Ending what a program left behind: SIGTERM, a grace, SIGKILL."""

import signal
from dataclasses import dataclass

from hippodrome.supervision import family

PAUSES_S = (0.005, 0.01, 0.02, 0.05)  # between looks; the last holds
PATIENCE_S = 2.0  # after SIGKILL, for what waits for a device


@dataclass
class _Sweep:
    pids: list[int]
    kill_at: float
    looks: int = 0
    is_killed: bool = False


class Sweeps:
    """Those that are under way, by program."""

    def __init__(self) -> None:
        self._sweeps: dict[str, _Sweep] = {}
        self._look_at = float("inf")

    @property
    def next_alarm(self) -> float | None:
        return self._look_at if self._sweeps else None

    def begin(self, name: str, pids: list[int], grace_s: float, now: float) -> None:
        """Sends SIGTERM to `pids`."""
        family.send(pids, signal.SIGTERM)
        self._sweeps[name] = _Sweep(pids, now + grace_s)
        self._look_at = min(self._look_at, now + PAUSES_S[0])

    def kill(self) -> None:
        """Does not wait any longer."""
        for sweep in self._sweeps.values():
            family.send(sweep.pids, signal.SIGKILL)

    def done(self, now: float) -> list[str]:
        """The programs of which nothing is left any more; they are told once."""
        if now < self._look_at:
            return []
        done = [name for name, sweep in self._sweeps.items() if _is_done(sweep, now)]
        for name in done:
            del self._sweeps[name]
        looks = min((sweep.looks for sweep in self._sweeps.values()), default=0)
        self._look_at = now + PAUSES_S[min(looks, len(PAUSES_S) - 1)] if self._sweeps else float("inf")
        return done


def _is_done(sweep: _Sweep, now: float) -> bool:
    sweep.looks += 1
    sweep.pids = [pid for pid in sweep.pids if family.is_alive(pid)]
    if sweep.pids and now >= sweep.kill_at and not sweep.is_killed:
        family.send(sweep.pids, signal.SIGKILL)
        sweep.is_killed = True
    return not sweep.pids or now >= sweep.kill_at + PATIENCE_S
