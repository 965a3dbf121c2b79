"""Bringing a running supervisord to a plan; nothing is touched that did not change."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from hippodrome.control.delta import Delta, delta, with_followers
from hippodrome.control.rpc import OtherVersion, Refused, Reread, Supervisor
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.files import File
from hippodrome.plan.conditions import Snapshot
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Fingerprint, Plan
from hippodrome.rundir import read_plan, read_record, remove_all_but, write_generation

_PROGRAM = re.compile(r"^\[program:(?P<name>[^\]]+)\]\n", re.MULTILINE)
_COMMENT = re.compile(r"^;.*\n", re.MULTILINE)


def reason_for_restart(layout: Layout, files: Iterable[File]) -> str:
    """Why the running supervisord cannot take this over; empty when it can. Raises NotRunning."""
    record = read_record(layout)
    if record is None or read_plan(layout) is None or not _speaks_our_protocol(layout):
        return "it was started by another version of hd"
    if record.python != sys.executable:
        return f"it runs on {record.python}, this is {sys.executable}"
    if _own_sections(_text_of(layout)) != _own_sections(_conf(files)):
        return "its own settings have changed"
    return ""


Note = Callable[[Delta, Snapshot], None]


def converge(layout: Layout, plan: Plan, files: list[File], note: Note = lambda *_: None) -> Delta:
    """Applies what changed; answers when the processes are swapped, before they are healthy.

    `note` hears what will be done, and what ran, once nothing can refuse it any more.

    Raises UserError when supervisord refuses the configuration; then everything runs on as it did.
    """
    supervisor = Supervisor(layout)
    snapshot = supervisor.status()
    before = _texts(layout, files)
    if snapshot.plan_digest == plan.digest and all(before[file.path] == file.text for file in files):
        return Delta(keep=plan.names)
    wanted = delta(plan, fingerprints_of(layout, snapshot))
    write_generation(layout, [file for file in files if before[file.path] != file.text])
    try:
        change = with_followers(_agreed(wanted, supervisor.reread()), plan)
    except Refused:
        _restore(layout, before)
        raise
    except _DisagreementError as error:
        _restore(layout, before)
        supervisor.reread()
        problem = Problem("converge-mismatch", str(error), "Please report it; `hd down` and `hd up` help.")
        raise UserError(problem, exit_code=ExitCode.BUG) from error
    note(change, snapshot)
    supervisor.apply(
        {
            "added": list(change.add),
            "changed": list(change.change),
            "removed": list(change.remove),
            "plan": str(layout.plan),
        }
    )
    remove_all_but(layout, files)
    return change


class _DisagreementError(Exception):
    """supervisord sees another change than the plan's."""


def _agreed(wanted: Delta, seen: Reread) -> Delta:
    """With what supervisord sees changed in its file: a secret is only there, a set-up step is not."""
    if set(wanted.add) != set(seen.added) or set(wanted.remove) != set(seen.removed):
        raise _DisagreementError(f"the plan adds {wanted.add} and removes {wanted.remove}; supervisord sees {seen}")
    changed = {*wanted.change, *seen.changed}
    both = (*wanted.change, *wanted.keep)
    return replace(
        wanted,
        change=tuple(name for name in both if name in changed),
        keep=tuple(name for name in wanted.keep if name not in changed),
    )


def fingerprints_of(layout: Layout, snapshot: Snapshot) -> dict[str, Fingerprint]:
    """Of each program as its process was started; as it was planned where there was none yet."""
    planned = read_plan(layout)
    fingerprints = {program.name: program.fingerprint for program in planned.programs} if planned else {}
    return {
        status.name: Fingerprint(status.fingerprint) or fingerprints.get(status.name, Fingerprint(""))
        for status in snapshot.statuses
    }


def _texts(layout: Layout, files: Iterable[File]) -> dict[str, str | None]:
    """What is there now of `files`; None for what is not."""
    found: dict[str, str | None] = {}
    for file in files:
        path = layout.run_dir / file.path
        found[file.path] = path.read_text(encoding="utf-8") if path.exists() else None
    return found


def _restore(layout: Layout, before: Mapping[str, str | None]) -> None:
    write_generation(layout, [File(path, text) for path, text in before.items() if text is not None])


def _speaks_our_protocol(layout: Layout) -> bool:
    try:
        Supervisor(layout).status()
    except OtherVersion:
        return False
    return True


def _conf(files: Iterable[File]) -> str:
    return next(file.text for file in files if file.path == "supervisord.conf")


def _text_of(layout: Layout) -> str:
    return layout.supervisord_conf.read_text(encoding="utf-8")


def _own_sections(conf: str) -> str:
    """What supervisord reads only when it starts: all before the first program."""
    return _COMMENT.sub("", _PROGRAM.split(conf, maxsplit=1)[0])
