"""The warden: supervisord's parent, which lets nothing outlive it. Run by path with `python -I -S`.

    warden.py RUN_DIR COMMAND…

It is a child subreaper (prctl(2), PR_SET_CHILD_SUBREAPER): every orphan below it becomes its child, those in
sessions of their own included. It is blocked in wait and uses no CPU. supervisord that ends with status 0 was told
to; then the warden ends what is left and leaves. One that died is started again after what it left has been ended.

SIGTERM asks supervisord to stop everything; SIGUSR1 kills everything at once. Where there is no prctl (macOS),
orphans go to process 1, and the sweep by marker finds them at the next command.
"""

import ctypes
import fcntl
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36
GRACE_S = 5.0
QUICK_S = 5.0  # a supervisord that lives shorter died quickly
QUICK_MAX = 5
BACK_OFF_S = 0.5

_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        _libc.prctl(option, value, 0, 0, 0)


class Warden:
    """One supervisord after another, until one ends because it was told to."""

    def __init__(self, run_dir: str, command: list[str]) -> None:
        self._run_dir = run_dir
        self._command = command
        self._supervisord = 0
        self._is_killing = False

    def run(self) -> None:
        """Returns when supervisord has ended for good and nothing is left of it."""
        _prctl(PR_SET_CHILD_SUBREAPER, 1)
        signal.signal(signal.SIGTERM, lambda *_: self._signal(signal.SIGTERM))
        signal.signal(signal.SIGUSR1, lambda *_: self._kill_all())
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGHUP, lambda *_: None)
        quick, is_first = 0, True
        while not self._is_killing:
            began = time.monotonic()
            status = self._watch_one(is_first)
            self._end_children(told=status == 0)
            if status == 0:
                return
            quick = quick + 1 if time.monotonic() - began < QUICK_S else 1
            if quick > QUICK_MAX or (is_first and os.WIFEXITED(status)):  # it refused its configuration
                return
            self._say(f"supervisord died ({_ending(status)}); starting it again")
            is_first = False
            time.sleep(BACK_OFF_S * (quick - 1))

    def _watch_one(self, is_first: bool) -> int:
        """The wait status of the supervisord that it starts."""
        self._supervisord = os.fork()
        if self._supervisord == 0:
            _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if not is_first:
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.execv(self._command[0], [*self._command, "" if is_first else "again"])
        if is_first:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # supervisord alone waits for the word on that pipe
        while True:
            pid, status = os.wait()
            if pid == self._supervisord:
                self._supervisord = 0
                return status

    def _end_children(self, *, told: bool) -> None:
        """TERM, grace, KILL; children of children come up as their parents go."""
        end = time.monotonic() + (GRACE_S if told else GRACE_S / 2)
        asked: set[int] = set()
        while children := _children():
            is_over = self._is_killing or time.monotonic() > end
            for pid in children:
                if is_over or pid not in asked:
                    _send(pid, signal.SIGKILL if is_over else signal.SIGTERM)
                    asked.add(pid)
            if not _reap():
                time.sleep(0.005)

    def _signal(self, number: int) -> None:
        if self._supervisord:
            _send(self._supervisord, number)

    def _kill_all(self) -> None:
        self._is_killing = True
        self._signal(signal.SIGKILL)

    def _say(self, text: str) -> None:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        with open(f"{self._run_dir}/supervisord.log", "a", encoding="utf-8") as log:
            log.write(f"{stamp} WARDEN {text}\n")


def _ending(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}"
    return f"exit status {os.waitstatus_to_exitcode(status)}"


def _children() -> list[int]:
    """Without /proc, or a kernel that lists children there: none that could be named."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _reap() -> bool:
    """Whether a child that had ended was there to be reaped."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0] > 0
    except ChildProcessError:
        return False


def main() -> int:
    run_dir, command = sys.argv[1], sys.argv[2:]
    if os.fork():
        return 0  # whoever started it need not wait for it
    pid_file = os.open(f"{run_dir}/warden.pid", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(pid_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 1  # another warden keeps this run directory
    os.ftruncate(pid_file, 0)
    os.write(pid_file, str(os.getpid()).encode())
    Warden(run_dir, command).run()
    for name in ("hd.sock", "supervisord.pid", "warden.pid"):
        try:
            os.unlink(f"{run_dir}/{name}")
        except FileNotFoundError:
            pass
    return 0


if __name__ == "__main__":
    os._exit(main())  # nothing to clean up that the interpreter knows of
