"""Applying a plan to the running stack and following it: what `hd rollback` and `hd watch` do alike."""

import time
from collections.abc import Callable

from hippodrome.bootstrap.steps import Progress
from hippodrome.cli.output import duration
from hippodrome.cli.screen import Screen
from hippodrome.cli.starting import Outcome, follow_start
from hippodrome.control import apply, kept
from hippodrome.plan.layout import Layout
from hippodrome.rundir import Instance
from hippodrome.wait import Deadline


def story_of(screen: Screen, hear: Callable[[Progress], None] = lambda _: None) -> apply.Story:
    """Told on this screen; `hear` is told of the set-up too."""

    def tell(progress: Progress) -> None:
        hear(progress)
        if progress.state == "started":
            screen.notice(f"Setting up {progress.job.label} …")
        elif progress.state == "done":
            screen.notice(f"Set up {progress.job.label} in {duration(progress.seconds)}.")

    return apply.Story(notice=screen.notice, progress=tell)


def apply_and_follow(
    instance: Instance,
    request: apply.Request,
    screen: Screen,
    *,
    timeout_s: float,
    is_off: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Returns when all is ready or will not be, time is over, or `is_off` says that it matters no more."""
    began = time.monotonic()
    applied = apply.bring_up(instance, request, story=story_of(screen))
    for failure in applied.setup_failures:
        screen.notice("\n".join([f"  {line}" for line in failure.lines] + [f"  hint: {failure.mend}"]))
    outcome = follow_start(instance, applied.plan, screen, Deadline(timeout_s), is_off)
    tell_end(instance.layout, outcome, screen)
    if not outcome.failed:
        screen.ready(applied.plan, time.monotonic() - began)
    return outcome


def tell_end(layout: Layout, outcome: Outcome, screen: Screen) -> None:
    """Has the verdict written down; where something failed, names the plan that can be gone back to."""
    kept.settle(layout)
    if outcome.failed and (entry := kept.earlier_healthy(kept.read_all(layout))):
        screen.notice(f"`hd rollback` goes back to plan {entry.number}, which was healthy.")
