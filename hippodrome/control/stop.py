"""Stopping an instance: afterwards no process, socket or port of it is left."""

import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from hippodrome.control import lost, orphans
from hippodrome.control.processes import Process, warden_of
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.layout import Layout
from hippodrome.rundir import Instance, locked, read_plan, read_record, write_record
from hippodrome.wait import Deadline, until

MARGIN_S = 15.0  # for the warden's own grace and a slow machine
LOCK_S = 60.0


@dataclass(frozen=True)
class Stopped:
    """What there was to stop. `swept`: pids of processes that nobody kept any more."""

    was_running: bool
    swept: tuple[int, ...]


def stop(instance: Instance, say: Callable[[str], None] = lambda _: None) -> Stopped:
    """Asks every service to end, kills those that do not within their grace.

    `say` hears of another command that is changing the stack and is waited for. Raises UserError when that takes
    long, or something cannot be ended.
    """
    if not instance.layout.run_dir.is_dir():
        return Stopped(was_running=bool(lost.end(instance.layout)), swept=())
    with locked(instance, Deadline(LOCK_S), say):
        stopped = end(instance)
        _note_end(instance.layout)
        return stopped


def end(instance: Instance) -> Stopped:
    """As `stop`, for whoever holds the instance's lock."""
    layout = instance.layout
    warden = warden_of(layout.warden_pid)
    if warden:
        warden.send(signal.SIGTERM)  # which is understood by every version, and even while supervisord is restarted
        patience = Deadline(_longest_grace_s(layout) + MARGIN_S)
        if not until(lambda: not warden.is_alive, patience, pause_s=0.003):
            _kill(warden)
    was_running = warden is not None or bool(lost.end(layout))
    return _clean_up(instance, was_running=was_running, is_now=False)


def kill(instance: Instance) -> Stopped:
    """Ends everything at once, without asking, and without waiting for another command."""
    warden = warden_of(instance.layout.warden_pid)
    if warden:
        _kill(warden)
    was_running = warden is not None or bool(lost.end(instance.layout))
    stopped = _clean_up(instance, was_running=was_running, is_now=True)
    _note_end(instance.layout)
    return stopped


def _kill(warden: Process) -> None:
    warden.send(signal.SIGUSR1)
    if not until(lambda: not warden.is_alive, Deadline(MARGIN_S), pause_s=0.003):
        problem = Problem("cannot-stop", f"pid {warden.pid} cannot be ended", f"`kill -9 {warden.pid}`.")
        raise UserError(problem, exit_code=ExitCode.FAILED)


def _clean_up(instance: Instance, *, was_running: bool, is_now: bool) -> Stopped:
    layout = instance.layout
    record = read_record(layout)
    swept = orphans.sweep(record.stack_id, is_now=is_now) if record else ()
    for path in (layout.socket, layout.supervisord_pid, layout.warden_pid, layout.use):
        path.unlink(missing_ok=True)
    return Stopped(was_running, swept)


def _note_end(layout: Layout) -> None:
    """So that the next start does not take what came to an end for what is to come back."""
    record = read_record(layout)
    if record and not record.is_ended:
        with suppress(OSError):  # a full disk keeps nobody from stopping
            write_record(layout, replace(record, is_ended=True))


def _longest_grace_s(layout: Layout) -> float:
    plan = read_plan(layout)
    return max((program.stop_grace_s for program in plan.programs), default=0.0) if plan else 60.0
