"""The run directory of an instance: where it is, who may change it, what was settled, and its generations."""

import contextlib
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TextIO

from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.files import File, own_folder, trusted_folder, try_lock, write_all, write_atomically
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Frozen, Plan
from hippodrome.wait import Deadline, until

RECORD_FORMAT = 1  # of instance.json; whatever it is, every version finds the stack's mark in it
NAME_MAX = 40  # characters of the folder's name that show which project it is
NAMED_BY = "HIPPODROME_NAME"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,15}")  # table prefixes have little room


@dataclass(frozen=True)
class Instance:
    """One running plan, or the place for one: the project's path, the user and a name make its `id`.

    `name`: of a second stack of the same project root; the first has none.
    """

    id: str
    project_root: Path
    layout: Layout
    name: str = ""

    @property
    def label(self) -> str:
        return label_of(str(self.project_root), self.name)


@dataclass(frozen=True)
class Record:
    """What was settled when the instance's supervisord was started. `stack_id` marks its processes.

    `python` and `version` (of Hippodrome) are what it runs on; `made_at` is in Unix seconds. `is_ended`: somebody
    ended it; a stack that stopped for want of use, or with the machine, nobody has.
    """

    stack_id: str
    frozen: Frozen
    version: str = ""
    python: str = ""
    made_at: float = 0.0
    is_ended: bool = False
    format: int = RECORD_FORMAT


def label_of(project_root: str, name: str) -> str:
    """As people call an instance: its folder, and its name where it has one."""
    folder = project_root.rstrip("/").rpartition("/")[2] or project_root
    return f"{folder}/{name}" if name else folder


def locate(project_root: Path, environ: Mapping[str, str]) -> Instance:
    """The instance of a project root, and of the name in HIPPODROME_NAME; nothing is touched.

    Raises UserError for what cannot be a name.
    """
    if (named := environ.get(NAMED_BY, "")) and not NAME.fullmatch(named):
        hint = "Use letters, digits, `-` and `_`, no more than 16, a letter or digit first."
        problem = Problem("bad-instance-name", f"`{named}` cannot name a stack", hint)
        raise UserError(problem, exit_code=ExitCode.USAGE)
    digest = _hash(f"{os.getuid()}:{project_root}" + (f"\0{named}" if named else ""))
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", project_root.name).strip("-")[:NAME_MAX] or "root"
    identity = "-".join(filter(None, (name, named, digest)))
    return Instance(identity, project_root, layout_of(state_of(environ) / identity), named)


def state_of(environ: Mapping[str, str]) -> Path:
    """The folder that this user's run directories are in."""
    state = Path(environ.get("XDG_STATE_HOME") or Path(environ.get("HOME") or Path.home()) / ".local" / "state")
    return state / "hippodrome"


def layout_of(run_dir: Path) -> Layout:
    """The files of a run directory, wherever it is."""
    # not XDG_RUNTIME_DIR: services and cron jobs have none, and it goes when the user logs out
    return Layout(run_dir, Path(f"/tmp/hd-{os.getuid()}"))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:10]


def prepare(instance: Instance) -> None:
    """Makes the folders, for this user alone. Raises UserError when somebody else's folder is in their place."""
    layout = instance.layout
    layout.run_dir.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    trusted_folder(layout.run_dir.parent)
    for folder in (layout.run_dir, layout.socket.parent):
        own_folder(folder)
    for folder in (layout.logs, layout.data):
        folder.mkdir(exist_ok=True, mode=0o700)


def new_record(stack_id: str, frozen: Frozen) -> Record:
    """For a supervisord that is about to be started."""
    from hippodrome.version import version  # for the one command in many that starts a stack

    return Record(stack_id, frozen, version(), sys.executable, time.time())


def write_record(layout: Layout, record: Record) -> None:
    """Raises OSError."""
    write_atomically(layout.instance, json.dumps(asdict(record), indent=1) + "\n")


def read_record(layout: Layout) -> Record | None:
    """None when there is none. What another version has more or less does not matter."""
    try:
        told = json.loads(layout.instance.read_text(encoding="utf-8"))
        known = {field.name: told[field.name] for field in fields(Record) if field.name in told}
        return Record(**{**known, "frozen": Frozen(**told["frozen"])})
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


def remove_all_but(layout: Layout, files: Iterable[File]) -> None:
    """Removes launchers of earlier generations: their names tell their content, which may hold secrets."""
    kept = {layout.run_dir / file.path for file in files}
    for path in (layout.run_dir / "launch").glob("*"):
        if path not in kept:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(instance: Instance, deadline: Deadline, say: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """Held while the instance is changed; `say` hears whom it waits for.

    Raises UserError (CONFLICT) naming the holder when time is over.
    """
    with instance.layout.lock.open("a+", encoding="ascii") as file:
        if not try_lock(file.fileno()):
            say(f"Waiting for {_holder(file)}, which is changing this stack.")
            if not until(lambda: try_lock(file.fileno()), deadline, pause_s=0.05):
                what = f"{_holder(file)} is changing this stack"
                problem = Problem("instance-busy", what, "Wait for it to end, or end it.")
                raise UserError(problem, exit_code=ExitCode.CONFLICT)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def _holder(file: TextIO) -> str:
    file.seek(0)
    return f"another hd (pid {file.read().strip() or 'unknown'})"
