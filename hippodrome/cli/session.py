"""One `hd up` from its first to its last moment: what it starts, what it shows, how it ends."""

import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hippodrome.cli.applying import story_of, tell_end
from hippodrome.cli.changes import cause_of, confirm_change, nothing_to_change
from hippodrome.cli.claiming import claimed
from hippodrome.cli.leftovers import sweep_account_if_possible
from hippodrome.cli.output import duration
from hippodrome.cli.preflight import preflight
from hippodrome.cli.project import Choice, Compiled, Project, compiled
from hippodrome.cli.screen import Screen
from hippodrome.cli.signals import interruptible
from hippodrome.cli.starting import Outcome, follow_start
from hippodrome.cli.unusual import endings
from hippodrome.control import apply, stop
from hippodrome.control.access import link, token_of
from hippodrome.control.change import foresee
from hippodrome.control.clients import stopped_for_want_of_use
from hippodrome.control.daemon import Launch
from hippodrome.control.instances import note_started, note_stopped
from hippodrome.diagnose import timings
from hippodrome.diagnose.why import why
from hippodrome.errors import ExitCode
from hippodrome.listeners import HAS_PROC
from hippodrome.plan.model import FROM_ACCOUNT, Plan
from hippodrome.rundir import read_plan
from hippodrome.wait import Deadline

if TYPE_CHECKING:
    from hippodrome.cli.data_from import Origin
    from hippodrome.cli.notify import Notifier, Way


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How `hd up` was asked to behave."""

    choice: Choice
    is_detached: bool
    is_strict: bool
    is_confirmed: bool
    is_script: bool
    timeout_s: float
    notify: "Way | None" = None
    data_from: str = ""


class Session:
    """What this command starts, it stops when it is interrupted; a stack that ran already goes on.

    `launch`: what `daemon.prelaunch` gave, where nothing runs yet.
    """

    def __init__(self, project: Project, screen: Screen, launch: Launch | None) -> None:
        self._project = project
        self._launch = launch
        self._instance = project.instance
        self._screen = screen
        self._is_ours = launch is not None
        self._watch = timings.Stopwatch()
        self._lost: tuple[str, ...] = ()  # required, and left out as their set-up failed

    def run(self, wishes: Wishes) -> int:
        """The exit status. Raises UserError."""
        began = time.monotonic()
        with interruptible():
            try:
                return self._run(wishes, began)
            except KeyboardInterrupt:
                self._end()
                return ExitCode.INTERRUPTED
            finally:
                with suppress(OSError):
                    self._screen.close()

    def _run(self, wishes: Wishes, began: float) -> int:
        plan = self._bring_up(wishes)
        notifier = self._notifier(wishes)
        outcome = follow_start(self._instance, plan, self._screen, Deadline(wishes.timeout_s))
        if notifier:
            notifier.look()  # this command may end before the thread has seen it
        self._keep_timings(plan, is_well=not (self._lost or outcome.failed))
        if self._lost:
            self._screen.notice(f"Not all is healthy: {', '.join(self._lost)} could not be set up, see above.")
        elif not outcome.failed:
            open_url = link(plan, token_of(self._instance.layout))
            self._screen.ready(plan, time.monotonic() - began, open_url)
            self._tell_events(plan)
        tell_end(self._instance.layout, outcome, self._screen)
        if outcome.is_out_of_time:
            self._tell_late(plan, outcome, wishes.timeout_s)
        exit_code = outcome.exit_code or (ExitCode.SETUP_FAILED if self._lost else ExitCode.OK)
        if not wishes.is_detached:
            if exit_code and not sys.stdout.isatty():
                self._end()
            else:
                self._follow_logs(plan, outcome)
        return exit_code

    def _notifier(self, wishes: Wishes) -> "Notifier | None":
        if wishes.notify is None:
            return None
        from hippodrome.cli.notify import Notifier  # threads and processes, for who asked for it

        notifier = Notifier(self._instance.layout, wishes.notify)
        notifier.watch()
        return notifier

    def _bring_up(self, wishes: Wishes) -> Plan:
        try:
            return self._compile_and_apply(wishes)
        finally:
            if self._launch:
                self._launch.cancel()

    def _compile_and_apply(self, wishes: Wishes) -> Plan:
        if self._launch and (left := stopped_for_want_of_use(self._instance.layout)):
            self._screen.notice(f"This stack was {left.sentence}; it comes back with its data.")
        origin = self._origin(wishes)
        found = compiled(self._project, wishes.choice)
        self._watch.compiled()
        if found.config.settings.cells.get(found.config.cell):
            from hippodrome.cli.confirm import (
                confirm_real_data,
            )  # loads the configuration model; most cells do not ask

            confirm_real_data(found.config, is_confirmed=wishes.is_confirmed)
        gone = (
            f"{each.name} is {each.reason}." for each in found.plan.left_out if each.name in wishes.choice.without
        )
        sweep_account_if_possible(self._instance, self._screen.notice)
        used = tuple(preflight(found.plan))
        ends = endings(None if self._launch else read_plan(self._instance.layout), found.plan)
        if found.plan.idle_stop_s and not HAS_PROC:
            self._screen.notice("--idle-stop does nothing here: without /proc nobody knows who uses a stack.")
        for notice in filter(None, (*found.config.warnings, *found.plan.notices, *gone, *ends, *used)):
            self._screen.notice(notice)
        told = self._tell_change(found, wishes)
        found = self._claimed(found, wishes)
        if origin:
            self._copy_data(found, origin)
        request = apply.Request(
            plan=found.plan,
            frozen=found.frozen,
            is_strict=wishes.is_strict,
            resumes=True,
            cause=cause_of(self._project, wishes.choice),
        )
        applied = apply.bring_up(self._instance, request, self._launch, story_of(self._screen, self._watch.hear))
        note_started(self._instance)
        if told is not None and (more := [name for name in applied.delta.change if name not in told]):
            self._screen.notice(f"Restarted too, as a secret has changed: {', '.join(more)}.")
        self._is_ours = applied.has_started and not wishes.is_detached
        self._lost = applied.lost
        for failure in applied.setup_failures:
            self._screen.notice("\n".join([f"  {line}" for line in failure.lines] + [f"  hint: {failure.mend}"]))
        return applied.plan

    def _origin(self, wishes: Wishes) -> "Origin | None":
        if not wishes.data_from:
            return None
        from hippodrome.cli.data_from import origin_of  # snapshots and copying, for who asks for them

        return origin_of(self._instance, wishes.data_from)

    def _copy_data(self, found: Compiled, origin: "Origin") -> None:
        from hippodrome.cli.data_from import copy_data

        copy_data(self._instance, found, origin, self._screen.notice)

    def _claimed(self, found: Compiled, wishes: Wishes) -> Compiled:
        """With its ports registered, now that nothing else keeps it from starting."""
        ours = claimed(self._project, wishes.choice, found)
        if ours is not found:  # another instance was quicker
            for notice in ours.plan.notices:
                self._screen.notice(notice)
        return ours

    def _tell_change(self, found: Compiled, wishes: Wishes) -> tuple[str, ...] | None:
        """Shows what becomes of what runs, and asks where somebody may be surprised. Gives what is restarted."""
        if self._launch or (change := foresee(self._instance.layout, found.plan)) is None:
            return None
        if change.is_empty:
            self._screen.notice(nothing_to_change(change))
        else:
            self._screen.change(change)
            confirm_change(change, is_confirmed=wishes.is_confirmed or wishes.is_detached or wishes.is_script)
        return change.delta.change

    def _keep_timings(self, plan: Plan, *, is_well: bool) -> None:
        is_first, layout = self._launch is not None, self._instance.layout
        if run := timings.measured(self._watch, plan, layout, is_well=is_well, is_first=is_first):
            timings.keep(layout, run)

    def _tell_events(self, plan: Plan) -> None:
        if plan.events in FROM_ACCOUNT:
            from hippodrome.events.account.status import read_state, sentence  # a listener, for few stacks

            if state := read_state(self._instance.layout):
                self._screen.notice(sentence(state))

    def _tell_late(self, plan: Plan, outcome: Outcome, timeout_s: float) -> None:
        self._screen.notice(f"Not ready after {duration(timeout_s)} (--timeout):")
        for name in outcome.failed:
            found = why(plan, outcome.snapshot, name)
            self._screen.notice(f"  {name}: {found.sentence}. {found.mend or f'`hd logs {found.root}` tells more.'}")

    def _follow_logs(self, plan: Plan, outcome: Outcome) -> None:
        from hippodrome.cli.following import follow_until_down  # threads and logs, after the race to healthy

        does = (
            "Ctrl+C stops the stack" if self._is_ours else "Ctrl+C detaches; the stack goes on (`hd down` stops it)"
        )
        self._screen.notice(f"Following the logs. {does}.")
        self._screen.close()
        follow_until_down(self._instance.layout, plan, outcome.snapshot)

    def _end(self) -> None:
        """Stops what this command started; a second signal skips the wait, from the first moment on."""
        try:
            with suppress(OSError):  # the terminal may be what has gone
                self._screen.close()
                self._screen.notice("Stopping …" if self._is_ours else "Detached; the stack goes on.")
            stopped = stop.stop(self._instance) if self._is_ours else None
        except KeyboardInterrupt:
            stopped = stop.kill(self._instance) if self._is_ours else None
        if stopped:
            note_stopped(self._instance)
        with suppress(OSError):
            if stopped:
                said = "Stopped; nothing is left running." if stopped.was_running else "Nothing was running."
                self._screen.notice(said)
                sweep_account_if_possible(self._instance, self._screen.notice)
