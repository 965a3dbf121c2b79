"""The instances of this user, wherever their project roots are, registered or not."""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from hippodrome.control.processes import warden_of
from hippodrome.control.registry import Entry, Found, Registry, with_warden
from hippodrome.errors import ExitCode, Problem, UserError, nearest
from hippodrome.plan.layout import Layout
from hippodrome.rundir import Instance, layout_of, read_plan, read_record, state_of


def own(environ: Mapping[str, str]) -> tuple[Found, ...]:
    """Those of the registry, and those that run without being in it: of an older hd, or of another registry."""
    return tuple(each for each in all_users(environ) if each.is_own)


def all_users(environ: Mapping[str, str]) -> tuple[Found, ...]:
    """All of the registry, and this user's that run without being in it, whose ports are as taken."""
    found = Registry.of(environ).look()
    known = {each.entry.id for each in found if each.is_own}
    return (*found, *(each for each in _unregistered(state_of(environ)) if each.entry.id not in known))


def instance_of(found: Found) -> Instance:
    """Of an entry of this user's own, whose paths are believed."""
    entry = found.entry
    return Instance(entry.id, Path(entry.project_root), layout_of(Path(entry.run_dir)), entry.name)


def named(environ: Mapping[str, str], name: str) -> Instance:
    """One of this user's, by what `hd instances` calls it or by its id. Raises UserError (USAGE)."""
    known = own(environ)
    found = [each for each in known if name in (each.entry.id, each.entry.label)]
    if len(found) == 1:
        return instance_of(found[0])
    if found:
        what = f"`{name}` names {len(found)} stacks"
        hint = f"Say which: {', '.join(each.entry.id for each in found)}."
    else:
        what = f"there is no stack `{name}`"
        hint = nearest(name, [each.entry.label for each in known])
    raise UserError(Problem("unknown-instance", what, hint), exit_code=ExitCode.USAGE)


def note_started(instance: Instance) -> None:
    """That the stack runs, for those who may not look into its run directory."""
    _note(instance, started_at=time.time())


def note_stopped(instance: Instance) -> None:
    """That it does not run any more, and was used until now."""
    _note(instance, started_at=0.0)


def _note(instance: Instance, started_at: float) -> None:
    """Nothing depends on it but what others are told."""
    registry = Registry.of(os.environ)
    if (found := registry.own(instance.id)) is None:
        return
    now = with_warden({**asdict(found.entry), "started_at": started_at}, instance.layout)
    is_told = now.warden == found.entry.warden and now.boot == found.entry.boot and found.entry.started_at
    if is_told and started_at:
        return
    with contextlib.suppress(UserError), registry.locked() as writer:
        writer.put(now)


def _unregistered(state: Path) -> Iterator[Found]:
    for run_dir in sorted(state.glob("*/warden.pid")):
        layout = layout_of(run_dir.parent)
        if warden_of(layout.warden_pid):
            yield Found(_entry(layout), os.getuid(), run_dir.stat().st_mtime, "")


def _entry(layout: Layout) -> Entry:
    """From what the run directory tells; its plan may be another version's."""
    plan, record = read_plan(layout), read_record(layout)
    return Entry(
        id=layout.run_dir.name,
        name=plan.name if plan else "",
        project_root=plan.project_root if plan else str(layout.run_dir),
        run_dir=str(layout.run_dir),
        profile=plan.profile if plan else "",
        port_offset=plan.port_offset if plan else 0,
        ports=plan.ports if plan else {},
        main_port=next((program.port for program in plan.programs if program.port), 0) if plan else 0,
        started_at=record.made_at if record else 0.0,
    )
