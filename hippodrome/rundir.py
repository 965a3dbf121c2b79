"""The run directory of an instance: where it is, who may change it, what was settled, and its generations."""

import contextlib
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.files import File, write_all, write_atomically
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Frozen, Plan
from hippodrome.wait import Deadline, until

NAME_MAX = 40  # characters of the folder's name that show which project it is


@dataclass(frozen=True)
class Instance:
    """One running plan, or the place for one: the project's path and the user make its `id`."""

    id: str
    project_root: Path
    layout: Layout


@dataclass(frozen=True)
class Record:
    """What was settled when the instance's supervisord was first started. `stack_id` marks its processes."""

    stack_id: str
    frozen: Frozen
    version: str


def locate(project_root: Path, environ: Mapping[str, str]) -> Instance:
    """The instance of a project root; nothing is touched."""
    uid = os.getuid()
    digest = hashlib.sha256(f"{uid}:{project_root}".encode("utf-8", "surrogateescape")).hexdigest()[:10]
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", project_root.name).strip("-")[:NAME_MAX] or "root"
    state = Path(environ.get("XDG_STATE_HOME") or Path(environ.get("HOME") or Path.home()) / ".local" / "state")
    sockets = Path(environ.get("XDG_RUNTIME_DIR") or f"/tmp/hd-{uid}")
    identity = f"{name}-{digest}"
    return Instance(identity, project_root, Layout(state / "hippodrome" / identity, sockets / "hippodrome"))


def prepare(instance: Instance) -> None:
    """Makes the folders, for this user alone. Raises UserError when somebody else's folder is in their place."""
    layout = instance.layout
    for folder in (layout.run_dir, layout.logs, layout.data, layout.socket.parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in (layout.run_dir, layout.socket.parent):
        if folder.stat().st_uid != os.getuid():
            problem = Problem(
                "foreign-folder", f"{folder} belongs to another user", "Remove it, or set XDG_STATE_HOME."
            )
            raise UserError(problem, exit_code=ExitCode.CONFLICT)
        folder.chmod(0o700)


def write_record(layout: Layout, record: Record) -> None:
    """Raises OSError."""
    write_atomically(layout.instance, json.dumps(asdict(record), indent=1) + "\n")


def read_record(layout: Layout) -> Record | None:
    """None when there is none, or one of another form."""
    try:
        told = json.loads(layout.instance.read_text(encoding="utf-8"))
        return Record(**{**told, "frozen": Frozen(**told["frozen"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def read_plan(layout: Layout) -> Plan | None:
    """None when there is none, or one of another version's format."""
    try:
        return Plan.read(layout.plan)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_generation(layout: Layout, files: list[File]) -> None:
    """Puts rendered files into the run directory, each in one step. Raises OSError."""
    write_all(files, layout.run_dir)


@contextlib.contextmanager
def locked(instance: Instance, deadline: Deadline) -> Iterator[None]:
    """Held while the instance is changed. Raises UserError (CONFLICT) naming the holder when time is over."""
    with instance.layout.lock.open("a+", encoding="ascii") as file:
        if not until(lambda: _take(file.fileno()), deadline, pause_s=0.05):
            file.seek(0)
            problem = Problem(
                "instance-busy",
                f"another hd (pid {file.read().strip() or 'unknown'}) is changing this stack",
                "Wait for it to end; `hd ps` shows what it does.",
            )
            raise UserError(problem, exit_code=ExitCode.CONFLICT)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
