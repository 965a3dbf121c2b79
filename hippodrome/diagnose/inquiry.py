"""All that can be said of one service at one moment: what `hd why` prints and its page shows."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hippodrome.control.kept import read_all
from hippodrome.diagnose.causes import likely_cause
from hippodrome.diagnose.endings import meaning
from hippodrome.diagnose.history import Event, events
from hippodrome.diagnose.why import exit_words, why
from hippodrome.listeners import holder_of
from hippodrome.logs.levels import plain
from hippodrome.logs.read import Choice, window
from hippodrome.plan.conditions import READY, Snapshot, State, Status, verdict
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import DependsOn, Plan, Program

ERROR_LINES = 8
FIRST_CHANGES, LAST_CHANGES = 4, 4  # what began it, and how it is now; a crash loop is long in between
CHANGED = "configuration changed"  # the journal's reason, as supervision gives it
APPLYING_S = 30.0  # by which a plan may be noted later than its first change of state
BUDGET_BYTES = 1 << 20  # of a log, read in search of errors


@dataclass(frozen=True)
class Needed:
    """A program that must be so first. `is_holding`: it keeps the service back now."""

    program: str
    condition: str
    is_required: bool
    is_met: bool
    is_holding: bool
    state: State
    since: float
    sentence: str


@dataclass(frozen=True)
class Ended:
    """How its last process ended. `meaning` is empty where the words say all."""

    words: str
    meaning: str
    at: float
    lived_s: float


@dataclass(frozen=True)
class Said:
    """A line of a log; `at` is Unix seconds."""

    at: float
    text: str


@dataclass(frozen=True)
class Port:
    """Who listens on a port of its; `pid` is None when nobody does, or somebody who cannot be looked at."""

    name: str
    number: int
    holder: str  # `its own process`, `pid 812 (python, user bob)`, `nobody`
    pid: int | None
    is_own: bool


@dataclass(frozen=True)
class Inquiry:
    """Times are Unix seconds. `well_until` is None when it is well now, or never was in what the journal keeps.

    `root`: the program at fault, whose `lines` these are; `changes`: what happened to it, and to what it needs,
    since it was well last, the oldest first, `left_out` of them between the first and the last.
    """

    service: str
    state: State
    since: float
    sentence: str
    root: str
    needs: tuple[Needed, ...]
    last_exit: Ended | None
    lines: tuple[Said, ...]
    likely: str
    ports: tuple[Port, ...]
    well_until: float | None
    changes: tuple[Event, ...]
    left_out: int
    next: str


def inquire(plan: Plan, snapshot: Snapshot, name: str, layout: Layout) -> Inquiry:
    """Looks at the logs, the journal and the ports. Raises KeyError for a name the snapshot does not have."""
    status, program = snapshot.status(name), plan.program(name)
    found = why(plan, snapshot, name)
    lines = _lines(snapshot, snapshot.status(found.root), layout)
    well_until, happened = _since_well(program, status, layout)
    changes = tuple(_with_fields(layout, _ends(happened)))
    return Inquiry(
        service=name,
        state=status.state,
        since=status.since,
        sentence=found.sentence,
        root=found.root,
        needs=tuple(_needs(plan, snapshot, status)),
        last_exit=_ended(status),
        lines=lines,
        likely="" if status.is_ready else likely_cause(found.root, [line.text for line in lines]),
        ports=tuple(_port(key, number, status) for key, number in program.ports.items()),
        well_until=well_until,
        changes=changes,
        left_out=len(happened) - len(changes),
        next=found.mend or _next(status),
    )


def _needs(plan: Plan, snapshot: Snapshot, status: Status) -> Iterator[Needed]:
    known = {each.name: each for each in snapshot.statuses}
    for needed in plan.program(status.name).depends_on:
        if other := known.get(needed.program):
            yield _need(plan, snapshot, needed, other, is_holding=other.name in status.waits_for)


def _need(plan: Plan, snapshot: Snapshot, needed: DependsOn, other: Status, *, is_holding: bool) -> Needed:
    return Needed(
        program=other.name,
        condition=needed.condition,
        is_required=needed.is_required,
        is_met=verdict(needed.condition, other) == "met",
        is_holding=is_holding,
        state=other.state,
        since=other.since,
        sentence=why(plan, snapshot, other.name).sentence,
    )


def _ended(status: Status) -> Ended | None:
    last = status.last_exit
    return Ended(exit_words(last), meaning(last), last.at, last.lived_s) if last else None


def _lines(snapshot: Snapshot, root: Status, layout: Layout) -> tuple[Said, ...]:
    """Its newest errors in this stack; for one that is not well and wrote none, its newest lines."""
    choice = Choice(ERROR_LINES, since=snapshot.started_at, at_least="error", budget_bytes=BUDGET_BYTES)
    errors = tuple(Said(line.at, plain(line.text)) for line in window(layout, [root.name], choice).lines)
    if errors or root.is_ready or root.started_at is None:
        return errors
    newest = window(layout, [root.name], Choice(ERROR_LINES, since=root.started_at)).lines
    return tuple(Said(line.at, plain(line.text)) for line in newest)


def _port(key: str, number: int, status: Status) -> Port:
    holder = holder_of(number)
    if holder is None:
        return Port(key, number, "nobody", None, is_own=False)
    if holder.pid is not None and status.pid is not None and _group(holder.pid) == _group(status.pid) != 0:
        return Port(key, number, "its own process", holder.pid, is_own=True)
    who = f"pid {holder.pid} ({holder.command}, user {holder.user})" if holder.pid else f"a process of {holder.user}"
    return Port(key, number, who, holder.pid, is_own=False)


def _group(pid: int) -> int:
    """supervisord gives every program a process group of its own; 0 for a process that has ended."""
    try:
        return os.getpgid(pid)
    except OSError:
        return 0


def _since_well(program: Program, status: Status, layout: Layout) -> tuple[float | None, tuple[Event, ...]]:
    if status.state in READY:
        return None, ()
    names = (program.name, *(each.program for each in program.depends_on))
    told = events(layout, names)
    last = next(
        (i for i in reversed(range(len(told))) if _is_well(told[i]) and told[i].program == program.name), None
    )
    after = told if last is None else told[last + 1 :]
    ended = next((each.at for each in after if each.program == program.name), None) if last is not None else None
    return ended, tuple(each for each in after if each.program == program.name or not _is_calm(each))


def _ends(happened: tuple[Event, ...]) -> tuple[Event, ...]:
    if len(happened) <= FIRST_CHANGES + LAST_CHANGES:
        return happened
    return happened[:FIRST_CHANGES] + happened[-LAST_CHANGES:]


def _with_fields(layout: Layout, changes: tuple[Event, ...]) -> Iterator[Event]:
    """A changed configuration with the names of what differed, where that plan is still kept."""
    plans = read_all(layout) if any(each.reason == CHANGED for each in changes) else ()
    for each in changes:
        of_it = (
            plan.change.fields.get(each.program, ()) for plan in reversed(plans) if plan.at <= each.at + APPLYING_S
        )
        fields = next(filter(None, of_it), ()) if each.reason == CHANGED else ()
        yield replace(each, reason=f"{CHANGED}: {', '.join(fields)}") if fields else each


def _is_well(event: Event) -> bool:
    return event.state in READY


def _is_calm(event: Event) -> bool:
    """Of a program that is needed: its way up is no news."""
    return _is_well(event) or event.state in {"waiting", "starting"}


def _next(status: Status) -> str:
    if status.state in {"waiting", "blocked"} and status.waits_for:
        return f"`hd why {status.waits_for[0]}` tells more."
    return f"`hd logs -f {status.name}` shows what it does."
