"""A bell, or a message on the desktop, when a service fails while `hd up` or `hd logs -f` is attached."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Literal

from hippodrome.cli.output import echo
from hippodrome.cli.starting import is_failing
from hippodrome.control.rpc import Supervisor
from hippodrome.diagnose.why import why
from hippodrome.errors import UserError
from hippodrome.plan.conditions import Snapshot, Status
from hippodrome.plan.layout import Layout
from hippodrome.rundir import read_plan

Way = Literal["bell", "desktop"]

ASK_S, AGAIN_S, SEND_S = 20.0, 1.0, 10.0
APPLESCRIPT = ("on run {title, told}", "display notification told with title title", "end run")


class Notifier:
    """Tells once of each failure, and anew when the service was well in between."""

    def __init__(self, layout: Layout, way: Way) -> None:
        self._layout, self._supervisor = layout, Supervisor(layout)
        self._send = sender(way)
        self._told: set[tuple[str, bool]] = set()
        self._lock = threading.Lock()

    def watch(self) -> None:
        """Looks, in a thread that ends with the command, at every change from now on."""
        threading.Thread(target=self._watch, name="notifier", daemon=True).start()

    def pass_over(self) -> None:
        """What fails already is no news."""
        with self._lock, suppress(UserError):
            self._told |= {key for key, _ in _failures(self._supervisor.status())}

    def look(self) -> None:
        """Tells of what has failed since the last look, at once."""
        with suppress(UserError):
            self._tell(self._supervisor.status())

    def _watch(self) -> None:
        version, pause = 0, threading.Event()
        while True:
            try:
                version, snapshot = self._supervisor.changes(version, ASK_S)
            except UserError:  # it is restarting, or has ended and may come back
                version = 0
                pause.wait(AGAIN_S)
            else:
                self._tell(snapshot)

    def _tell(self, snapshot: Snapshot) -> None:
        plan = read_plan(self._layout)
        with self._lock:
            well = {status.name for status in snapshot.statuses if status.is_ready}
            self._told = {key for key in self._told if key[0] not in well}
            for key, status in _failures(snapshot):
                if plan and status.name in plan and key not in self._told:
                    self._told.add(key)
                    self._send(f"{status.name} failed", why(plan, snapshot, status.name).sentence)


def _failures(snapshot: Snapshot) -> list[tuple[tuple[str, bool], Status]]:
    """By name, and whether it has been given up: that is news of its own."""
    found = [status for status in snapshot.statuses if is_failing(status) or status.state == "unhealthy"]
    return [((status.name, status.state == "failed"), status) for status in found]


def sender(way: Way) -> Callable[[str, str], None]:
    """Takes a title and a sentence. Where the desktop cannot be reached, the bell rings; that is said once."""
    if way == "desktop":
        if command := _desktop_command():
            return lambda title, told: _run([*command, title, told])
        echo("There is neither notify-send nor osascript here; the bell rings instead.", err=True)
    return lambda _title, _told: _ring()


def _desktop_command() -> list[str] | None:
    if found := shutil.which("notify-send"):
        return [found, "--app-name=hd", "--"]
    if found := shutil.which("osascript"):
        return [found, *(word for line in APPLESCRIPT for word in ("-e", line))]
    return None


def _run(command: Sequence[str]) -> None:
    """A desktop that does not take it costs the message alone."""
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SEND_S,
            check=False,
        )


def _ring() -> None:
    """On a terminal alone: in a file it would be a stray character."""
    if sys.stderr.isatty():
        sys.stderr.write("\a")
        sys.stderr.flush()
