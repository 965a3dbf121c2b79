"""Who listens on a TCP port of this machine. Standard library only."""

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TABLES = ("net/tcp", "net/tcp6")
LISTEN = "0A"  # include/net/tcp_states.h


@dataclass(frozen=True)
class Holder:
    """A process that listens; `pid` is None, and the rest empty, where it may not be looked at."""

    pid: int | None
    command: str = ""
    user: str = ""


def holder_of(port: int) -> Holder | None:
    """Who listens on `port`, on any address; None when nobody does."""
    if not PROC.is_dir():
        return _by_lsof(port)
    inodes = _listening(port)
    if not inodes:
        return None
    pid = next((pid for pid in _pids() if _has_socket(pid, inodes)), None)
    return Holder(pid, _command(pid), _user(pid)) if pid else Holder(None)


def holds(pids: Iterable[int], port: int) -> bool | None:
    """Whether one of these processes listens on `port`; None when that cannot be told. Nobody else is looked at."""
    if not PROC.is_dir():
        holder = _by_lsof(port)
        return holder is not None and holder.pid in set(pids)
    inodes = _listening(port)
    return any(_has_socket(pid, inodes) for pid in pids) if inodes else False


def family(pid: int) -> list[int]:
    """The process and all that descend from it, as far as the system lists children."""
    found = [pid]
    for each in found:
        found += _children(each)
    return found


def _children(pid: int) -> list[int]:
    try:
        tasks = os.listdir(PROC / str(pid) / "task")  # noqa: PTH208 - this runs while a start is waited for
        texts = [(PROC / str(pid) / "task" / task / "children").read_text(encoding="ascii") for task in tasks]
    except OSError:
        return []
    return [int(child) for text in texts for child in text.split()]


def _listening(port: int) -> frozenset[str]:
    """Socket links (`socket:[123]`) of the listeners on a port."""
    return frozenset(f"socket:[{inode}]" for table in TABLES for inode in _inodes(PROC / table, f":{port:04X}"))


def _inodes(table: Path, ending: str) -> Iterator[str]:
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:  # no IPv6
        return
    for line in lines:
        fields = line.split()
        if fields[3] == LISTEN and fields[1].endswith(ending):
            yield fields[9]


def _has_socket(pid: int, links: frozenset[str]) -> bool:
    folder = f"{PROC}/{pid}/fd"
    try:
        return any(os.readlink(f"{folder}/{name}") in links for name in os.listdir(folder))  # noqa: PTH208, PTH115
    except OSError:
        return False


def _pids() -> Iterator[int]:
    return (int(name) for name in os.listdir(PROC) if name.isdigit())  # noqa: PTH208


def _command(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _user(pid: int) -> str:
    try:
        uid = (PROC / str(pid)).stat().st_uid
    except OSError:
        return ""
    import pwd  # asked for when a port is taken, which is rare

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _by_lsof(port: int) -> Holder | None:
    """Where there is no /proc: macOS ships lsof."""
    told = subprocess.run(
        ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-FpcL"], capture_output=True, text=True, check=False
    ).stdout
    fields = {line[0]: line[1:] for line in reversed(told.splitlines()) if line}
    return Holder(int(fields["p"]), fields.get("c", ""), fields.get("L", "")) if "p" in fields else None
