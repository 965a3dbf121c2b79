"""The one place where the doctor looks at the machine."""

import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hippodrome.control import orphans
from hippodrome.control.rpc import is_running
from hippodrome.listeners import Holder, holder_of
from hippodrome.rundir import Instance, read_record

Version = tuple[int, ...]


@dataclass(frozen=True)
class Facts:
    """What the checks judge. Sizes are bytes; a version is None for what is not installed."""

    python: Version
    node: Version | None
    npm: Version | None
    git: Version | None
    disk_free: int
    memory_free: int | None
    inotify_watches: int | None
    open_files: int
    is_running: bool
    leftovers: tuple[int, ...] = ()  # pids of processes that outlived a stack of this instance
    has_stale_socket: bool = False
    holders: Mapping[str, tuple[int, Holder]] = field(default_factory=dict)  # service → port, who holds it


def gather(instance: Instance, ports: Iterable[tuple[str, int]]) -> Facts:
    """`ports`: service and port of what would run; they are looked at only when the stack does not run."""
    running = is_running(instance.layout)
    record = read_record(instance.layout)
    return Facts(
        python=sys.version_info[:3],
        node=_version("node", "--version"),
        npm=_version("npm", "--version"),
        git=_version("git", "--version"),
        disk_free=shutil.disk_usage(_existing(instance.layout.run_dir)).free,
        memory_free=_memory_free(),
        inotify_watches=_number(Path("/proc/sys/fs/inotify/max_user_watches")),
        open_files=_open_files(),
        is_running=running,
        leftovers=() if running or record is None else tuple(orphans.find(record.stack_id)),
        has_stale_socket=instance.layout.socket.exists() and not running,
        holders={} if running else _holders(ports),
    )


def _holders(ports: Iterable[tuple[str, int]]) -> dict[str, tuple[int, Holder]]:
    return {name: (port, holder) for name, port in ports if (holder := holder_of(port))}


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _version(command: str, flag: str) -> Version | None:
    if not shutil.which(command):
        return None
    try:
        told = subprocess.run([command, flag], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    words = (word.lstrip("v") for word in told.split())
    number = next((word for word in words if word[:1].isdigit()), "")
    return tuple(int(part) for part in number.split(".") if part.isdigit()) or None


def _memory_free() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _open_files() -> int:
    import resource  # not on every system that hd can be read on

    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]
