"""Health checks: one thread, one selector, nothing that blocks. It touches no object of supervisord's.

A service that accepts and never answers, or a check that hangs, delays no other.
"""

import contextlib
import os
import random
import selectors
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from hippodrome.listeners import family, holder_of, holds
from hippodrome.plan.model import Probe, Program

AGENT = "hippodrome-probe/1"
STEPS_S = ((2.0, 0.010), (5.0, 0.050), (15.0, 0.100), (float("inf"), 0.250))  # while starting: until, pause
ANSWER_BYTES = 64


@dataclass(frozen=True)
class Result:
    """What one check found: `seen` is empty when it passed. `foreign` has the facts when another holds the port."""

    name: str
    pid: int
    seen: str
    foreign: dict[str, object] | None = None


Report = Callable[[Result], None]


@dataclass
class Target:
    """One process under watch. `due` is on the monotonic clock."""

    program: Program
    pid: int
    since: float
    due: float
    is_healthy: bool = False
    is_owner_known: bool = False
    attempt: "Attempt | None" = None


@dataclass
class Attempt:
    """One check on its way; `end` is when it counts as failed."""

    target: Target
    end: float
    client: socket.socket | None = None
    child: "subprocess.Popen[bytes] | None" = None
    answer: bytearray = field(default_factory=bytearray)
    has_asked: bool = False


class Prober(threading.Thread):
    """Runs the checks of all programs that are watched."""

    def __init__(self, report: Report, environ: Callable[[Program], dict[str, str]]) -> None:
        super().__init__(name="probes", daemon=True)
        self._report = report
        self._environ = environ
        self._selector = selectors.DefaultSelector()
        self._inbox: deque[Callable[[], None]] = deque()
        self._targets: dict[str, Target] = {}
        self._wake_r, self._wake_w = os.pipe()
        for end in (self._wake_r, self._wake_w):
            os.set_blocking(end, False)
        self._selector.register(self._wake_r, selectors.EVENT_READ)

    # called from supervisord's thread

    def watch(self, program: Program, pid: int) -> None:
        """Begins to check a process."""
        now = time.monotonic()
        self._tell(lambda: self._begin(Target(program, pid, now, now)))

    def unwatch(self, name: str) -> None:
        """Leaves a program alone."""
        self._tell(lambda: self._drop(name))

    def saw_line(self, name: str, pid: int) -> None:
        """The line that a `log` check waits for has come."""
        self._tell(lambda: self._line_came(name, pid))

    def child_ended(self, pid: int, status: int) -> None:
        """supervisord reaps all children, those of checks too: this is how their end is heard of."""
        self._tell(lambda: self._command_ended(pid, os.waitstatus_to_exitcode(status)))

    def _tell(self, task: Callable[[], None]) -> None:
        self._inbox.append(task)
        with contextlib.suppress(BlockingIOError):  # the pipe is full: it will wake up anyway
            os.write(self._wake_w, b"p")

    # the thread's own

    def run(self) -> None:
        while True:
            for key, _ in self._selector.select(self._pause()):
                if key.fd == self._wake_r:
                    os.read(self._wake_r, 4096)
                else:
                    self._go_on(key.data)
            while self._inbox:
                self._inbox.popleft()()
            self._turn(time.monotonic())

    def _pause(self) -> float | None:
        """Seconds until something is due; None when only news can bring work."""
        moments = [self._moment(target) for target in self._targets.values()]
        soonest = min(moments, default=float("inf"))
        return None if soonest == float("inf") else max(0.0, soonest - time.monotonic())

    def _moment(self, target: Target) -> float:
        return target.attempt.end if target.attempt else target.due

    def _turn(self, now: float) -> None:
        for target in list(self._targets.values()):
            attempt = target.attempt
            if attempt and now >= attempt.end:
                self._finish(attempt, f"no answer within {target.program.probe.timeout_s:g} s")
            elif not attempt and now >= target.due:
                self._try(target, now)

    def _begin(self, target: Target) -> None:
        self._drop(target.program.name)
        self._targets[target.program.name] = target

    def _drop(self, name: str) -> None:
        target = self._targets.pop(name, None)
        if target and target.attempt:
            self._close(target.attempt)

    def _line_came(self, name: str, pid: int) -> None:
        target = self._targets.get(name)
        if target and target.pid == pid:
            target.due = float("inf")  # a line does not come again
            self._passed(target)

    def _command_ended(self, pid: int, code: int) -> None:
        for target in list(self._targets.values()):
            attempt = target.attempt
            if attempt and attempt.child and attempt.child.pid == pid:
                attempt.child.returncode = code
                self._finish(attempt, "" if code == 0 else f"the check exited with {code}")

    def _try(self, target: Target, now: float) -> None:
        probe = target.program.probe
        target.attempt = attempt = Attempt(target, now + probe.timeout_s)
        try:
            STARTS[probe.kind](self, attempt)
        except OSError as error:
            self._finish(attempt, _said(error))

    def _start_client(self, attempt: Attempt) -> None:
        host, port = address(attempt.target.program.probe)
        client = attempt.client = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        client.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            client.connect((host, port))
        self._selector.register(client, selectors.EVENT_WRITE, attempt)

    def _start_command(self, attempt: Attempt) -> None:
        program = attempt.target.program
        attempt.child = subprocess.Popen(
            program.probe.argv,
            cwd=program.directory,
            env=self._environ(program),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )

    def _look_at_port(self, attempt: Attempt) -> None:
        target = attempt.target
        if holds(family(target.pid), target.program.port or 0):
            target.is_owner_known = True
            self._finish(attempt, "")
        else:
            self._finish(attempt, f"nothing of its own listens on port {target.program.port}")

    def _wait_for_line(self, attempt: Attempt) -> None:
        self._finish(attempt, f"no line that matches `{attempt.target.program.probe.target}` yet")

    def _go_on(self, attempt: Attempt) -> None:
        """Its socket is ready: connected, or with an answer."""
        client = attempt.client
        if client is None:
            return
        try:
            if not attempt.has_asked:
                self._ask(attempt, client)
            else:
                self._hear(attempt, client)
        except BlockingIOError:
            return
        except OSError as error:
            self._finish(attempt, _said(error))

    def _ask(self, attempt: Attempt, client: socket.socket) -> None:
        if code := client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(code, os.strerror(code))
        probe = attempt.target.program.probe
        if probe.kind == "tcp":
            self._finish(attempt, "")
            return
        url = urlsplit(probe.target)
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        client.send(f"GET {path} HTTP/1.0\r\nHost: {url.netloc}\r\nUser-Agent: {AGENT}\r\n\r\n".encode())
        attempt.has_asked = True
        self._selector.modify(client, selectors.EVENT_READ, attempt)

    def _hear(self, attempt: Attempt, client: socket.socket) -> None:
        chunk = client.recv(ANSWER_BYTES)
        attempt.answer += chunk
        words = bytes(attempt.answer).split(b"\r\n", 1)[0].split()
        if b"\n" in attempt.answer and len(words) > 1 and words[1].isdigit():
            is_well = 200 <= int(words[1]) < 400
            self._finish(attempt, "" if is_well else f"HTTP {words[1].decode()}")
        elif not chunk:
            self._finish(attempt, "it closed the connection without an HTTP answer")

    def _finish(self, attempt: Attempt, seen: str) -> None:
        self._close(attempt)
        target, now = attempt.target, time.monotonic()
        target.attempt = None
        if seen:
            target.due = now + self._pause_after(target, now)
            self._report(Result(target.program.name, target.pid, seen))
        else:
            self._passed(target)

    def _passed(self, target: Target) -> None:
        """Whoever answers at a port must be the service's own process: this is asked once in its life."""
        foreign = None if target.is_owner_known else foreign_holder(target)
        target.is_healthy = target.is_owner_known = True
        if target.due != float("inf"):
            interval = target.program.probe.interval_s
            target.due = time.monotonic() + interval * random.uniform(0.9, 1.1)
        self._report(Result(target.program.name, target.pid, "", foreign))

    def _pause_after(self, target: Target, now: float) -> float:
        if target.is_healthy:
            return target.program.probe.interval_s
        age = now - target.since
        return next(pause for until, pause in STEPS_S if age < until)

    def _close(self, attempt: Attempt) -> None:
        if attempt.client:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(attempt.client)
            attempt.client.close()
            attempt.client = None
        if attempt.child and attempt.child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(attempt.child.pid, signal.SIGKILL)
            attempt.child.returncode = -signal.SIGKILL  # reaped by supervisord; Popen must not look for it


STARTS: dict[str, Callable[[Prober, Attempt], None]] = {
    "http": Prober._start_client,
    "tcp": Prober._start_client,
    "exec": Prober._start_command,
    "listen": Prober._look_at_port,
    "log": Prober._wait_for_line,
}


def address(probe: Probe) -> tuple[str, int]:
    """Where an http or tcp check connects to."""
    if probe.kind == "http":
        url = urlsplit(probe.target)
        return url.hostname or "127.0.0.1", url.port or 80
    host, _, port = probe.target.rpartition(":")
    return host.strip("[]") or "127.0.0.1", int(port)


def foreign_holder(target: Target) -> dict[str, object] | None:
    """Facts of the process that holds the declared port in the service's place; None when all is well."""
    port = target.program.port
    if port is None or holds(family(target.pid), port) is not False:
        return None
    holder = holder_of(port)
    if holder is None:
        return {"port": port}
    if holder.pid is not None and holder.pid in family(target.pid):  # it has come just now
        return None
    return {"port": port, "pid": holder.pid, "command": holder.command, "user": holder.user}


def _said(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
