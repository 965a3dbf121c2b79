"""supervisord's own objects: the only module that reaches into them."""

import os
import shlex
import signal
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from supervisor.http import deferring_http_channel
from supervisor.states import ProcessStates, SupervisorStates

from hippodrome.plan.conditions import Exit
from hippodrome.plan.layout import STACK_ID
from hippodrome.plan.model import Program
from hippodrome.supervision import descriptors, family, full_disk
from hippodrome.supervision.clock import Clock

ANSWER_BYTES = 1 << 20  # sent in one turn of supervisord's loop, which takes 6 ms with a thousand programs
UNSTOPPED = (ProcessStates.STARTING, ProcessStates.RUNNING)


class Subprocess(Protocol):
    """What is used of supervisor.process.Subprocess."""

    pid: int
    config: Any
    laststart: float
    spawnerr: str | None

    def get_state(self) -> int: ...
    def spawn(self) -> int | None: ...
    def transition(self) -> None: ...
    def stop(self) -> str | None: ...
    def kill(self, number: int) -> str | None: ...
    def give_up(self) -> None: ...


class Ran(Protocol):
    """What supervisord tells of a child's end: like Subprocess.finish."""

    def finish(self, pid: int, status: int) -> None: ...


class Host:
    """One supervisord. A program is a group of one process of the same name."""

    def __init__(self, supervisord: Any, clock: Clock) -> None:
        self.supervisord = supervisord
        self.options = supervisord.options
        self._clock = clock
        self._statuses: dict[int, int] = {}
        self.stack_id = os.environ.get(STACK_ID, "")
        self._marked = family.Marked(self.stack_id)
        self._keep_wait_statuses()
        full_disk.tolerate()
        descriptors.keep_some()
        deferring_http_channel.ac_out_buffer_size = ANSWER_BYTES  # 4096 by default

    @property
    def is_leaving(self) -> bool:
        """Whether supervisord is ending, or reading everything anew."""
        return bool(self.options.mood < SupervisorStates.RUNNING)

    @property
    def is_empty(self) -> bool:
        """Whether nothing keeps supervisord from ending."""
        return not any(group.get_unstopped_processes() for group in self.supervisord.process_groups.values())

    def process(self, name: str) -> Subprocess | None:
        group = self.supervisord.process_groups.get(name)
        found: Subprocess | None = group.processes.get(name) if group else None
        return found

    def pid_of(self, name: str) -> int | None:
        """The process that runs; past us when we did not start it."""
        process = self.process(name)
        return process.pid or None if process else None

    def spawn(self, name: str, stand_in: tuple[str, ...] = ()) -> int | str:
        """The new process's pid, or why there is none. `stand_in`: what to run instead, this once."""
        process = self.process(name)
        if process is None:
            return "supervisord has no such program"
        command = process.config.command
        try:
            process.config.command = shlex.join(stand_in) or command
            pid = process.spawn()
        finally:
            process.config.command = command
        if pid is None:
            error = process.spawnerr or "it was not started"
            self.give_up(name)
            return error
        process.transition()
        return pid

    def give_up(self, name: str) -> str:
        """Keeps supervisord from trying again by itself. Returns why it would have, empty when it would not."""
        process = self.process(name)
        if process is None or process.get_state() != ProcessStates.BACKOFF:
            return ""
        process.give_up()
        return process.spawnerr or "it was not started"

    def terminate(self, name: str) -> None:
        process = self.process(name)
        if process and process.get_state() in UNSTOPPED:
            process.stop()

    def kill(self, name: str) -> None:
        process = self.process(name)
        if process and process.pid:
            process.kill(signal.SIGKILL)

    def swap(self, name: str, *, is_leaving: bool) -> str:
        """Forgets the program and, unless it is leaving, takes it up as configured now. Returns the error."""
        groups = self.supervisord.process_groups
        if name in groups and not self.supervisord.remove_process_group(name):
            return "supervisord still runs it"
        if is_leaving:
            return ""
        for config in self.options.process_group_configs:
            if config.name == name:
                self.supervisord.add_process_group(config)
                return ""
        return "supervisord's configuration lacks it"

    def exit_of(self, process: Subprocess) -> Exit:
        """How the process that supervisord has just reaped ended."""
        now = self._clock.now()
        status = self._statuses.pop(process.pid, 0)
        lived_s = max(0.0, now - process.laststart)
        if os.WIFSIGNALED(status):
            return Exit(None, os.WTERMSIG(status), lived_s, now)
        return Exit(os.waitstatus_to_exitcode(status), None, lived_s, now)

    def left_by(self, process: Subprocess) -> list[int]:
        """What outlives the process. Sessions of their own are left to the warden when everything ends."""
        name = process.config.name
        marked = [] if self.is_leaving else self._marked.of(name)
        return [*dict.fromkeys([*family.in_group(process.pid), *(pid for pid in marked if pid != process.pid)])]

    def run_check(self, program: Program, ran: Ran) -> int:
        """Starts the command of an exec check in the program's folder and environment. Raises OSError."""
        process = self.process(program.name)
        declared = (process.config.environment if process else None) or {}
        environ = {**os.environ, **program.environment, **declared}
        pid = os.posix_spawn(
            "/bin/sh",
            ["/bin/sh", "-c", 'cd -- "$0" && exec "$@"', program.directory, *program.probe.argv],
            environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0),
                (os.POSIX_SPAWN_DUP2, 0, 1),
                (os.POSIX_SPAWN_DUP2, 0, 2),
            ],
            setpgroup=0,
            setsigdef=[signal.SIGPIPE],
        )
        self.options.pidhistory[pid] = ran  # else supervisord reaps it as unknown, and its status is lost
        return pid

    def stop_nothing_by_itself(self) -> None:
        """Told to end, supervisord would stop one program after another, by their names."""
        self.supervisord.stop_groups = []

    def shut_down(self) -> None:
        """Lets supervisord end; programs that run keep it from that until they are stopped."""
        self.options.mood = SupervisorStates.SHUTDOWN

    def _keep_wait_statuses(self) -> None:
        """supervisord forgets by which signal a process ended, and all of an end that came too quickly."""
        wait: Callable[[], tuple[int | None, int | None]] = self.options.waitpid

        def waitpid() -> tuple[int | None, int | None]:
            pid, status = wait()
            if pid and status is not None and pid in self.options.pidhistory:
                self._statuses[pid] = status
            return pid, status

        self.options.waitpid = waitpid

    def forget_status(self, pid: int) -> None:
        self._statuses.pop(pid, None)


def environment() -> Mapping[str, str]:
    """What every program inherits."""
    return os.environ
