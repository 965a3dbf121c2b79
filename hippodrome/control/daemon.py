"""Starting the warden and supervisord; supervisord loads its code while the plan is still being compiled."""

import os
import resource
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from hippodrome.control import orphans
from hippodrome.control.processes import read_pid
from hippodrome.control.rpc import is_running
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.layout import Layout
from hippodrome.resources import PACKAGE_ROOT
from hippodrome.rundir import Instance
from hippodrome.wait import Deadline, until

START_S = 20.0
LOG_LINES = 5


@dataclass(frozen=True)
class Launch:
    """A supervisord that has been started and waits for the word. Exactly one of `go` and `cancel` is called."""

    instance: Instance
    stack_id: str
    word: int  # write end of the pipe that it reads

    def go(self) -> None:
        """Lets it read its configuration. Returns when it answers. Raises UserError with its reason if it refuses."""
        layout = self.instance.layout
        _remove_stale(layout)
        os.write(self.word, b"go\n")
        os.close(self.word)
        wait_until_running(layout)

    def cancel(self) -> None:
        """It ends without having done anything."""
        os.close(self.word)


def prelaunch(instance: Instance) -> Launch:
    """Starts both, in a session of their own. The run directory must be there."""
    package = PACKAGE_ROOT / "hippodrome"
    stack_id = secrets.token_hex(8)
    supervisord = [sys.executable, "-I", str(package / "supervision" / "start.py"), str(instance.layout.run_dir)]
    warden = [sys.executable, "-I", "-S", str(package / "control" / "warden.py"), str(instance.layout.run_dir)]
    read_end, write_end = os.pipe()
    with (instance.layout.run_dir / "warden.log").open("ab") as log:
        subprocess.run(
            [*warden, *supervisord],
            stdin=read_end,
            stdout=log,
            stderr=log,
            env={"PATH": os.environ.get("PATH", os.defpath), orphans.MARKER: stack_id},
            start_new_session=True,
            preexec_fn=_raise_open_files,
            check=True,
        )
    os.close(read_end)
    return Launch(instance, stack_id, write_end)


def wait_until_running(layout: Layout) -> None:
    """Raises UserError with supervisord's own words when it ends, or answers nothing for long."""
    deadline = Deadline(START_S)
    until(lambda: is_running(layout) or _has_ended(layout), deadline, pause_s=0.003)
    if not is_running(layout):
        said = "\n".join(_last_lines(layout.run_dir / "warden.log") or _last_lines(layout.supervisord_log))
        problem = Problem(
            "supervisord-refused", f"supervisord did not start:\n{said}", "`hd compile` shows its file."
        )
        raise UserError(problem, exit_code=ExitCode.FAILED)


def _has_ended(layout: Layout) -> bool:
    return read_pid(layout.warden_pid) is None


def _remove_stale(layout: Layout) -> None:
    """A socket that nobody answers on keeps supervisord from making its own."""
    if not is_running(layout):
        layout.socket.unlink(missing_ok=True)
        layout.supervisord_pid.unlink(missing_ok=True)


def _last_lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    except OSError:
        return []


def _raise_open_files() -> None:
    """Each program takes three descriptors of supervisord's, which keeps to the limit it is born with."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
