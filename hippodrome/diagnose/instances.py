"""What is known of each instance of the box: of one's own all, of others what they registered."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from hippodrome.control.instances import all_users, instance_of, own
from hippodrome.control.processes import warden_of
from hippodrome.control.registry import Found
from hippodrome.control.rpc import OtherVersion, Supervisor
from hippodrome.errors import UserError
from hippodrome.files import modified_at
from hippodrome.plan.conditions import Snapshot
from hippodrome.plan.git import branch_of
from hippodrome.plan.use import Use

PATIENCE_S = 3.0  # for one's own supervisord; the others are listed all the same


@dataclass(frozen=True, kw_only=True)
class Known:
    """One instance. Times are Unix seconds, None for what is not known.

    `health`: how many of its services are ready, or that it does not run; of another user's, only whether it runs.
    `idle_stop_s`: without use, after which it is stopped, 0 for never; `stopped`: how it was, where it was for that.
    `name` is what people call it, `stack` what `--name` calls it. `warden`: pid of the process that keeps it.
    """

    id: str
    name: str
    stack: str
    owner: str
    is_own: bool
    is_running: bool
    project_root: str
    branch: str
    profile: str
    health: str
    since: float | None
    url: str
    port_offset: int
    ports: Mapping[str, int]
    last_used_at: float
    idle_stop_s: float
    stopped: str
    warden: int | None


def known(environ: Mapping[str, str], *, of_all_users: bool) -> tuple[Known, ...]:
    """Of this user, or of all; what is gone or was not used for very long is left out."""
    found = all_users(environ) if of_all_users else own(environ)
    return tuple(_known(each) for each in found if not each.is_stale)


def _known(found: Found) -> Known:
    entry = found.entry
    health, since = _health(found)
    use = Use.read(instance_of(found).layout.use) if found.is_own else None
    return Known(
        id=entry.id,
        name=entry.label,
        stack=entry.name,
        owner=found.owner,
        is_own=found.is_own,
        is_running=found.is_running,
        project_root=entry.project_root,
        branch=_branch(found),
        profile=entry.profile,
        health=health,
        since=since,
        url=f"http://localhost:{entry.main_port}" if entry.main_port else "",
        port_offset=entry.port_offset,
        ports=entry.ports,
        last_used_at=last_used(found),
        idle_stop_s=use.limit_s if use else 0.0,
        stopped=use.sentence if use and not found.is_running else "",
        warden=_warden(found),
    )


def last_used(found: Found) -> float:
    """When a command was at it last or, where it stops without use, a client; of another user's, its registration."""
    if not found.is_own:
        return found.written_at
    layout = instance_of(found).layout
    use = Use.read(layout.use)
    times = (modified_at(layout.lock), modified_at(layout.clients), use.used_at if use else 0.0)
    return max(found.written_at, *times)


def _branch(found: Found) -> str:
    """As it is now, where one may look."""
    return (branch_of(found.entry.project_root) if found.is_own else "") or found.entry.branch


def _warden(found: Found) -> int | None:
    if not found.is_running:
        return None
    warden = warden_of(instance_of(found).layout.warden_pid) if found.is_own else None
    return warden.pid if warden else (found.entry.warden[0] or None)


def _health(found: Found) -> tuple[str, float | None]:
    """In a word or two, and since when it runs."""
    if not found.is_running:
        return "stopped", None
    started_at = min(found.entry.started_at, time.time()) or None
    if not found.is_own:
        return "running", started_at
    try:
        snapshot = Supervisor(instance_of(found).layout, patience_s=PATIENCE_S).status()
    except OtherVersion:
        return "other hd", started_at
    except (UserError, OSError):
        return "silent", started_at
    return _ready(snapshot), snapshot.started_at


def _ready(snapshot: Snapshot) -> str:
    ready = sum(status.is_ready for status in snapshot.statuses)
    return "healthy" if ready == len(snapshot.statuses) else f"{ready} of {len(snapshot.statuses)}"
