"""The registry of the box: which instance of which user has which ports. A folder that all its users share.

Each user writes files of their own, below the sticky bit; of a file of somebody else nothing is followed, and
nothing but its numbers is believed.
"""

import contextlib
import json
import os
import pwd
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from hippodrome.config.box import registry_of
from hippodrome.control.processes import PROC, Process, warden_of
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.files import try_lock
from hippodrome.listeners import is_free
from hippodrome.plan.layout import Layout
from hippodrome.rundir import label_of
from hippodrome.wait import Deadline, until

VARIABLE = "HIPPODROME_REGISTRY"
FOLDER = "/var/tmp/hippodrome"  # which outlives a boot, as ports should
FORMAT = 1  # of a file; those of hd before there was a number have its form
LARGEST = 1 << 20  # bytes; the ports of a thousand services take 30 kB
LOCK_S = 10.0  # it is held for a few milliseconds
KEPT_S = 30 * 86400.0  # an instance that did not run for so long may lose its ports to another
SHOWN_MAX = 200  # characters of a text
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
TEXTS = ("id", "name", "project_root", "run_dir", "branch", "profile", "boot")
OPENED = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is registered of one instance. Texts of other users are cleaned, for they are only shown.

    `ports`: of every service that is configured, by `SERVICE` or `SERVICE.NAME`. `main_port`: of the address to look
    at first, 0 for none. `warden`: pid and start of the process that keeps it, of the boot `boot`.
    """

    id: str
    name: str = ""
    project_root: str = ""
    run_dir: str = ""
    branch: str = ""
    profile: str = ""
    port_offset: int = 0
    ports: Mapping[str, int] = field(default_factory=dict)
    main_port: int = 0
    warden: tuple[int, int] = (0, 0)
    boot: str = ""
    started_at: float = 0.0

    @property
    def label(self) -> str:
        return label_of(self.project_root, self.name)


@dataclass(frozen=True)
class Found:
    """An entry, and what its file tells: whose it is and when it was written, in Unix seconds."""

    entry: Entry
    uid: int
    written_at: float
    file: str

    @property
    def is_own(self) -> bool:
        """Whether it is this user's to use and to remove. One whose run directory is not known only has its ports."""
        return self.uid == os.getuid() and bool(self.entry.run_dir)

    @property
    def owner(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    @cached_property
    def is_running(self) -> bool:
        """Whether its warden lives; asks nothing that needs the owner's rights."""
        if self.is_own:
            return warden_of(Path(self.entry.run_dir) / "warden.pid") is not None
        if not PROC.is_dir():
            return any(not is_free(port) for port in self.entry.ports.values())
        pid = self.entry.warden[0]
        return self.entry.boot == boot_id() and _lives(Process(*self.entry.warden)) and _uid_of(pid) == self.uid

    @cached_property
    def is_stale(self) -> bool:
        """Whether its ports may go to another."""
        if self.is_running:
            return False
        if self.is_own and not (Path(self.entry.run_dir).is_dir() and Path(self.entry.project_root).is_dir()):
            return True
        return time.time() - max(self.written_at, _booted_at()) > KEPT_S


def _lives(process: Process) -> bool:
    return process.pid > 0 and process.is_alive


def _uid_of(pid: int) -> int | None:
    try:
        return (PROC / str(pid)).stat().st_uid
    except OSError:
        return None


def boot_id() -> str:
    """Of this boot; empty where the system has none."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _booted_at() -> float:
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.time() - time.clock_gettime(clock)


def with_warden(entry: Mapping[str, Any], layout: Layout) -> Entry:
    """An entry of these fields, and of the warden that keeps the run directory now."""
    warden = warden_of(layout.warden_pid)
    kept = (warden.pid, warden.started) if warden else (0, 0)
    return Entry(**{**entry, "warden": kept, "boot": boot_id() if warden else ""})


class Registry:
    """The folder. What cannot be read is not there; what cannot be written raises UserError (CONFLICT)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Registry":
        """Where HIPPODROME_REGISTRY says, else `registry` in the file of the box, else where all boxes have it."""
        return cls(Path(environ.get(VARIABLE) or registry_of(environ) or FOLDER))

    def look(self) -> tuple[Found, ...]:
        """All entries that make sense, in the order of their ports."""
        try:
            with self._opened() as folder:
                found = [each for name in _names(folder) if (each := _read(folder, name))]
        except OSError:
            return ()
        return tuple(sorted(found, key=lambda each: (each.entry.port_offset, each.uid, each.entry.id)))

    def own(self, identity: str) -> Found | None:
        """This user's entry of an instance, the newest where there are several."""
        mine = [each for each in self.look() if each.is_own and each.entry.id == identity]
        return max(mine, key=lambda each: each.written_at, default=None)

    @contextlib.contextmanager
    def locked(self) -> Iterator["Writer"]:
        """Held by whoever chooses ports. The folder is made where it is missing."""
        with contextlib.ExitStack() as held:
            with _told_plainly(self.folder):
                self._make()
                folder = held.enter_context(self._opened())
            if not until(lambda: try_lock(folder), Deadline(LOCK_S), pause_s=0.005):
                problem = Problem(
                    "registry-busy",
                    f"somebody has held {self.folder} for {LOCK_S:.0f} s",
                    f"`fuser {self.folder}` names who; or set {VARIABLE}.",
                )
                raise UserError(problem, exit_code=ExitCode.CONFLICT)
            yield Writer(self.folder, folder)

    def _make(self) -> None:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        before = os.umask(0)  # the right mode from the first moment on: another user may come right behind
        try:
            self.folder.mkdir(mode=0o1777)
        except FileExistsError:
            return
        finally:
            os.umask(before)
        self.folder.chmod(0o1777)  # systems whose mkdir makes no sticky folders

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


class Writer:
    """Changes this user's entries, while the folder is locked. Raises UserError where that cannot be."""

    def __init__(self, path: Path, folder: int) -> None:
        self._path = path
        self._folder = folder

    def put(self, entry: Entry) -> None:
        """In place of the user's earlier one of the same instance. What a crash left half-made goes."""
        with _told_plainly(self._path):
            self._put(entry)

    def _put(self, entry: Entry) -> None:
        staging = f".{os.getuid()}-{os.urandom(4).hex()}.new"
        self._write(staging, json.dumps({"format": FORMAT, **asdict(entry)}).encode())
        earlier = [name for name in _names(self._folder) if self._is_earlier(name, entry.id, staging)]
        usual = f"{os.getuid()}-{entry.id}.json"
        try:
            self._rename(staging, usual)
        except (PermissionError, IsADirectoryError):  # somebody else's, to be in the way
            usual = f"{os.getuid()}-{entry.id}-{os.urandom(4).hex()}.json"
            self._rename(staging, usual)
        for name in earlier:
            if name != usual:
                self._remove(name)

    def drop(self, found: Found) -> None:
        """An entry of this user's."""
        self._remove(found.file)

    def _write(self, name: str, text: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(name, flags, 0o644, dir_fd=self._folder)
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(descriptor, 0o644)  # whatever the umask: the others read it
            stream.write(text)
            stream.flush()
            os.fsync(descriptor)

    def _rename(self, staging: str, name: str) -> None:
        os.rename(staging, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def _is_earlier(self, name: str, identity: str, staging: str) -> bool:
        if name == staging:
            return False
        if name.startswith(f".{os.getuid()}-"):
            return True
        found = _read(self._folder, name)
        return found is not None and found.is_own and found.entry.id == identity

    def _remove(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError, PermissionError):
            os.unlink(name, dir_fd=self._folder)


@contextlib.contextmanager
def _told_plainly(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"the registry of ports cannot be written: {folder}: {error.strerror}"
        problem = Problem("registry-unusable", what, f"Mend that, or set {VARIABLE} to a folder of your own.")
        raise UserError(problem, exit_code=ExitCode.CONFLICT) from error


def _names(folder: int) -> list[str]:
    return os.listdir(folder)


def _read(folder: int, name: str) -> Found | None:
    """None for what is no entry: half-made, a link, a pipe, or text that makes no sense."""
    if name.startswith(".") or not name.endswith(".json"):
        return None
    try:
        with os.fdopen(os.open(name, OPENED, dir_fd=folder), "rb") as stream:
            facts = os.fstat(stream.fileno())
            if not stat.S_ISREG(facts.st_mode) or facts.st_size > LARGEST:
                return None
            told = json.loads(stream.read(LARGEST))
            is_own = facts.st_uid == os.getuid()
            is_known = told.get("format") == FORMAT
            entry = _parsed(told, is_own=is_own) if is_known else _as_far_as_known(told, is_own=is_own)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError):
        return None
    return Found(entry, facts.st_uid, min(facts.st_mtime, time.time()), name)


def _as_far_as_known(told: Mapping[str, Any], *, is_own: bool) -> Entry:
    """Of another version of hd, whose ports are taken all the same. Raises ValueError where it names none."""
    ports = {}
    for name, port in told["ports"].items():
        with contextlib.suppress(ValueError, TypeError):
            ports[_text(name)] = _port(port)
    if not ports:
        raise ValueError(told)
    known = asdict(Entry(id=""))
    for key in known:
        with contextlib.suppress(ValueError, TypeError, KeyError, ArithmeticError):
            known[key] = asdict(_parsed({**known, key: told[key]}, is_own=is_own))[key]
    return Entry(**{**known, "ports": ports if is_own else {_shown(name): port for name, port in ports.items()}})


def _parsed(told: Mapping[str, Any], *, is_own: bool) -> Entry:
    """Raises ValueError, TypeError or KeyError. Of another user's, texts are made fit for a terminal."""
    said = {key: _text(told[key]) if is_own else _shown(told[key]) for key in TEXTS}
    pid, started = map(_whole, told["warden"])
    started_at = float(told["started_at"])
    if not 0 <= started_at < 1e12:  # which no number is that is none, either
        raise ValueError(started_at)
    return Entry(
        **said,
        port_offset=_whole(told["port_offset"]),
        ports={name if is_own else _shown(name): _port(port) for name, port in told["ports"].items()},
        main_port=_port(told["main_port"]) if told["main_port"] else 0,
        warden=(pid, started),
        started_at=started_at,
    )


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(text)
    return text


def _shown(text: Any) -> str:
    return "".join(each for each in _text(text)[:SHOWN_MAX] if each.isprintable())


def _whole(number: Any) -> int:
    if not isinstance(number, int):
        raise TypeError(number)
    return number


def _port(number: Any) -> int:
    if not 0 < _whole(number) < 65536:
        raise ValueError(number)
    return int(number)
