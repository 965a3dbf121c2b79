"""All that is known of a failure: the sentence, how it ended, its last lines, the likely cause, what to try."""

from dataclasses import dataclass

from hippodrome.diagnose.causes import likely_cause
from hippodrome.diagnose.why import exit_words, why
from hippodrome.logs.levels import plain
from hippodrome.logs.read import tail
from hippodrome.plan.conditions import Snapshot, Status
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan

LAST_LINES = 12


@dataclass(frozen=True)
class Report:
    """`lines` are the newest of its present life; `likely` is empty when they tell nothing."""

    program: str
    state: str
    sentence: str
    ended: str
    lines: tuple[str, ...]
    likely: str
    mend: str


def failure(plan: Plan, snapshot: Snapshot, name: str, layout: Layout) -> Report:
    """About the program `name`, and the log of the one at its root."""
    found = why(plan, snapshot, name)
    status = snapshot.status(name)
    lines = _lines(snapshot.status(found.root), layout)
    return Report(
        program=name,
        state=status.state,
        sentence=found.sentence,
        ended=exit_words(status.last_exit),
        lines=lines,
        likely=likely_cause(found.root, lines),
        mend=found.mend,
    )


def _lines(status: Status, layout: Layout) -> tuple[str, ...]:
    """One that was not started has written nothing: what its log holds is of an earlier stack."""
    if status.started_at is None:
        return ()
    newest = tail(layout, [status.name], LAST_LINES, since=status.started_at)
    return tuple(plain(line.text) for line in newest)
