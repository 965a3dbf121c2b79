"""Health checks: one thread with one selector, in which nothing waits. It touches no object of supervisord's.

Orders come in by a deque and a byte in a pipe, findings go out by the function that it is given. No lock is held
that a fork of supervisord could copy.
"""

import contextlib
import heapq
import itertools
import os
import random
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from hippodrome import listeners
from hippodrome.supervision import family, preflight
from hippodrome.supervision.actions import Unwatch, Watch
from hippodrome.supervision.attempts import Attempt, Connection, Get, Outcome, Wait, host_and_port, resolve

EARLY = ((2.0, 0.003), (5.0, 0.050), (20.0, 0.100))  # while a life is younger than, probe every; seconds
SHARE_S = 0.001  # between any two probes while services start, so that many do not slow each other down
LATE_S = 0.250
EXEC_S = 0.1  # a command costs more than a connection
JITTER = 0.1  # of the interval, so that checks do not fall together
DRAIN_S = 1.0
DRAIN_BYTES = 1 << 20
MADE_MAX = 20_000  # connections of checks that are remembered: a thousand services are checked 200 times a second
DOUBT_S = 1.0  # something answers, and nobody is seen to listen


@dataclass(frozen=True)
class Passed:
    name: str
    pid: int


@dataclass(frozen=True)
class Missed:
    name: str
    pid: int
    seen: str


@dataclass(frozen=True)
class Misplaced:
    """Something answers, and it is not the program's own process: `port-taken` or `port-not-held`."""

    name: str
    pid: int
    obstacle: preflight.Obstacle


@dataclass(frozen=True)
class RunCheck:
    """The command of an exec check is to be run; `ran` tells how it went."""

    name: str
    pid: int


@dataclass(frozen=True)
class StopCheck:
    """It takes too long."""

    name: str
    pid: int


Finding = Passed | Missed | Misplaced | RunCheck | StopCheck


@dataclass
class _Watched:
    order: Watch
    began: float
    wake_at: float
    attempt: Attempt | None = None
    sock: socket.socket | None = None  # that is waited for
    is_running: bool = False  # an exec check
    has_passed: bool = False
    is_told: bool = False  # that it passes
    told: str = ""  # the last failure that was told
    doubtful_since: float | None = None
    addresses: list[tuple[int, tuple[str, int]]] = field(default_factory=list)


@dataclass
class _Drain:
    """Reads what is left of an answer."""

    until: float
    left: int = DRAIN_BYTES


Order = Watch | Unwatch | tuple[str, int, Outcome] | float | None


class Prober(threading.Thread):
    """`tell` is called from the thread with each finding that changes something; `wake` when an alarm is due."""

    def __init__(self, tell: Callable[[Finding], None], wake: Callable[[], None]) -> None:
        super().__init__(name="hippodrome-probes", daemon=True)
        self._tell = tell
        self._wake = wake
        self._orders: deque[Order] = deque()
        self._watched: dict[str, _Watched] = {}
        self._starting: set[str] = set()  # those that have not passed yet
        self._queue: list[tuple[float, int, str]] = []
        self._count = itertools.count()
        self._alarm = float("inf")
        self.made: deque[tuple[int, int]] = deque(maxlen=MADE_MAX)  # ports of both ends, for who looks for clients
        self._selector = selectors.DefaultSelector()
        self._read_end, self._write_end = os.pipe()
        for descriptor in (self._read_end, self._write_end):
            os.set_blocking(descriptor, False)
        self._selector.register(self._read_end, selectors.EVENT_READ)
        self._is_closing = False

    # called by supervisord's thread

    def order(self, order: Watch | Unwatch) -> None:
        self._put(order)

    def ran(self, name: str, pid: int, outcome: Outcome) -> None:
        """An exec check has ended."""
        self._put((name, pid, outcome))

    def alarm_in(self, seconds: float) -> None:
        """Replaces the alarm there was."""
        self._put(time.monotonic() + seconds)

    def close(self) -> None:
        """Returns when the thread has ended."""
        if self.is_alive():
            with contextlib.suppress(OSError):  # it is ending already
                self._put(None)
            self.join(5.0)

    def _put(self, order: Order) -> None:
        self._orders.append(order)
        with contextlib.suppress(BlockingIOError):
            os.write(self._write_end, b"\0")

    # the thread

    def run(self) -> None:
        while not self._is_closing:
            for key, _ in self._selector.select(self._pause_s()):
                self._ready(key)
            while self._orders:
                self._obey(self._orders.popleft())
            self._look_at_the_clock()
        for watched in self._watched.values():
            self._end_attempt(watched)
        self._end_drains(float("inf"))
        self._selector.close()
        os.close(self._read_end)
        os.close(self._write_end)

    def _pause_s(self) -> float | None:
        next_at = min(self._alarm, self._queue[0][0] if self._queue else float("inf"))
        return None if next_at == float("inf") else max(0.0, next_at - time.monotonic())

    def _ready(self, key: selectors.SelectorKey) -> None:
        if isinstance(key.data, _Watched):
            self._advance(key.data)
        elif isinstance(key.data, _Drain):
            self._read_rest(key.fileobj, key.data)
        else:
            with contextlib.suppress(BlockingIOError):
                os.read(self._read_end, 65536)

    def _obey(self, order: Order) -> None:
        if order is None:
            self._is_closing = True
        elif isinstance(order, float):
            self._alarm = order
        elif isinstance(order, Watch):
            self._begin(order)
        elif isinstance(order, Unwatch):
            self._starting.discard(order.name)
            if watched := self._watched.pop(order.name, None):
                self._end_attempt(watched)
        else:
            name, pid, outcome = order
            watched = self._watched.get(name)
            if watched and watched.order.pid == pid and watched.is_running:
                watched.is_running = False
                self._judge(watched, outcome)

    def _look_at_the_clock(self) -> None:
        now = time.monotonic()
        if self._alarm <= now:
            self._alarm = float("inf")
            self._wake()
        while self._queue and self._queue[0][0] <= now:
            at, _, name = heapq.heappop(self._queue)
            if not name:
                self._end_drains(now)
            elif (watched := self._watched.get(name)) and watched.wake_at == at:
                self._due(watched)

    def _begin(self, order: Watch) -> None:
        if known := self._watched.pop(order.name, None):
            self._end_attempt(known)
        watched = _Watched(order, time.monotonic(), 0.0, has_passed=not order.is_new)
        self._watched[order.name] = watched
        if order.is_new:
            self._starting.add(order.name)
        if order.probe.kind == "log" and order.is_new:
            watched.is_running = True  # until its line is found
        else:
            self._wake_in(watched, 0.0)

    def _due(self, watched: _Watched) -> None:
        """Time for an attempt, or for one to have ended."""
        if watched.attempt or watched.is_running:
            if watched.is_running:
                self._tell(StopCheck(watched.order.name, watched.order.pid))
            self._end_attempt(watched)
            self._judge(watched, Outcome(False, f"no answer within {watched.order.probe.timeout_s:g} s"))
            return
        self._wake_in(watched, watched.order.probe.timeout_s)
        if watched.order.probe.kind == "exec":
            watched.is_running = True
            self._tell(RunCheck(watched.order.name, watched.order.pid))
        elif watched.order.probe.kind == "log":
            self._judge(watched, Outcome(True))
        elif watched.order.probe.kind == "listen":
            self._judge(watched, _listens(watched.order))
        else:
            self._try(watched)

    def _try(self, watched: _Watched) -> None:
        probe = watched.order.probe
        try:
            watched.addresses = watched.addresses or resolve(*host_and_port(probe.kind, probe.target))
        except (OSError, ValueError) as error:
            self._judge(watched, Outcome(False, str(error)))
            return
        is_http = probe.kind == "http"
        watched.attempt = Get(watched.addresses, probe.target) if is_http else Connection(watched.addresses)
        self._advance(watched)

    def _advance(self, watched: _Watched) -> None:
        if not watched.attempt:
            return
        self._forget_socket(watched)
        step = watched.attempt.advance()
        if isinstance(step, Wait):
            watched.sock = step.sock
            self._selector.register(step.sock, step.events, watched)
        else:
            self._end_attempt(watched)
            self._judge(watched, step)

    def _forget_socket(self, watched: _Watched) -> None:
        if watched.sock:
            self._selector.unregister(watched.sock)
            watched.sock = None

    def _end_attempt(self, watched: _Watched) -> None:
        watched.is_running = False
        if watched.attempt:
            self._forget_socket(watched)
            attempt, watched.attempt = watched.attempt, None
            if attempt.client:
                self.made.append(attempt.client)
            if sock := attempt.close():
                until = time.monotonic() + DRAIN_S
                self._selector.register(sock, selectors.EVENT_READ, _Drain(until))
                heapq.heappush(self._queue, (until, next(self._count), ""))

    def _judge(self, watched: _Watched, outcome: Outcome) -> None:
        order = watched.order
        if outcome.is_pass and not watched.has_passed:
            outcome = self._placed(watched)
        if outcome.is_pass:
            if not watched.is_told:
                self._tell(Passed(order.name, order.pid))
            watched.has_passed, watched.is_told, watched.told = True, True, ""
            self._starting.discard(order.name)
        elif watched.has_passed or outcome.seen != watched.told:
            watched.is_told, watched.told = False, outcome.seen
            self._tell(Missed(order.name, order.pid, outcome.seen))
        if order.probe.kind == "log" and watched.has_passed:
            return
        self._wake_in(watched, self._pause_after(watched))

    def _placed(self, watched: _Watched) -> Outcome:
        """A first pass counts when the program's own processes hold the port."""
        order, now = watched.order, time.monotonic()
        obstacle = _misplacement(order)
        if not obstacle:
            return Outcome(True)
        watched.doubtful_since = watched.doubtful_since or now
        is_seen_again = now > watched.doubtful_since
        if is_seen_again and (obstacle[0] == "port-taken" or now - watched.doubtful_since > DOUBT_S):
            self._tell(Misplaced(order.name, order.pid, obstacle))
        return Outcome(False, f"nothing of its own listens on port {order.port}")

    def _wake_in(self, watched: _Watched, seconds: float) -> None:
        watched.wake_at = time.monotonic() + seconds
        heapq.heappush(self._queue, (watched.wake_at, next(self._count), watched.order.name))

    def _pause_after(self, watched: _Watched) -> float:
        if watched.has_passed:
            return watched.order.probe.interval_s * random.uniform(1 - JITTER, 1 + JITTER)
        return max(_early_pause_s(watched), len(self._starting) * SHARE_S)

    def _read_rest(self, sock: object, drain: _Drain) -> None:
        assert isinstance(sock, socket.socket)
        try:
            received = len(sock.recv(65536))
        except BlockingIOError:
            return
        except OSError:
            received = 0
        drain.left -= received
        if not received or drain.left <= 0:
            self._selector.unregister(sock)
            sock.close()

    def _end_drains(self, now: float) -> None:
        for key in list(self._selector.get_map().values()):
            if isinstance(key.data, _Drain) and key.data.until <= now and isinstance(key.fileobj, socket.socket):
                self._selector.unregister(key.fileobj)
                key.fileobj.close()


def _early_pause_s(watched: _Watched) -> float:
    probe = watched.order.probe
    if probe.start_interval_s is not None:
        return probe.start_interval_s
    age = time.monotonic() - watched.began
    pause_s = next((pause for limit, pause in EARLY if age < limit), LATE_S)
    return max(pause_s, EXEC_S) if probe.kind == "exec" else pause_s


def _listens(order: Watch) -> Outcome:
    _, port = host_and_port("listen", order.probe.target)
    if listeners.holding(port, family.members(order.pid)):
        return Outcome(True)
    # what listens there may be a stranger: then the first pass is examined as that of any other check
    is_held = not listeners.is_free(port, order.host)
    return Outcome(True) if is_held and order.is_new else Outcome(False, f"nothing listens on port {port}")


def _misplacement(order: Watch) -> preflight.Obstacle | None:
    if order.port is None or listeners.holding(order.port, family.members(order.pid)):
        return None
    if holder := listeners.holder_of(order.port, order.host):
        return preflight.port_taken(order.port, holder)
    return "port-not-held", {"port": order.port}
