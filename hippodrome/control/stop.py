"""Stopping an instance: afterwards no process, socket or port of it is left."""

import signal
from dataclasses import dataclass

from hippodrome.control import orphans
from hippodrome.control.processes import Process, read_pid
from hippodrome.control.rpc import Supervisor, is_running
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.layout import Layout
from hippodrome.rundir import Instance, read_plan, read_record
from hippodrome.wait import Deadline, until

MARGIN_S = 10.0  # for the warden's own grace and a slow machine


@dataclass(frozen=True)
class Stopped:
    """What there was to stop. `swept` are pids that an earlier stack had left behind."""

    was_running: bool
    swept: tuple[int, ...]


def stop(instance: Instance) -> Stopped:
    """Asks every service to end, kills those that do not within their grace. Raises UserError when some cannot be."""
    layout = instance.layout
    warden = read_pid(layout.warden_pid)
    was_running = is_running(layout)
    if was_running:
        _ask_to_end(layout, warden)
    return _finish(instance, warden, was_running=was_running, patience_s=_longest_grace_s(layout) + MARGIN_S)


def kill(instance: Instance) -> Stopped:
    """Ends everything at once, without asking."""
    layout = instance.layout
    warden = read_pid(layout.warden_pid)
    was_running = is_running(layout)
    if warden:
        warden.send(signal.SIGUSR1)
    return _finish(instance, warden, was_running=was_running, patience_s=MARGIN_S)


def _ask_to_end(layout: Layout, warden: Process | None) -> None:
    try:
        Supervisor(layout).shutdown()
    except UserError:  # it does not answer, or is of another version: SIGTERM means the same to it
        supervisord = warden or read_pid(layout.supervisord_pid)
        if supervisord:
            supervisord.send(signal.SIGTERM)


def _finish(instance: Instance, warden: Process | None, *, was_running: bool, patience_s: float) -> Stopped:
    layout = instance.layout
    if warden and not until(lambda: not warden.is_alive, Deadline(patience_s), pause_s=0.005):
        warden.send(signal.SIGUSR1)
        if not until(lambda: not warden.is_alive, Deadline(MARGIN_S)):
            problem = Problem("cannot-stop", f"pid {warden.pid} cannot be ended", f"`kill -9 {warden.pid}`.")
            raise UserError(problem, exit_code=ExitCode.FAILED)
    record = read_record(layout)
    swept = orphans.sweep(record.stack_id) if record else ()
    for path in (layout.socket, layout.supervisord_pid, layout.warden_pid):
        path.unlink(missing_ok=True)
    return Stopped(was_running, swept)


def _longest_grace_s(layout: Layout) -> float:
    plan = read_plan(layout)
    return max((program.stop_grace_s for program in plan.programs), default=5.0) if plan else 60.0
