"""Starting the warden and supervisord; supervisord loads its code while the plan is still being compiled."""

import os
import secrets
import select
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from hippodrome.control.processes import warden_of
from hippodrome.control.rpc import NotRunning, OtherVersion, Supervisor, is_running
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.layout import STACK_ID, Layout
from hippodrome.resources import PACKAGE_ROOT
from hippodrome.rundir import Instance, prepare
from hippodrome.wait import Deadline, until

START_S = 60.0  # loading supervisord's code takes 0.2 s; a machine that swaps takes long
BACK_S = 30.0  # within which a supervisord that died is back
LOG_LINES = 8
WARDEN_LOG_MAX = 1_000_000  # bytes, after which it is begun anew; the one before is kept
PACKAGE = PACKAGE_ROOT / "hippodrome"


@dataclass(frozen=True)
class Launch:
    """A supervisord that has been started and waits for the word: `go` or `cancel`, of which the first counts.

    `line` leads to the warden: the word goes there, and its end is the warden's end.
    """

    instance: Instance
    stack_id: str
    starter: int
    line: socket.socket

    def go(self) -> None:
        """Lets it read its configuration. Returns when it answers. Raises UserError with its reason if it refuses."""
        layout = self.instance.layout
        layout.socket.unlink(missing_ok=True)  # one that nobody answers on keeps supervisord waiting
        said_before = _size(layout.warden_log)
        try:
            self.line.send(b"go\n")
            until(lambda: is_running(layout) or self._has_ended, Deadline(START_S), pause_s=0.003)
        except BrokenPipeError:
            pass  # it has ended already; its log says why
        finally:
            self._let_go()
        if not is_running(layout):
            raise _refusal(layout, said_before)

    def cancel(self) -> None:
        """It ends without having done anything."""
        self._let_go()

    @property
    def _has_ended(self) -> bool:
        looking = select.poll()  # unlike `select`, also of a caller that has a thousand files open
        looking.register(self.line, select.POLLIN)
        return bool(looking.poll(0))  # nothing is ever said on it but its end

    def _let_go(self) -> None:
        if self.line.fileno() >= 0:
            self.line.close()
            os.waitpid(self.starter, 0)


def prelaunch(instance: Instance) -> Launch:
    """Starts both, in a session of their own, and does not wait for them."""
    prepare(instance)
    layout = instance.layout
    if _size(layout.warden_log) > WARDEN_LOG_MAX:
        layout.warden_log.replace(layout.warden_log.with_suffix(".log.1"))
    stack_id = secrets.token_hex(8)
    supervisord = [sys.executable, "-I", "-X", "utf8", str(PACKAGE / "supervision" / "start.py"), str(layout.run_dir)]
    warden = [sys.executable, "-I", "-S", str(PACKAGE / "control" / "warden.py")]
    line, its_line = socket.socketpair()
    with its_line:
        starter = os.posix_spawn(  # not subprocess: its import alone takes as long as all of this
            sys.executable,
            [*warden, str(layout.run_dir), str(layout.socket), *supervisord],
            {"PATH": os.environ.get("PATH", os.defpath), STACK_ID: stack_id},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, its_line.fileno(), 0),
                (os.POSIX_SPAWN_OPEN, 1, str(layout.warden_log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsigmask=[],
            setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP],
        )
    return Launch(instance, stack_id, starter, line)


def has_daemon(layout: Layout) -> bool:
    """Whether a supervisord runs that has a warden; one that just died or is ending is waited for."""
    until(lambda: not warden_of(layout.warden_pid) or _answers(layout), Deadline(BACK_S))
    return warden_of(layout.warden_pid) is not None


def _answers(layout: Layout) -> bool:
    try:
        Supervisor(layout).status()
    except NotRunning:
        return False
    except OtherVersion:
        return True
    return True


def _refusal(layout: Layout, said_before: int) -> UserError:
    said = _tail(layout.warden_log, said_before) or _tail(layout.supervisord_log, 0) or "it said nothing"
    problem = Problem("supervisord-refused", f"supervisord did not start:\n{said}", "`hd compile` shows its file.")
    return UserError(problem, exit_code=ExitCode.FAILED)


def _tail(path: Path, offset: int) -> str:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-LOG_LINES:])


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
