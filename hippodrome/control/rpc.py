"""Talking to an instance's supervisord: the calls of supervisor's own interface and of our plug-in."""

import json
import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from hippodrome.control import lost, xmlrpc
from hippodrome.control.clients import stopped_for_want_of_use
from hippodrome.control.processes import warden_of
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.conditions import PROTOCOL, Snapshot
from hippodrome.plan.layout import Layout

PATIENCE_S = 30.0  # for an answer that should come at once; a machine that swaps takes long
SWAP_S = 600.0  # a service may take as long to end as its configuration allows
UNKNOWN_METHOD = 1  # supervisor.xmlrpc.Faults

LOST = Problem(
    "lost-run-dir",
    "a stack runs here whose run directory was deleted",
    "`hd down` ends it, and `hd up` starts it anew.",
)


class NotRunning(UserError):  # noqa: N818 - a state of affairs, named as the exit code is
    """Nothing answers at the instance's socket."""


class OtherVersion(UserError):  # noqa: N818
    """The running stack was started by a version of hd that this one cannot talk to, but can list and stop."""


class Refused(UserError):  # noqa: N818
    """supervisord answered with a fault."""


class Changes(NamedTuple):
    """A state, and the number by which a later one is known."""

    version: int
    snapshot: Snapshot


@dataclass(frozen=True)
class Reread:
    """What supervisord says has changed in its configuration: program names."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class Listed:
    """A program as supervisord itself tells it: `state` is its word (`running`), not ours. `pid` is 0 for none."""

    name: str
    state: str
    pid: int


def is_running(layout: Layout) -> bool:
    """Whether a supervisord listens at the socket, which is this user's own: its folder may be one of many users'."""
    if not _is_own(layout.socket):
        return False
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE_S)
        return client.connect_ex(str(layout.socket)) == 0


def _is_own(path: Path) -> bool:
    try:
        return path.lstat().st_uid == os.getuid()
    except OSError:
        return False


class Supervisor:
    """One instance's supervisord. Every call raises NotRunning when it is not there, Refused when it will not."""

    def __init__(self, layout: Layout, *, patience_s: float = PATIENCE_S) -> None:
        self._layout = layout
        self._patience_s = patience_s

    def status(self) -> Snapshot:
        """Of all programs, now."""
        return _snapshot(self._call("hippodrome.status"))

    def listed(self) -> tuple[Listed, ...]:
        """All programs, from a stack of any version of hd."""
        told = self._call("supervisor.getAllProcessInfo")
        return tuple(Listed(each["name"], each["statename"].lower(), each["pid"]) for each in told)

    def start(self, names: Iterable[str]) -> Snapshot:
        """Wants these to run, and what they require; they start as their dependencies allow."""
        return _snapshot(self._call("hippodrome.start", list(names)))

    def stop(self, names: Iterable[str]) -> Snapshot:
        """Stops these and what requires them; the answer does not wait for their end."""
        return _snapshot(self._call("hippodrome.stop", list(names)))

    def restart(self, names: Iterable[str], reason: str) -> Snapshot:
        """`reason` is shown wherever the restart is."""
        return _snapshot(self._call("hippodrome.restart", list(names), reason))

    def lend(self, name: str, lock: str) -> Snapshot:
        """Stops it for who runs it by hand, and holds a lock on the file; it is started when that is let go."""
        return _snapshot(self._call("hippodrome.lend", name, lock))

    def wait(self, names: Iterable[str], condition: str, seconds: float) -> Snapshot:
        """Once all meet it, one never will, or time is over. `condition`: started, healthy, completed, stopped."""
        return _snapshot(self._call("hippodrome.wait", list(names), condition, float(seconds), wait_s=seconds))

    def changes(self, since: int, seconds: float) -> Changes:
        """The state after version `since`: at once if there is one, else after a change or `seconds`."""
        told = json.loads(str(self._call("hippodrome.changes", since, float(seconds), wait_s=seconds)))
        return Changes(told["version"], _snapshot(told["snapshot"]))

    def apply(self, changes: Mapping[str, Any]) -> Snapshot:
        """`added`, `changed`, `removed` (names) and `plan` (a path); answers when the processes are swapped."""
        return _snapshot(self._call("hippodrome.apply", json.dumps(changes), wait_s=SWAP_S))

    def reread(self) -> Reread:
        """Has supervisord read its configuration; nothing that runs is changed."""
        added, changed, removed = self._call("supervisor.reloadConfig")[0]
        return Reread(tuple(added), tuple(changed), tuple(removed))

    def supervised(self) -> tuple[str, ...]:
        """All programs that supervisord itself knows, those included that somebody has added past us."""
        return tuple(str(each["name"]) for each in self._call("supervisor.getAllProcessInfo"))

    def shutdown(self) -> None:
        """Everything stops, within the longest grace; then supervisord ends."""
        self._call("hippodrome.shutdown")

    def kill(self) -> None:
        """Everything is killed at once."""
        self._call("hippodrome.kill")

    def _call(self, method: str, *arguments: xmlrpc.Value, wait_s: float = 0.0) -> Any:
        try:
            if not _is_own(self._layout.socket):
                raise FileNotFoundError(self._layout.socket)
            return xmlrpc.call(self._layout.socket, method, arguments, timeout_s=self._patience_s + wait_s)
        except OSError as error:
            raise NotRunning(self._silence(error), exit_code=ExitCode.NOT_RUNNING) from error
        except xmlrpc.Fault as fault:
            if fault.code == UNKNOWN_METHOD:
                raise _other_version() from fault
            problem = Problem("refused", f"supervisord refused `{method}`: {fault.text}", "`hd ctl status` asks it.")
            raise Refused(problem, exit_code=ExitCode.FAILED) from fault

    def _silence(self, error: OSError) -> Problem:
        if not warden_of(self._layout.warden_pid):
            if lost.find(self._layout):
                return LOST
            if found := stopped_for_want_of_use(self._layout):
                what = f"nothing is running here: {found.sentence}"
                return Problem("not-running", what, "`hd up` brings it back with its data.")
            return Problem("not-running", "nothing is running here", "`hd up` starts the stack.")
        if isinstance(error, FileNotFoundError | ConnectionError):
            hint = "Try again in a moment; `hd doctor` tells more."
            return Problem("restarting", "supervisord is just starting or ending", hint)
        return Problem("no-answer", f"supervisord does not answer: {error}", "`hd down`, then `hd up`.")


def _snapshot(answer: Any) -> Snapshot:
    told = json.loads(answer) if isinstance(answer, str) else answer
    if told.get("protocol") != PROTOCOL:
        raise _other_version()
    return Snapshot.from_dict(told)


def _other_version() -> OtherVersion:
    what = "the running stack was started by another version of hd"
    hint = "`hd up` restarts it with this version; `hd ps`, `hd logs` and `hd down` work."
    return OtherVersion(Problem("other-version", what, hint), exit_code=ExitCode.CONFLICT)
