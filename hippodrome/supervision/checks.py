"""Running the commands of exec checks: supervisord's loop starts and reaps them, for it reaps every child."""

import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from hippodrome.plan.model import Program
from hippodrome.supervision.attempts import Outcome
from hippodrome.supervision.host import Host

Tell = Callable[[str, int, Outcome], None]


@dataclass
class _Check:
    """Stands where supervisord looks for the process that has ended."""

    end: Callable[[int], None]

    def finish(self, pid: int, status: int) -> None:
        self.end(status)


@dataclass
class Checks:
    """`tell` gets the program's name, the pid of its process, and how the check went."""

    host: Host
    tell: Tell
    _pids: dict[str, int] = field(default_factory=dict)

    def run(self, program: Program, pid: int) -> None:
        """Starts the check of `program`, whose process is `pid`."""
        self.stop(program.name)
        try:
            check = self.host.run_check(program, _Check(lambda status: self._ended(program.name, pid, status)))
        except OSError as error:
            self.tell(program.name, pid, Outcome(False, str(error.strerror)))
        else:
            self._pids[program.name] = check

    def stop(self, name: str) -> None:
        """Kills it, with all that it has started; what it would have said does not count."""
        if check := self._pids.pop(name, None):
            with contextlib.suppress(OSError):
                os.killpg(check, signal.SIGKILL)

    def close(self) -> None:
        for name in list(self._pids):
            self.stop(name)

    def _ended(self, name: str, pid: int, status: int) -> None:
        if self._pids.pop(name, None) is None:
            return
        code = os.waitstatus_to_exitcode(status)
        seen = f"exit status {code}" if code >= 0 else f"killed by signal {-code}"
        self.tell(name, pid, Outcome(code == 0, seen))
