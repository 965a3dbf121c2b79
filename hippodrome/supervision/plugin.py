"""The plug-in that supervisord loads: the calls of the namespace `hippodrome`."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

from supervisor.xmlrpc import Faults, RPCError

from hippodrome.plan.conditions import SETTLED, Snapshot, Status, Verdict, joined, verdict
from hippodrome.plan.model import Condition, Plan
from hippodrome.supervision.engine import Engine
from hippodrome.supervision.guard import report

CONDITIONS = ("started", "healthy", "completed", "stopped")
Deferred = Any  # a text, or a function that supervisord asks for it later


class Interface:
    """What can be called; every structured value goes as one JSON string."""

    def __init__(self, supervisord: Any, plan_path: Path) -> None:
        self._supervisord = supervisord
        self._engine = Engine(supervisord, plan_path)

    def status(self) -> str:
        """The state of every program."""
        return _text(self._engine.snapshot)

    def start(self, names: list[str]) -> str:
        """Wants these, and what they require, to run; they start as their dependencies allow."""
        return self._do(self._engine.start, self._known(names))

    def stop(self, names: list[str]) -> str:
        """Stops these, and what requires them."""
        return self._do(self._engine.stop, self._known(names))

    def restart(self, names: list[str], reason: str) -> str:
        """Starts these anew; the reason is shown and kept."""
        return self._do(self._engine.restart, self._known(names), reason)

    def lend(self, name: str, lock: str) -> str:
        """Stops it for somebody who runs it by hand and holds a lock on the file; starts it when that is let go."""
        return self._do(self._engine.lend, *self._known([name]), lock)

    def wait(self, names: list[str], condition: str, seconds: float) -> Deferred:
        """Answers once all meet the condition, one never will, or time is over."""
        wanted = self._known(names)
        if condition not in CONDITIONS:
            raise RPCError(Faults.BAD_ARGUMENTS, f"condition {condition}: one of {', '.join(CONDITIONS)}")

        def answer(is_over: bool) -> str | None:
            found = joined(_verdict(condition, self._engine.scheduler.status(name)) for name in wanted)
            return _text(self._engine.snapshot) if is_over or found != "not yet" else None

        return self._later(answer, seconds)

    def changes(self, since: int, seconds: float) -> Deferred:
        """Answers once the state is another than that of version `since`, or time is over."""

        def answer(is_over: bool) -> str | None:
            version = self._engine.scheduler.version
            if version == since and not is_over:
                return None
            return _text({"version": version, "snapshot": self._engine.snapshot})

        return self._later(answer, seconds)

    def apply(self, change: str) -> Deferred:
        """Takes over another plan, after reloadConfig; answers when what it changes is swapped."""
        told = json.loads(change)
        try:
            plan = Plan.read(Path(told["plan"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RPCError(Faults.BAD_ARGUMENTS, f"plan: {error}") from error
        self._do(self._engine.replan, plan, told["changed"])

        def answer(is_over: bool) -> str | None:
            scheduler = self._engine.scheduler
            is_done = is_over or scheduler.is_stopping or not scheduler.has_swaps
            return _text(self._engine.snapshot) if is_done else None

        return self._later(answer)

    def shutdown(self) -> bool:
        """Stops everything, then supervisord."""
        self._do(self._engine.shutdown)
        return True

    def kill(self) -> bool:
        """Kills everything, then stops supervisord."""
        self._do(self._engine.kill)
        return True

    def _known(self, names: Iterable[str]) -> list[str]:
        wanted = list(names)
        for name in wanted:
            if name not in self._engine.scheduler:
                raise RPCError(Faults.BAD_NAME, name)
        return wanted

    def _do(self, function: Callable[..., None], *arguments: Any) -> str:
        """supervisord takes a TypeError for wrong parameters, and others for the end of the connection."""
        try:
            function(*arguments)
        except Exception as error:
            report(self._supervisord.options.logger, function)
            raise RPCError(Faults.FAILED, f"{type(error).__name__}: {error}") from error
        return _text(self._engine.snapshot)

    def _later(self, answer: Callable[[bool], str | None], seconds: float = float("inf")) -> Deferred:
        """At once when it is there already."""
        if text := answer(seconds <= 0):
            return text
        deferred = self._engine.until(answer, seconds)
        self._engine.watch_the_clock()
        return deferred

    def _belongs_to(self, supervisord: Any) -> bool:
        return self._supervisord is supervisord


_made: list[Interface] = []


def make(supervisord: Any, plan: str) -> Interface:
    """The interface of this supervisord: one, though supervisord asks once for each of its servers.

    `plan` is the file's path, relative to the folder of supervisord's configuration. A reload of supervisord
    brings another object, and all begins anew.
    """
    if not (_made and _made[0]._belongs_to(supervisord)):
        folder = Path(supervisord.options.configfile).resolve().parent
        _made[:] = [Interface(supervisord, folder / plan)]
    return _made[0]


def _verdict(condition: str, status: Status) -> Verdict:
    if condition == "stopped":
        return "met" if status.state in SETTLED and status.pid is None else "not yet"
    return verdict(cast("Condition", condition), status)


def _text(value: Snapshot | dict[str, Any]) -> str:
    """Dataclasses as `dataclasses.asdict` has them, without its copying of everything."""
    return json.dumps(value, default=vars, ensure_ascii=False)
