"""The last plans that an instance ran: when, who wanted them, what they changed, and how each went."""

import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from hippodrome.control.change import Change, compared
from hippodrome.control.delta import delta, fingerprints
from hippodrome.control.rpc import is_running
from hippodrome.control.verdict import Verdict, Word, at_its_end, judge, moves
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.files import write_atomically
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan

MOST = 20
FORMAT = 1  # of an entry; those of hd before there was a number have its form


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Who wants a plan: a command line, what was chosen on it, and the plan that is gone back to, if one is.

    `files`: those whose change made `hd watch` apply it.
    """

    command: str = ""
    choice: Mapping[str, Any] = field(default_factory=dict)
    back_to: int | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One plan. Times are Unix seconds; `again_at` is when a stack was last started with it unchanged.

    `required`: what must be ready for it to be healthy; `ready`: what of that was, when it was applied. `verdict`,
    `after_s` and `failed` are what was last found out, see `verdict.Verdict`.
    """

    number: int
    at: float
    command: str
    digest: str
    profile: str
    cell: str
    change: Change
    required: tuple[str, ...]
    ready: tuple[str, ...] = ()
    choice: Mapping[str, Any] = field(default_factory=dict)
    back_to: int | None = None
    again_at: float | None = None
    verdict: Word = "pending"
    after_s: float | None = None
    failed: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    format: int = FORMAT

    @classmethod
    def from_json(cls, text: str) -> "Kept":
        """Raises ValueError, TypeError, KeyError for what another version has written."""
        told = json.loads(text)
        names = {name: tuple(told[name]) for name in ("required", "ready", "failed")}
        names["files"] = tuple(told.get("files", ()))  # which earlier versions did not keep
        found = cls(**{**told, **names, "change": Change.from_dict(told["change"])})
        if found.format != FORMAT:
            raise ValueError(f"the entry has format {found.format}")
        return found


def read_all(layout: Layout) -> tuple[Kept, ...]:
    """The oldest first, the one that runs or ran last at the end; without those that `of_another_version` counts."""
    found: list[Kept] = []
    for path in _files(layout):
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            found.append(Kept.from_json(path.read_text(encoding="utf-8")))
    return tuple(sorted(found, key=lambda each: each.number))


def of_another_version(layout: Layout) -> int:
    """How many are kept that cannot be read, as another version has written them."""
    return len(_files(layout)) - len(read_all(layout))


def _files(layout: Layout) -> list[Path]:
    """One for each entry, by its number; what a crash has left half-written has other names."""
    return sorted(path for path in layout.plans.glob("*.json") if path.stem.isdigit())


def _next_number(layout: Layout) -> int:
    """Those that cannot be read count as well, so that none is written over."""
    return max((int(path.stem) for path in _files(layout)), default=0) + 1


def last(layout: Layout) -> Kept | None:
    """The one that runs or ran last."""
    return next(reversed(read_all(layout)), None)


def plan_of(layout: Layout, number: int) -> Plan | None:
    """None when it is not kept, or of another version's format."""
    try:
        return Plan.read(layout.plans / f"{number:06}.plan.json")
    except (OSError, ValueError, TypeError, KeyError):
        return None


def begin(layout: Layout, plan: Plan, found: Change, cause: Cause, *, ready: tuple[str, ...] = ()) -> None:
    """Keeps a plan that is about to be applied, and has the last word on the one before.

    The same plan once more is no other: it keeps its number, and its verdict when that was a good one. A disk that is
    full loses what is kept here, and keeps nobody from changing a stack.
    """
    with contextlib.suppress(OSError):
        layout.plans.mkdir(parents=True, exist_ok=True, mode=0o700)
        former = settle(layout, is_over=True)
        entry = Kept(
            number=_next_number(layout),
            at=time.time(),
            command=cause.command,
            digest=plan.digest,
            profile=plan.profile,
            cell=plan.cell,
            change=found,
            required=tuple(each.name for each in plan.programs if each.is_required),
            ready=ready,
            choice=cause.choice,
            back_to=cause.back_to,
            files=cause.files,
        )
        if former and _is_same(layout, former, plan):
            entry = _once_more(former, entry)
        write_atomically(layout.plans / f"{entry.number:06}.plan.json", plan.to_json())
        _write(layout, entry)
        _prune(layout)


def note_choice(layout: Layout, choice: Mapping[str, Any]) -> None:
    """What was chosen last for the plan that runs, also where that changed nothing."""
    entry = last(layout)
    if entry and dict(entry.choice) != dict(choice):
        with contextlib.suppress(OSError):
            _write(layout, replace(entry, choice=choice))


def _once_more(former: Kept, entry: Kept) -> Kept:
    if former.verdict == "healthy":
        return replace(former, digest=entry.digest, again_at=entry.at, choice=entry.choice)
    return replace(entry, number=former.number, change=former.change)


def settle(layout: Layout, *, is_over: bool = False) -> Kept | None:
    """The last plan, with what is known of it by now; written down as soon as it is healthy, or `is_over`."""
    former = last(layout)
    if former is None:
        return None
    entry = judged(layout, former, is_over=is_over)
    if entry != former and (is_over or entry.verdict == "healthy"):
        with contextlib.suppress(OSError):
            _write(layout, entry)
    return entry


def judged(layout: Layout, entry: Kept, *, is_over: bool = False) -> Kept:
    """With the verdict of now, unless there is one that lasts."""
    if entry.verdict == "healthy":
        return entry
    found = judge(entry.required, entry.ready, moves(layout, entry.at), since=entry.at)
    found = at_its_end(found) if is_over or not is_running(layout) else found
    return _with(entry, found)


def earlier_healthy(kept: tuple[Kept, ...]) -> Kept | None:
    """The last plan before the one that runs that was healthy and is another; before the one gone back to, if so."""
    if not kept:
        return None
    current = kept[-1]
    before = current.back_to or current.number
    same = {each.digest for each in kept if each.number == before} | {current.digest}
    good = [each for each in kept if each.number < before and each.verdict == "healthy" and each.digest not in same]
    return good[-1] if good else None


def last_healthy(kept: tuple[Kept, ...]) -> Kept | None:
    """The last plan that was healthy, that which ran last included: for when nothing runs."""
    return next((each for each in reversed(kept) if each.verdict == "healthy"), None)


def to_go_back_to(layout: Layout, number: int | None, *, is_running: bool = True) -> tuple[Kept, Plan]:
    """The plan `number`, or else the last that was healthy, before the one that runs if one does.

    Raises UserError (FAILED) without one.
    """
    settle(layout)
    kept = read_all(layout)
    if number is None:
        entry = earlier_healthy(kept) if is_running else last_healthy(kept)
        what = f"no {'earlier ' if is_running else ''}plan is kept that was healthy"
    else:
        entry = next((each for each in kept if each.number == number), None)
        is_there = number in {int(path.stem) for path in _files(layout)}
        what = f"plan {number} {'was made by another version of hd' if is_there else 'is not kept'}"
    plan = plan_of(layout, entry.number) if entry else None
    if entry is None or plan is None:
        what = f"plan {entry.number} was made by another version of hd" if entry else what
        problem = Problem("no-earlier-plan", what, "`hd history` shows the plans that are kept.")
        raise UserError(problem, exit_code=ExitCode.FAILED)
    return entry, plan


def _is_same(layout: Layout, former: Kept, plan: Plan) -> bool:
    """Where a line of the configuration has only moved, the digests differ and the plans say the same."""
    if former.digest == plan.digest:
        return True
    before = plan_of(layout, former.number)
    return before is not None and compared(before, plan, delta(plan, fingerprints(before))).is_same_plan


def _with(entry: Kept, found: Verdict) -> Kept:
    return replace(entry, verdict=found.word, after_s=found.after_s, failed=found.failed)


def _write(layout: Layout, entry: Kept) -> None:
    text = json.dumps(asdict(entry), indent=1, ensure_ascii=False)
    write_atomically(layout.plans / f"{entry.number:06}.json", f"{text}\n")


def _prune(layout: Layout) -> None:
    for path in sorted(layout.plans.glob("*.plan.json"))[:-MOST]:
        number = path.name.removesuffix(".plan.json")
        (layout.plans / f"{number}.json").unlink(missing_ok=True)
        path.unlink(missing_ok=True)
