"""The data of an instance: emptied, and kept as named snapshots. Its services stand still meanwhile."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from hippodrome.control.rpc import Supervisor, is_running
from hippodrome.errors import ExitCode, Problem, UserError, nearest
from hippodrome.files import write_atomically
from hippodrome.plan.conditions import SETTLED
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan, Program
from hippodrome.rundir import Instance, locked, prepare, read_plan
from hippodrome.wait import Deadline

FORMAT = 1
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LOCK_S = 60.0
PATIENCE_S = 120.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Saved:
    """A snapshot. `made_at`: seconds since the epoch; `size`: bytes; `services`: whose data it has."""

    name: str
    made_at: float
    services: tuple[str, ...]
    size: int
    format: int = FORMAT


def holders(layout: Layout) -> tuple[str, ...]:
    """Services that have written data, sorted."""
    return tuple(sorted(each.name for each in layout.data.glob("*") if each.is_dir() and any(each.iterdir())))


def saved(layout: Layout) -> tuple[Saved, ...]:
    """All snapshots, the newest last."""
    found = [_read(folder) for folder in _folder(layout).glob("*") if NAME.fullmatch(folder.name)]
    return tuple(sorted((each for each in found if each), key=lambda each: each.made_at))


def save(instance: Instance, name: str, *, is_replacing: bool, say: Say) -> Saved:
    """Raises UserError: a bad name, one that is taken, a stack that is busy."""
    _check_name(name)
    layout, target = instance.layout, _folder(instance.layout) / name
    if target.exists() and not is_replacing:
        problem = Problem(
            "snapshot-exists", f"there is a snapshot `{name}` already", "--replace puts this in its place."
        )
        raise UserError(problem, exit_code=ExitCode.CONFLICT)
    staging = target.with_name(f".{name}.new")
    with at_rest(instance, holders(layout), say):
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True, mode=0o700)
        services = holders(layout)
        for service in services:
            _copy(layout.data_of(service), staging / "data" / service)
    made = Saved(name, time.time(), services, _size_of(staging / "data"))
    write_atomically(staging / "snapshot.json", json.dumps(asdict(made), indent=1) + "\n")
    shutil.rmtree(target, ignore_errors=True)
    staging.rename(target)
    return made


def load(instance: Instance, name: str, say: Say) -> Saved:
    """Puts a snapshot in place of the data that is there. Raises UserError: no such snapshot, a busy stack."""
    layout, found = instance.layout, find(instance.layout, name)
    kept = _folder(layout) / name / "data"
    with at_rest(instance, {*holders(layout), *found.services}, say):
        _empty(layout, {*holders(layout), *found.services})  # an empty folder too: it would be copied into
        for service in found.services:
            _copy(kept / service, layout.data_of(service))
    return found


def take(instance: Instance, source: Instance, snapshot: str, say: Say) -> tuple[str, ...]:
    """Copies another instance's data, as it is now or as a snapshot of that has it, into one that has none.

    The services whose data it is. Raises UserError: there is data already or none to copy, a busy stack.
    """
    services = _services_of(source.layout, snapshot)
    check_empty(instance)
    if not services:
        problem = Problem("no-data", f"{source.id} has no data", "Leave `--data-from` away.")
        raise UserError(problem, exit_code=ExitCode.CONFLICT)
    prepare(instance)
    staging = instance.layout.run_dir / ".data.new"
    shutil.rmtree(staging, ignore_errors=True)
    if snapshot:
        _copy(_folder(source.layout) / snapshot / "data", staging)
    else:
        with at_rest(source, services, lambda text: say(f"{source.id}: {text}")):
            for service in services:
                _copy(source.layout.data_of(service), staging / service)
    with at_rest(instance, services, say):
        check_empty(instance)
        _empty(instance.layout, services)  # folders without anything in them
        for service in services:
            (staging / service).rename(instance.layout.data_of(service))
    shutil.rmtree(staging, ignore_errors=True)
    return services


def _services_of(layout: Layout, snapshot: str) -> tuple[str, ...]:
    """Whose data a snapshot has, or there is now where none is named."""
    return find(layout, snapshot).services if snapshot else holders(layout)


def check_fits(plan: Plan, configured: Collection[str], source: Instance, snapshot: str) -> None:
    """Raises UserError where data is of no service that is `configured`, or another implementation wrote it."""
    services = _services_of(source.layout, snapshot)
    if problems := [*_strange(services, configured, source.id), *_otherwise_written(services, plan, source.layout)]:
        raise UserError(*problems, exit_code=ExitCode.CONFLICT)


def _strange(services: Iterable[str], configured: Collection[str], owner: str) -> Iterator[Problem]:
    for name in services:
        if name not in configured:
            what = f"{owner} has data of `{name}`, which no service is called here"
            yield Problem("data-differs", what, "Is this the same project, on a branch that has that service?")


def _otherwise_written(services: Iterable[str], plan: Plan, layout: Layout) -> Iterator[Problem]:
    if (there := read_plan(layout)) is None:
        return
    for name in (each for each in services if each in there and each in plan):
        if written := _other_writer(there.program(name), plan.program(name)):
            yield Problem("data-differs", f"the data of `{name}` {written}", "`--source` takes that one.")


def _other_writer(there: Program, here: Program) -> str:
    """Who wrote the data, where the code here would not read it: a reference and a real component differ."""
    if there.is_external or here.is_external or there.origin.kind == here.origin.kind:
        return ""
    return f"was written by {there.origin.shown}, and here it is {here.origin.shown}"


def check_empty(instance: Instance) -> None:
    """Raises UserError where there is data."""
    if there := holders(instance.layout):
        what = f"this stack has data already, of {', '.join(there)}"
        hint = "Leave `--data-from` away to go on with it; `hd data save NAME` keeps it, `hd reset` empties it."
        raise UserError(Problem("data-there", what, hint), exit_code=ExitCode.CONFLICT)


def reset(instance: Instance, services: Iterable[str], say: Say) -> None:
    """Removes the data of these services. Raises UserError when the stack is busy."""
    names = tuple(services)
    with at_rest(instance, names, say):
        _empty(instance.layout, names)


def delete(layout: Layout, name: str) -> Saved:
    """Removes a snapshot. Raises UserError when there is none of this name."""
    found = _named(layout, name)
    shutil.rmtree(_folder(layout) / name)
    return found


def find(layout: Layout, name: str) -> Saved:
    """Raises UserError, also for one of another version."""
    found = _named(layout, name)
    if found.format != FORMAT:
        problem = Problem("other-version", f"snapshot `{name}` was made by another version of hd", "Save it anew.")
        raise UserError(problem, exit_code=ExitCode.CONFLICT)
    return found


def _named(layout: Layout, name: str) -> Saved:
    known = {each.name: each for each in saved(layout)}
    if name not in known:
        hint = nearest(name, known) if known else "`hd data save NAME` makes one."
        raise UserError(Problem("unknown-snapshot", f"there is no snapshot `{name}`", hint), exit_code=ExitCode.USAGE)
    return known[name]


@contextmanager
def at_rest(instance: Instance, services: Iterable[str], say: Say) -> Iterator[None]:
    """Nothing of these services runs inside; afterwards what ran before runs again, whatever went wrong."""
    prepare(instance)
    with locked(instance, Deadline(LOCK_S), say):
        if not is_running(instance.layout):
            yield
            return
        supervisor = Supervisor(instance.layout)
        ran = {status.name for status in supervisor.status().statuses if status.state not in SETTLED}
        names = sorted(ran & set(services))
        try:
            if names:
                _stop(supervisor, names, say)
            yield
        finally:
            supervisor.start(sorted(ran))


def _stop(supervisor: Supervisor, names: list[str], say: Say) -> None:
    say(f"Stopping {', '.join(names)} for a moment.")
    supervisor.stop(names)
    snapshot = supervisor.wait(names, "stopped", PATIENCE_S)
    if alive := [name for name in names if snapshot.status(name).state not in SETTLED]:
        problem = Problem("cannot-stop", f"{', '.join(alive)} did not stop", "`hd ps` tells more.")
        raise UserError(problem, exit_code=ExitCode.TIMED_OUT)


def _empty(layout: Layout, services: Iterable[str]) -> None:
    for service in services:
        shutil.rmtree(layout.data_of(service), ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """With owners and times, which a database's folder must keep."""
    target.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["cp", "-a", source, target], capture_output=True, text=True, check=False)
    if done.returncode:
        problem = Problem("cannot-copy", f"data could not be copied: {done.stderr.strip()}", "Is the disk full?")
        raise UserError(problem, exit_code=ExitCode.FAILED)


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        problem = Problem("bad-name", f"`{name}` cannot name a snapshot", "Letters, digits, `.`, `_` and `-`.")
        raise UserError(problem, exit_code=ExitCode.USAGE)


def _folder(layout: Layout) -> Path:
    return layout.run_dir / "snapshots"


def _read(folder: Path) -> Saved | None:
    try:
        path = folder / "snapshot.json"
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:  # there it is, and no more is known of it
            return Saved(folder.name, path.stat().st_mtime, (), 0, told["format"])
        return Saved(**{**told, "services": tuple(told["services"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _size_of(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
