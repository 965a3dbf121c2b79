"""Talking to an instance's supervisord: the calls of supervisor's own interface and of our plug-in."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hippodrome.control import xmlrpc
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.conditions import PROTOCOL, Snapshot
from hippodrome.plan.layout import Layout

PATIENCE_S = 30.0  # for an answer that should come at once; a machine that swaps takes long


class NotRunning(UserError):  # noqa: N818 - a state of affairs, named as the exit code is
    """Nothing answers at the instance's socket."""


@dataclass(frozen=True)
class Reread:
    """What supervisord says has changed in its configuration: program names."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def is_running(layout: Layout) -> bool:
    """Whether a supervisord listens at the socket."""
    import socket

    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE_S)
        return client.connect_ex(str(layout.socket)) == 0


class Supervisor:
    """One instance's supervisord. Every call raises NotRunning when it is not there, UserError when it refuses."""

    def __init__(self, layout: Layout) -> None:
        self._socket = layout.socket

    def status(self) -> Snapshot:
        """Of all programs, now."""
        return _snapshot(self._call("hippodrome.status"))

    def start(self, names: Iterable[str]) -> Snapshot:
        """Wants these to run, and what they require; they start as their dependencies allow."""
        return _snapshot(self._call("hippodrome.start", list(names)))

    def stop(self, names: Iterable[str]) -> Snapshot:
        """Stops these and what requires them; the answer does not wait for their end."""
        return _snapshot(self._call("hippodrome.stop", list(names)))

    def restart(self, names: Iterable[str], reason: str) -> Snapshot:
        """`reason` is shown wherever the restart is."""
        return _snapshot(self._call("hippodrome.restart", list(names), reason))

    def wait(self, names: Iterable[str], condition: str, seconds: float) -> Snapshot:
        """Once all meet it, one never will, or time is over. `condition`: started, healthy, completed, stopped."""
        return _snapshot(self._call("hippodrome.wait", list(names), condition, float(seconds), wait_s=seconds))

    def changes(self, since: int, seconds: float) -> tuple[int, Snapshot]:
        """The state after version `since`: at once if there is one, else after a change or `seconds`."""
        told = json.loads(str(self._call("hippodrome.changes", since, float(seconds), wait_s=seconds)))
        return told["version"], Snapshot.from_dict(told["snapshot"])

    def apply(self, changes: dict[str, Any]) -> Snapshot:
        """`added`, `changed`, `removed` (names) and `plan` (a path); answers when the processes are swapped."""
        return _snapshot(self._call("hippodrome.apply", json.dumps(changes), wait_s=120.0))

    def reread(self) -> Reread:
        """Has supervisord read its configuration; nothing that runs is changed."""
        answer = self._call("supervisor.reloadConfig")
        added, changed, removed = answer[0]
        return Reread(tuple(added), tuple(changed), tuple(removed))

    def shutdown(self) -> None:
        """Everything stops, within the longest grace; then supervisord ends."""
        self._call("hippodrome.shutdown")

    def kill(self) -> None:
        """Everything is killed at once."""
        self._call("hippodrome.kill")

    def _call(self, method: str, *arguments: xmlrpc.Value, wait_s: float = 0.0) -> Any:
        try:
            return xmlrpc.call(self._socket, method, arguments, timeout_s=PATIENCE_S + wait_s)
        except (FileNotFoundError, ConnectionRefusedError) as error:
            problem = Problem("not-running", "nothing is running here", "`hd up` starts the stack.")
            raise NotRunning(problem, exit_code=ExitCode.NOT_RUNNING) from error
        except OSError as error:
            problem = Problem("no-answer", f"supervisord does not answer: {error}", "`hd down`, then `hd up`.")
            raise NotRunning(problem, exit_code=ExitCode.NOT_RUNNING) from error
        except xmlrpc.Fault as fault:
            problem = Problem("refused", f"supervisord refused `{method}`: {fault.text}", "`hd ctl status` asks it.")
            raise UserError(problem, exit_code=ExitCode.FAILED) from fault


def _snapshot(answer: Any) -> Snapshot:
    told = json.loads(str(answer))
    if told.get("protocol") != PROTOCOL:
        problem = Problem(
            "other-version", "the running stack was started by another version of hd", "`hd down`, then `hd up`."
        )
        raise UserError(problem, exit_code=ExitCode.CONFLICT)
    return Snapshot.from_dict(told)
