"""Where the time of a start went: steps with their moments, the way that took longest, and the runs that are kept.

The facts are what `hd up` did, and what the journal says of every service's states.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Literal

from hippodrome.bootstrap.steps import Progress
from hippodrome.diagnose.history import Event, events
from hippodrome.files import write_atomically
from hippodrome.plan.conditions import READY
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Condition, Plan, Program

KEPT = 20  # runs
FORMAT = 1
MOST = 100_000  # changes of state that are looked at: of a thousand services, each started many times
LEAST_S = 0.1  # a smaller difference is the machine's mood
EDGE_S = 0.05  # between what happened one after the other, as two processes' clocks and files tell it

StepKind = Literal["compile", "set-up", "supervisord", "wait", "spawn", "healthy"]


@dataclass(frozen=True)
class Step:
    """One thing that took time, in seconds after the run began. `services` are whose it is; none: the stack's."""

    name: str
    kind: StepKind
    services: tuple[str, ...]
    begins_s: float
    ends_s: float
    is_critical: bool = False  # with it shorter, the whole would be

    @property
    def seconds(self) -> float:
        return self.ends_s - self.begins_s


@dataclass(frozen=True)
class Run:
    """One start. `began_at` is Unix seconds; `is_well`: all that was required became ready."""

    began_at: float
    seconds: float
    profile: str
    is_well: bool
    is_first: bool  # supervisord was started for it
    steps: tuple[Step, ...]
    format: int = FORMAT


@dataclass(frozen=True)
class Difference:
    """How much longer a step took than in the other run; less than zero: shorter. None: only one run has it."""

    name: str
    seconds: float
    before_s: float | None
    now_s: float | None


class Stopwatch:
    """Notes what `hd up` does before services start. Times are Unix seconds."""

    def __init__(self) -> None:
        self.began_at = time.time()
        self.compiled_at = self.began_at
        self.made: list[tuple[str, tuple[str, ...], float, float]] = []

    def compiled(self) -> None:
        """The plan is there."""
        self.compiled_at = time.time()

    def hear(self, progress: Progress) -> None:
        """Of the set-up, as it goes."""
        if progress.state in {"done", "failed"}:
            now = time.time()
            self.made.append((progress.job.tool, progress.job.programs, now - progress.seconds, now))


def measured(watch: Stopwatch, plan: Plan, layout: Layout, *, is_well: bool, is_first: bool) -> Run | None:
    """The run that is over now; None when nothing was started."""
    told = events(layout, plan.names, watch.began_at, most=MOST)
    if not any(event.state == "starting" for event in told):
        return None
    steps = _steps(watch, plan, told)
    whole = max(step.ends_s for step in steps)
    return Run(watch.began_at, whole, plan.profile, is_well, is_first, tuple(steps))


def keep(layout: Layout, run: Run) -> None:
    """Writes it beside the earlier ones, of which the newest stay. A disk that is full costs the figures alone."""
    with suppress(OSError):
        layout.timings.mkdir(mode=0o700, exist_ok=True)
        path = layout.timings / f"{int(run.began_at * 1000):015d}.json"
        write_atomically(path, json.dumps(asdict(run), ensure_ascii=False) + "\n")
        for old in sorted(layout.timings.glob("*.json"))[:-KEPT]:
            old.unlink(missing_ok=True)


def runs(layout: Layout) -> tuple[Run, ...]:
    """The newest first; without those that `of_another_version` counts."""
    return tuple(run for run in _all(layout) if run)


def of_another_version(layout: Layout) -> int:
    """How many are kept that cannot be read, as another version has written them."""
    return sum(run is None for run in _all(layout))


def _all(layout: Layout) -> list[Run | None]:
    paths = sorted(layout.timings.glob("*.json"), reverse=True)
    return [_read(path.read_bytes()) for path in paths if path.stem.isdigit() and path.exists()]


def compared(now: Run, before: Run) -> tuple[Difference, ...]:
    """What takes longer comes first, then what takes less; differences that say nothing are left out."""
    ours, theirs = _by_name(now), _by_name(before)
    found = [
        Difference(name, ours.get(name, 0.0) - theirs.get(name, 0.0), theirs.get(name), ours.get(name))
        for name in dict.fromkeys([*ours, *theirs])
    ]
    return tuple(sorted((each for each in found if abs(each.seconds) >= LEAST_S), key=lambda each: -each.seconds))


def _by_name(run: Run) -> dict[str, float]:
    """Waiting for another is that other's time."""
    return {step.name: step.seconds for step in run.steps if step.kind != "wait"}


def _read(text: bytes) -> Run | None:
    try:
        told = json.loads(text)
        steps = tuple(Step(**{**step, "services": tuple(step["services"])}) for step in told["steps"])
        run = Run(**{**told, "steps": steps})
    except (ValueError, TypeError, KeyError):
        return None
    return run if run.format == FORMAT else None


def _steps(watch: Stopwatch, plan: Plan, told: Sequence[Event]) -> list[Step]:
    """In the order in which they began."""
    began, first = watch.began_at, min(event.at for event in told)
    made = [Step(name, "set-up", whose, start - began, end - began) for name, whose, start, end in watch.made]
    ready_s = max([watch.compiled_at - began, *(step.ends_s for step in made)])
    steps = [Step("compile", "compile", (), 0.0, watch.compiled_at - began), *made]
    steps.append(Step("supervisord", "supervisord", (), ready_s, max(ready_s, first - began)))
    of: dict[str, list[Event]] = {name: [] for name in plan.names}
    for event in told:
        of[event.program].append(event)
    known: dict[str, _Way] = {}
    for program in plan.programs:  # in start order
        if way := _way(program, [(event.at - began, event) for event in of[program.name]], known):
            known[program.name] = way
            steps += way.steps(program.name)
    return sorted(_with_critical(plan, steps, known), key=lambda step: (step.begins_s, step.ends_s))


@dataclass(frozen=True)
class _Way:
    """One service's first start within a run: when it was wanted, could be spawned, was spawned, was there."""

    wanted_s: float
    due_s: float
    spawned_s: float
    there_s: float
    held_by: str  # the program that it waited for to the last
    held_until: Condition

    def steps(self, name: str) -> Iterator[Step]:
        if self.due_s - self.wanted_s >= EDGE_S:
            yield Step(f"{name}: waiting", "wait", (name,), self.wanted_s, self.due_s)
        yield Step(f"{name}: spawn", "spawn", (name,), self.due_s, self.spawned_s)
        yield Step(f"{name}: until healthy", "healthy", (name,), self.spawned_s, self.there_s)


def _way(program: Program, told: Sequence[tuple[float, Event]], known: Mapping[str, _Way]) -> _Way | None:
    spawned_s = next((at for at, event in told if event.state == "starting"), None)
    if spawned_s is None:
        return None
    after = [(at, event.state) for at, event in told if at >= spawned_s]
    ready_s = next((at for at, state in after if state in READY), None)  # crashes on the way are part of it
    there_s = after[-1][0] if ready_s is None else ready_s
    met = [
        (known[each.program].spawned_s if each.condition == "started" else known[each.program].there_s, each)
        for each in program.depends_on
        if each.program in known
    ]
    held = max((each for each in met if each[0] <= spawned_s), key=lambda each: each[0], default=None)
    wanted_s = told[0][0]
    due_s = max(wanted_s, held[0]) if held else wanted_s
    by, until = (held[1].program, held[1].condition) if held else ("", "started")
    return _Way(wanted_s, due_s, spawned_s, there_s, by, until)


def _with_critical(plan: Plan, steps: Iterable[Step], known: Mapping[str, _Way]) -> Iterator[Step]:
    """Marks the chain of steps, each of which began when the one before it ended, that leads to the end."""
    steps = list(steps)
    made = [step for step in steps if step.kind == "set-up"]
    names = {"compile", "supervisord", *([max(made, key=lambda step: step.ends_s).name] if made else ())}
    required = [name for name in known if plan.program(name).is_required] or list(known)
    at, until = max(required, key=lambda name: known[name].there_s), "healthy"
    while at:
        names.add(f"{at}: spawn")
        if until != "started":
            names.add(f"{at}: until healthy")
        at, until = known[at].held_by, known[at].held_until
    return (replace(step, is_critical=step.name in names) for step in steps)
