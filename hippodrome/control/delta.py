"""What it takes to bring a running instance to a plan: a value, printed by `hd plan` and applied by `hd up`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from hippodrome.plan.model import Fingerprint, Plan, Program

NEVER_SHOWN = frozenset({"declared_at"})  # where a thing stands is no part of what it is


@dataclass(frozen=True)
class Delta:
    """Program names: `add` and `change` in start order, `remove` in the order in which they stop."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.add or self.remove or self.change)


def fingerprints(plan: Plan) -> dict[str, Fingerprint]:
    """Of every program, in start order."""
    return {program.name: program.fingerprint for program in plan.programs}


def delta(plan: Plan, running: Mapping[str, Fingerprint]) -> Delta:
    """`running`: fingerprint of each program as it was last configured, in start order."""
    wanted = fingerprints(plan)
    return Delta(
        add=tuple(name for name in wanted if name not in running),
        remove=tuple(name for name in reversed(tuple(running)) if name not in wanted),
        change=tuple(name for name in wanted if name in running and wanted[name] != running[name]),
        keep=tuple(name for name in wanted if wanted[name] == running.get(name)),
    )


def followers(change: Delta, plan: Plan) -> dict[str, str]:
    """Kept programs that must begin anew, each with the task that is run again.

    What a task has made is what those that wait for its end have started from. Whoever waits for a service to be
    started or healthy reaches it by its address, and runs on: were that another, its own environment would be too.
    """
    fresh, found = {*change.add, *change.change}, dict[str, str]()
    for program in plan.programs:  # in start order, so that one pass finds all
        done_anew = [
            each.program for each in program.depends_on if each.condition == "completed" and each.program in fresh
        ]
        if done_anew and program.name not in fresh:
            fresh.add(program.name)
            found[program.name] = done_anew[0]
    return found


def with_followers(change: Delta, plan: Plan) -> Delta:
    """With kept programs moved to the changed ones that must begin anew with a task."""
    found = followers(change, plan)
    changed = {*change.change, *found}
    return replace(
        change,
        change=tuple(name for name in plan.names if name in changed),
        keep=tuple(name for name in change.keep if name not in changed),
    )


def changed_fields(old: Program, new: Program) -> tuple[str, ...]:
    """Dotted names of what differs (`environment.LOG_LEVEL`), never values."""
    return tuple(_differences(asdict(old), asdict(new), ""))


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], above: str) -> Iterator[str]:
    for key in _keys(old, new):
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _differences(before, after, f"{above}{key}.")
        elif before != after:
            yield f"{above}{key}"


def _keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[str]:
    return (key for key in dict.fromkeys([*old, *new]) if key not in NEVER_SHOWN)
