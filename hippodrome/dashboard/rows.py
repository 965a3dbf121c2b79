"""What is shown of each service, and of the stack."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from hippodrome.dashboard.feed import Known
from hippodrome.dashboard.usage import Use
from hippodrome.diagnose.why import why
from hippodrome.plan.conditions import Snapshot, Status
from hippodrome.plan.git import branch_of
from hippodrome.plan.model import Program

Tone = Literal["good", "busy", "bad", "off"]
TONES: dict[str, Tone] = {
    "healthy": "good",
    "running": "good",
    "waiting": "busy",
    "starting": "busy",
    "stopping": "busy",
    "stopped": "off",
    "unknown": "off",
    "unhealthy": "bad",
    "backoff": "bad",
    "blocked": "bad",
    "failed": "bad",
}


@dataclass(frozen=True)
class Row:
    """One service as the pages and the API show it. Times are Unix seconds."""

    name: str
    description: str
    state: str
    tone: Tone
    is_failure: bool  # is at fault itself; one that is blocked by another is not
    sentence: str
    mend: str
    root: str
    since: float | None
    restarts: int
    restart_reason: str
    retry_at: float | None
    pid: int | None
    port: int | None
    ports: Mapping[str, int]
    url: str
    links: tuple[Mapping[str, str], ...]
    source: str
    source_kind: str
    needs: tuple[str, ...]  # programs without which it stops


def rows(known: Known) -> tuple[Row, ...]:
    """One for each program of the plan, in its order."""
    if known.plan is None:
        return ()
    statuses = {status.name: status for status in known.snapshot.statuses} if known.snapshot else {}
    return tuple(_row(known, program, statuses.get(program.name)) for program in known.plan.programs)


def _row(known: Known, program: Program, status: Status | None) -> Row:
    sentence, mend, root = _words(known, program, status)
    tone = _tone(status)
    return Row(
        name=program.name,
        description=program.description,
        state=status.state if status else "unknown",
        tone=tone,
        is_failure=tone == "bad" and status is not None and status.state != "blocked",
        sentence=sentence,
        mend=mend,
        root=root,
        since=status.since if status else None,
        restarts=status.restarts if status else 0,
        restart_reason=status.restart_reason if status else "",
        retry_at=status.retry_at if status else None,
        pid=status.pid if status else None,
        port=program.port,
        ports=program.ports,
        url=program.url,
        links=tuple({"name": link.name, "url": link.url} for link in program.links),
        source=program.origin.shown,
        source_kind=program.origin.kind,
        needs=tuple(each.program for each in program.depends_on if each.is_required),
    )


def _words(known: Known, program: Program, status: Status | None) -> tuple[str, str, str]:
    if known.plan is None or known.snapshot is None or status is None:
        return "not known while supervisord is gone", "", program.name
    found = why(known.plan, _concerned(known.snapshot, status), program.name)
    return found.sentence, found.mend, found.root


def _concerned(snapshot: Snapshot, status: Status) -> Snapshot:
    """What `why` has to look at: all of a thousand services only where others hold this one back."""
    return snapshot if status.state in {"waiting", "blocked"} else replace(snapshot, statuses=(status,))


def _tone(status: Status | None) -> Tone:
    if status is None:
        return "off"
    if status.state == "exited":
        return "good" if status.has_completed else "bad"
    return TONES[status.state]


def stack(known: Known) -> dict[str, Any]:
    """The stack as a whole, as JSON."""
    plan, snapshot = known.plan, known.snapshot
    return {
        "project_root": plan.project_root if plan else "",
        "name": plan.name if plan else "",
        "branch": branch_of(plan.project_root) if plan else "",
        "port_offset": plan.port_offset if plan else 0,
        "ports": {program.name: program.port for program in plan.programs if program.port} if plan else {},
        "profile": plan.profile if plan else "",
        "cell": plan.cell if plan else "",
        "aws": plan.aws if plan else "",
        "table_prefix": plan.table_prefix if plan else "",
        "notices": list(plan.notices) if plan else [],
        "left_out": [asdict(left) for left in plan.left_out] if plan else [],
        "pid": snapshot.pid if snapshot else None,
        "started_at": snapshot.started_at if snapshot else None,
        "is_stopping": bool(snapshot and snapshot.is_stopping),
        "problem": known.problem,
        "heard_at": known.heard_at,
    }


def health(known: Known, found: Sequence[Row]) -> dict[str, Any]:
    """What anybody may know, as JSON: whether all is well, and with which data; no path, no address, no reason."""
    return {
        "sees": "health",
        "stack": {name: stack(known)[name] for name in ("profile", "cell", "is_stopping")},
        "failures": sum(row.is_failure for row in found),
        "services": [{"name": row.name, "state": row.state, "is_failure": row.is_failure} for row in found],
    }


def usage(uses: Mapping[str, Use]) -> dict[str, dict[str, float | int | None]]:
    """By service, as JSON: `cpu` in cores, `memory_bytes`."""
    return {
        name: {"cpu": None if use.cpu is None else round(use.cpu, 4), "memory_bytes": use.memory_bytes}
        for name, use in uses.items()
    }
