"""The warden: supervisord's parent, which lets nothing outlive it. Run by path with `python -I -S`.

    warden.py RUN_DIR SOCKET COMMAND…

It starts COMMAND (supervisord) at once, which loads its code and waits for a line; the warden hands on the line that
comes on its own standard input, and takes the run directory then. The end of that input without a line means that
nothing is to be run.

It is a child subreaper (prctl(2), PR_SET_CHILD_SUBREAPER): every orphan below it becomes its child, those in
sessions of their own included. While all is well it is blocked in wait and uses no CPU. supervisord that ends with
status 0 was told to; then the warden ends what is left and leaves. One that died is started again, after what it
left has been ended.

SIGTERM asks supervisord to stop everything; SIGUSR1 kills everything at once. Where there is no prctl (macOS),
orphans go to process 1, and the sweep by marker finds them at the next command.
"""

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import sys
import time

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36
GRACE_S = 5.0
QUICK_S = 10.0  # a supervisord that lives shorter died quickly
QUICK_MAX = 5
BACK_OFF_S = 0.2  # before the second quick restart, and doubled for each one more
LOCK_S = 10.0  # an earlier warden that is leaving still holds the run directory
LOG_MAX = 1_000_000  # bytes of what is said in one life
DESCRIPTORS_MAX = 65536  # each program takes three of supervisord's; beyond it, programs that close all are slow
SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGHUP)

_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        _libc.prctl(option, value, 0, 0, 0)


class Warden:
    """One supervisord after another, until one ends because it was told to."""

    def __init__(self, run_dir: str, socket: str, command: list[str]) -> None:
        self._run_dir = run_dir
        self._socket = socket
        self._command = command
        self._supervisord = 0
        self._is_stopping = False
        self._is_killing = False

    def run(self) -> None:
        """Returns when supervisord has ended for good and nothing is left of it."""
        _prctl(PR_SET_CHILD_SUBREAPER, 1)
        for number in SIGNALS:
            signal.signal(number, self._hear)
        word = self._start()
        line = _read_line(0)
        if not line or not self._take_run_dir():
            _send(self._supervisord, signal.SIGKILL)  # it has done nothing yet; to load its code would take a while
            self._wait()
            return
        _write(word, line)
        self._watch(line)
        for path in (self._socket, f"{self._run_dir}/supervisord.pid", f"{self._run_dir}/warden.pid"):
            with contextlib.suppress(OSError):
                os.unlink(path)

    def _watch(self, line: bytes) -> None:
        """`line` is what each supervisord gets that is started in place of one that died."""
        quick, is_first = 0, True
        while True:
            began = time.monotonic()
            status = self._wait()
            is_quick = time.monotonic() - began < QUICK_S
            if status and not self._is_told:
                _say(f"supervisord died ({_ending(status)})")
            self._end_children()
            if status == 0 or self._is_told or (is_first and is_quick and os.WIFEXITED(status)):
                return  # one that exits at first has refused its configuration: another try brings the same
            quick = quick + 1 if is_quick else 1
            if quick > QUICK_MAX:
                _say(f"given up: supervisord died {quick} times in a row, each time within {QUICK_S:g} s")
                return
            if not self._pause(BACK_OFF_S * 2.0 ** (quick - 2) if quick > 1 else 0.0):
                return
            is_first = False
            self._start_again(line)

    def _start_again(self, line: bytes) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self._socket)  # supervisord waits 0.3 s when it finds one that nobody answers on
        _bound_log()
        _say("supervisord is started again")
        _write(self._start(), line)

    @property
    def _is_told(self) -> bool:
        """Whether all is to end."""
        return self._is_stopping or self._is_killing

    def _start(self) -> int:
        """Starts a supervisord. Returns the write end of its standard input."""
        read_end, write_end = os.pipe()
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # none may be lost between fork and exec
        self._supervisord = os.fork()
        if self._supervisord == 0:
            self._become_supervisord(read_end)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        os.close(read_end)
        return write_end

    def _become_supervisord(self, read_end: int) -> None:
        try:
            _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            for number in SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            os.dup2(read_end, 0)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            os.execv(self._command[0], self._command)
        except OSError as error:
            _say(f"{self._command[0]}: {error}")
        finally:
            os._exit(127)

    def _wait(self) -> int:
        """The wait status of supervisord, when it has ended; orphans that end meanwhile are reaped."""
        while True:
            pid, status = os.wait()
            if pid == self._supervisord:
                self._supervisord = 0
                return status

    def _end_children(self) -> None:
        """TERM, grace, KILL; children of children come up as their parents go."""
        end = time.monotonic() + GRACE_S
        asked: set[int] = set()
        while _reap_all():
            is_over = self._is_killing or time.monotonic() > end
            for pid in _children():
                if is_over or pid not in asked:
                    _send(pid, signal.SIGKILL if is_over else signal.SIGTERM)
                    asked.add(pid)
            time.sleep(0.002)

    def _take_run_dir(self) -> bool:
        """Whether the run directory is this warden's; then the pid file says so, and is locked while it lives."""
        end = time.monotonic() + LOCK_S
        while time.monotonic() < end:
            path = f"{self._run_dir}/warden.pid"
            pid_file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(pid_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.stat(path).st_ino == os.fstat(pid_file).st_ino:  # else the one before has just removed it
                    os.ftruncate(pid_file, 0)
                    os.write(pid_file, f"{os.getpid()} {_own_start()}\n".encode())
                    return True
            except (BlockingIOError, FileNotFoundError):
                pass
            os.close(pid_file)
            time.sleep(0.01)
        _say("another warden keeps this run directory")
        return False

    def _pause(self, seconds: float) -> bool:
        """False when it was told meanwhile to stop."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._is_told:
            time.sleep(0.05)
        return not self._is_told

    def _hear(self, number: int, _frame: object) -> None:
        if number == signal.SIGTERM:
            self._is_stopping = True
        elif number == signal.SIGUSR1:
            self._is_killing = True
        else:
            return  # the terminal's; this is no business of a terminal
        if self._supervisord:
            _send(self._supervisord, signal.SIGKILL if self._is_killing else signal.SIGTERM)


def _read_line(descriptor: int) -> bytes:
    """Empty when the input ends before the line does."""
    line = b""
    while not line.endswith(b"\n"):
        chunk = os.read(descriptor, 4096)
        if not chunk:
            return b""
        line += chunk
    return line


def _write(descriptor: int, line: bytes) -> None:
    """Whoever should read it may have died already: its wait status tells."""
    with contextlib.suppress(BrokenPipeError):
        os.write(descriptor, line)
    os.close(descriptor)


def _say(text: str) -> None:
    with contextlib.suppress(OSError):  # the disk may be full
        os.write(1, f"{time.strftime('%Y-%m-%d %H:%M:%S')} warden: {text}\n".encode())


def _bound_log() -> None:
    """What supervisord says on its standard output and error comes here too, and a stack may run for months."""
    with contextlib.suppress(OSError):
        if os.fstat(1).st_size > LOG_MAX:
            os.ftruncate(1, 0)


def _ending(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}"
    return f"exit status {os.waitstatus_to_exitcode(status)}"


def _own_start() -> int:
    """Clock ticks after boot; 0 where the system does not tell."""
    try:
        with open("/proc/self/stat", encoding="utf-8", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[19])
    except OSError:
        return 0


def _children() -> list[int]:
    """Without /proc, or a kernel that lists children there: none that could be named."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _reap_all() -> bool:
    """Whether there is a child still."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _raise_open_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = DESCRIPTORS_MAX if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS_MAX)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def main() -> None:
    run_dir, socket, *command = sys.argv[1:]
    if os.fork():
        return  # whoever started it need not wait for it
    os.setsid()
    os.closerange(3, DESCRIPTORS_MAX)  # what a shell or a build tool left open must not live as long as a stack
    os.chdir(run_dir)
    _raise_open_files()
    Warden(run_dir, socket, command).run()


if __name__ == "__main__":
    main()
    os._exit(0)  # nothing to clean up that the interpreter knows of
