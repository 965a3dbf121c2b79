"""What becomes of a running stack when another plan is applied: shown before it is done, and kept afterwards."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hippodrome.control.converge import fingerprints_of, reason_for_restart
from hippodrome.control.daemon import has_daemon
from hippodrome.control.delta import Delta, changed_fields, delta, followers, with_followers
from hippodrome.control.rpc import Listed, OtherVersion, Supervisor
from hippodrome.plan.conditions import Snapshot
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan
from hippodrome.rundir import read_plan
from hippodrome.targets import supervisord

SETTINGS = ("profile", "cell", "aws", "table_prefix", "is_data_real", "events", "routes", "idle_stop_s")
AT_REST = frozenset({"stopped", "failed", "exited"})


@dataclass(frozen=True, kw_only=True)
class Change:
    """Names of programs, and of what differs; never values.

    `fields`: of changed programs, and of kept ones whose process goes on. `follows`: a program that begins anew →
    the task that is run again before it. `restart`: why supervisord itself must be restarted, with everything.
    `resume`: what rests and is started. `ends`: what runs and is removed.
    """

    delta: Delta
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    follows: Mapping[str, str] = field(default_factory=dict)
    settings: tuple[str, ...] = ()
    restart: str = ""
    resume: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be done."""
        return not (self.restart or self.resume) and self.is_same_plan

    @property
    def is_same_plan(self) -> bool:
        """Whether both plans say the same."""
        return self.delta.is_empty and not (self.fields or self.settings)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "Change":
        """From its JSON form, which is `dataclasses.asdict` of it. Raises TypeError, KeyError."""
        return cls(
            delta=Delta(**{name: tuple(names) for name, names in told["delta"].items()}),
            fields={name: tuple(names) for name, names in told["fields"].items()},
            follows=dict(told["follows"]),
            settings=tuple(told["settings"]),
            restart=told["restart"],
            resume=tuple(told["resume"]),
            ends=tuple(told["ends"]),
        )


def compared(before: Plan | None, after: Plan, found: Delta) -> Change:
    """Of two plans, where it is known what becomes of the processes."""
    common = [name for name in (*found.change, *found.keep) if before and name in before]
    differing = {name: changed_fields(before.program(name), after.program(name)) for name in common if before}
    fields = {name: names for name, names in differing.items() if names}
    return Change(
        delta=found,
        fields=fields,
        follows=_follows(found, after, fields),
        settings=tuple(name for name in SETTINGS if before and getattr(before, name) != getattr(after, name)),
    )


def foresee(layout: Layout, plan: Plan) -> Change | None:
    """What `bring_up` would do to what runs; None when nothing runs. Secrets are not read, and nothing is changed."""
    if not has_daemon(layout):
        return None
    running = read_plan(layout)
    files = supervisord.render(plan, layout=layout, secrets=None)
    restart = reason_for_restart(layout, files)
    try:
        snapshot = Supervisor(layout).status()
    except OtherVersion:
        return _of_all(Supervisor(layout).listed(), plan, restart)
    wanted = with_followers(delta(plan, fingerprints_of(layout, snapshot)), plan)
    change = compared(running, plan, wanted)
    living = {status.name for status in snapshot.statuses if status.pid}
    return Change(
        **{
            **vars(change),
            "restart": restart,
            "resume": resumable(snapshot, [*wanted.keep, *wanted.change]),
            "ends": tuple(name for name in wanted.remove if name in living),
        }
    )


def _of_all(listed: Iterable[Listed], plan: Plan, restart: str) -> Change:
    """What another version of hd has started cannot be compared: all that lives begins anew, or ends."""
    living = [each.name for each in listed if each.pid]
    gone = tuple(name for name in living if name not in plan)
    added = tuple(name for name in plan.names if name not in living)
    change = tuple(name for name in plan.names if name in living)
    return Change(delta=Delta(add=added, remove=gone, change=change), restart=restart, ends=gone)


def resumable(snapshot: Snapshot, names: Iterable[str]) -> tuple[str, ...]:
    """Of these, what rests and would not be started again by itself; a task that is done may rest."""
    resting = {s.name for s in snapshot.statuses if s.state in AT_REST and not s.has_completed}
    return tuple(name for name in names if name in resting)


def as_json(change: Change) -> dict[str, Any]:
    """As scripts read it."""
    changed = {
        name: {"fields": list(change.fields.get(name, ())), "follows": change.follows.get(name)}
        for name in change.delta.change
    }
    return {
        "added": list(change.delta.add),
        "changed": changed,
        "removed": list(change.delta.remove),
        "kept": list(change.delta.keep),
        "updated": {name: list(names) for name, names in change.fields.items() if name not in changed},
        "resumed": list(change.resume),
        "settings": list(change.settings),
        "restart": change.restart,
    }


def _follows(found: Delta, plan: Plan, fields: Container[str]) -> dict[str, str]:
    """Which of the changed programs begin anew for the sake of a task alone."""
    fresh = {*found.add, *found.change}

    def is_own(name: str) -> bool:
        tasks = (each.program for each in plan.program(name).depends_on if each.condition == "completed")
        return name in fields or fresh.isdisjoint(tasks)

    own = tuple(name for name in found.change if is_own(name))
    told = followers(Delta(found.add, found.remove, own, (*found.change, *found.keep)), plan)
    return {name: task for name, task in told.items() if name in found.change}
