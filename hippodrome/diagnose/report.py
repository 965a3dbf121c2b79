"""All that is known of a failure: the sentence, how it ended, its last lines, the likely cause, what to try."""

from dataclasses import dataclass

from hippodrome.diagnose.causes import likely_cause
from hippodrome.diagnose.why import exit_words, why
from hippodrome.logs.levels import plain
from hippodrome.logs.read import tail
from hippodrome.plan.conditions import Snapshot
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan

LAST_LINES = 12


@dataclass(frozen=True)
class Report:
    """`lines` are the newest of its log; `likely` is empty when they tell nothing."""

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
    lines = tuple(plain(line.text) for line in tail(layout, [found.root], LAST_LINES))
    return Report(
        program=name,
        state=status.state,
        sentence=found.sentence,
        ended=exit_words(status.last_exit),
        lines=lines,
        likely=likely_cause(found.root, lines),
        mend=found.mend,
    )
