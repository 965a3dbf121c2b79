"""What shows that somebody uses the stack: a command at it, or a connection that is not the stack's own.

A connection that lasts is somebody's: its client is looked up, and the stack's own processes do not count. One that
was closed between two looks has no owner any more, but the kernel remembers it for a minute; those that health checks
made are known by their ports. What else was closed at a service that others of the stack ask too counts unless it has
come again and again since the stack began: then it is theirs, and a client among them is found while it is at it.
"""

import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hippodrome import listeners
from hippodrome.files import is_locked, modified_at
from hippodrome.listeners import Connection
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan
from hippodrome.supervision import family

STEADY = 5  # times in a row that something was closed there
PAUSE_S = 120.0  # no further apart
LATE_S = 3600.0  # for how long, where it did not begin with the stack: then it is rather a client's
NUMBER = re.compile(r"\d+")


@dataclass
class _Steady:
    """What is closed at a port again and again. Times are monotonic seconds."""

    since: float
    last: float
    settles_s: float
    count: int = 1


Key = tuple[tuple[bytes, int], int]  # the client's address and port, and the port of the service


class Evidence:
    """`made` gives the connections of health checks: the ports of their two ends."""

    def __init__(self, layout: Layout, stack_id: str, made: Callable[[], Iterable[tuple[int, int]]]) -> None:
        self._layout = layout
        self._marked = family.Marked(stack_id)
        self._made = made
        self._own: set[Key] = set()
        self._seen: set[Key] = set()
        self._steady: dict[int, _Steady] = {}
        self._began = time.monotonic()
        self._command_at = modified_at(layout.clients)

    def look(self, plan: Plan, now: float) -> str:
        """What is seen that was not there before, or is there still; empty for nothing. `now`: monotonic seconds."""
        return self._commands() or self._connections(plan, now)

    def _commands(self) -> str:
        before, self._command_at = self._command_at, modified_at(self._layout.clients)
        if self._command_at != before or is_locked(self._layout.clients):
            return "a command of hd"
        return "a change of the stack" if is_locked(self._layout.lock) else ""

    def _connections(self, plan: Plan, now: float) -> str:
        names = {port: program.name for program in plan.programs for port in program.ports.values()}
        found = listeners.connections(names)
        strangers = self._strangers(found)
        new = [each for each in found if self._is_new(each)]
        judged = [*strangers, *(each for each in found if not (each.is_open or each.inode))]
        self._seen = {(each.client, each.port) for each in judged}
        self._own &= {(each.client, each.port) for each in found}
        asked = asked_within(plan)
        checks = set(self._made())
        closed = {each.port for each in new if (each.client[1], each.port) not in checks}
        news = [port for port in closed if self._is_news(port, now, is_asked=port in asked)]
        clients = [names[each.port] for each in strangers]
        return f"a connection to {(clients or [names[port] for port in news])[0]}" if clients or news else ""

    def _strangers(self, found: list[Connection]) -> list[Connection]:
        """Clients of connections that are open, which are no process of the stack."""
        strangers = [each for each in found if each.is_remote and each.is_open]
        suspects = self._without_own(found, family.members(os.getpid()))
        if suspects:
            suspects = self._without_own(suspects, self._marked.all())
        if suspects:  # one that has gone meanwhile may be our own: it was not there any more when that was looked up
            names = {each.port for each in suspects}
            still = {(each.client, each.inode) for each in listeners.connections(names) if each.is_open}
            suspects = [each for each in suspects if (each.client, each.inode) in still]
        return strangers + suspects

    def _without_own(self, found: list[Connection], pids: Iterable[int]) -> list[Connection]:
        held = [each for each in found if each.inode]
        own = listeners.sockets_of(pids) if held else set()
        self._own |= {(each.client, each.port) for each in held if each.inode in own}
        return [each for each in held if each.is_open and each.inode not in own]

    def _is_new(self, each: Connection) -> bool:
        """Whether it was closed since the last look, and nobody knows by whom."""
        key = (each.client, each.port)
        return not (each.is_open or each.inode or key in self._seen or key in self._own)

    def _is_news(self, port: int, now: float, *, is_asked: bool) -> bool:
        """Whether a client is the likeliest to have closed something there."""
        steady = self._steady.get(port)
        if steady and now - steady.last <= PAUSE_S:
            steady.last, steady.count = now, steady.count + 1
        else:
            is_late = now - self._began > PAUSE_S
            steady = self._steady[port] = _Steady(since=now, last=now, settles_s=LATE_S if is_late else 0.0)
        return not (is_asked and steady.count >= STEADY and now - steady.since >= steady.settles_s)


def asked_within(plan: Plan) -> set[int]:
    """Ports that the stack itself may ask, beside health checks: what others need or name, takes events, is checked
    by a command.
    """
    needed = {each.program for program in plan.programs for each in program.depends_on}
    needed |= {route.service for route in plan.routes}
    needed |= {program.name for program in plan.programs if program.probe.kind == "exec"}
    asked = {port for program in plan.programs if program.name in needed for port in program.ports.values()}
    for program in plan.programs:
        texts = (*program.argv, *program.environment.values(), *program.probe.argv)
        named = {int(number) for text in texts for number in NUMBER.findall(text) if len(number) < 6}
        asked |= named - set(program.ports.values())
    return asked
