"""A service that is taken out of the running stack while it runs in this terminal."""

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from hippodrome.cli.output import echo
from hippodrome.cli.running import Running
from hippodrome.control.foreground import Foreground
from hippodrome.diagnose.why import why
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.files import try_lock
from hippodrome.plan.conditions import SETTLED
from hippodrome.plan.model import Program
from hippodrome.wait import Deadline

CAUSE = "by-hand"
BACK_S = 15.0
OF_TERMINAL = (signal.SIGINT, signal.SIGQUIT)  # which sends them to all that runs in it
ENDING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def lent(running: Running, program: Program) -> Iterator[int]:
    """Inside, nothing of the stack's runs it. Gives the descriptor that says so, to be handed to who runs it.

    The kernel lets go of the lock when the last holder is gone, so that the stack takes it back whatever happens.
    Raises UserError when somebody else runs it by hand, or it cannot be had.
    """
    name, path = program.name, running.instance.layout.by_hand(program.name)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(lock, name)
        running.supervisor.lend(name, str(path))
        _until_lent(running, name)
        echo(f"{name} runs here now; the stack takes it back when it ends.", err=True)
        yield lock
    finally:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_UN)  # for those, too, who have it from us
        os.close(lock)
    _see_it_back(running, name)


def in_foreground(process: Foreground, file: str, lock: int | None) -> int:
    """The exit status of the process, run in this terminal; Ctrl+C is its own affair."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    # handlers and not SIG_IGN, which it would inherit
    before = {number: signal.signal(number, lambda *_: None) for number in OF_TERMINAL}
    try:
        child = subprocess.Popen(
            process.argv,
            executable=file,
            cwd=process.directory,
            env=dict(process.environ),
            pass_fds=() if lock is None else (lock,),
        )
        if lock is not None:
            os.pwrite(lock, str(child.pid).encode(), 0)
        before |= {number: signal.signal(number, pass_on) for number in ENDING}
        status = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 128 - status if status < 0 else status


def _take(lock: int, name: str) -> None:
    if not try_lock(lock):
        holder = os.pread(lock, 20, 0).decode("ascii", "replace") or "unknown"
        what = f"`{name}` is run by hand already (pid {holder})"
        problem = Problem("run-by-hand", what, f"End it there; `hd restart {name}` ends it, too.")
        raise UserError(problem, exit_code=ExitCode.CONFLICT)
    os.ftruncate(lock, 0)


def _until_lent(running: Running, name: str) -> None:
    """Once its own process is gone, and what it requires is ready."""
    version, told = 0, ""
    while True:
        version, snapshot = running.supervisor.changes(version, 10.0)
        status = snapshot.status(name)
        if status.cause == CAUSE:
            return
        found = why(running.plan, snapshot, name)
        if status.state in SETTLED:
            problem = Problem("not-lent", f"`{name}` cannot be run: {found.sentence}", found.mend)
            raise UserError(problem, exit_code=ExitCode.FAILED)
        if status.state == "waiting" and status.waits_for and found.sentence != told:
            told = found.sentence
            echo(f"{name}: {told}", err=True)


def _see_it_back(running: Running, name: str) -> None:
    """Says what became of it. A supervisord that died meanwhile found its port held, and has given up."""
    with suppress(UserError):
        deadline, version = Deadline(BACK_S), 0
        while True:
            version, snapshot = running.supervisor.changes(version, deadline.left)
            status = snapshot.status(name)
            if deadline.is_over or (status.cause != CAUSE and status.state != "stopping"):
                break
        if status.cause == "port-taken":
            running.supervisor.start([name])
        state = "stays stopped" if status.state == "stopped" else "is given back; `hd ps` shows how it does"
        echo(f"{name} {state}.", err=True)
