"""What worktrees that are gone have left behind: run directories, shared results of set-up, entries of the registry.

A worktree is gone when its folder is not there. What a command may be using at this moment is never taken: the
instance's lock is held meanwhile, and whatever is deleted is first moved aside and looked at once more.
"""

import json
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hippodrome.bootstrap import cache
from hippodrome.control import autostart, data, stop
from hippodrome.control.autostart import Service
from hippodrome.control.processes import warden_of
from hippodrome.control.registry import Found, Registry
from hippodrome.control.rpc import is_running
from hippodrome.errors import UserError
from hippodrome.files import is_locked
from hippodrome.plan.layout import Cache, Layout
from hippodrome.rundir import Instance, layout_of, locked, state_of
from hippodrome.wait import Deadline

UNUSED_S = 30 * 86400.0  # after which a shared result that nobody is known to use is garbage
LOCK_S = 10.0
ASIDE = ".gone-"  # begins the names of what is about to be deleted

Kind = Literal["venv", "node_modules", "node"]
FOLDERS: dict[str, Kind] = {"venvs": "venv", "node_modules": "node_modules", "node": "node"}


@dataclass(frozen=True)
class RunDir:
    """Of a worktree that is gone. `services`: whose data it has; `size` in bytes; `unit`: what starts it at boot."""

    instance: Instance
    services: tuple[str, ...]
    snapshots: tuple[str, ...]
    size: int
    unit: Service | None


@dataclass(frozen=True)
class SetUp:
    """A shared result of set-up. `used_at` in Unix seconds, `size` in bytes."""

    path: Path
    kind: Kind
    why: str
    used_at: float
    size: int


@dataclass(frozen=True)
class Kept:
    """What may be garbage and stays, and why."""

    path: Path
    why: str


@dataclass(frozen=True)
class Claims:
    """What living worktrees use, and those that are gone have used: what links led to, and all that plans say."""

    linked: frozenset[Path]
    left: frozenset[Path]
    texts: str
    texts_of_gone: str


@dataclass(frozen=True)
class Garbage:
    """All of one user. `aside`: what an earlier removal had no time to delete; `notes`: of links that are gone.

    `size` is of all, in bytes.
    """

    run_dirs: tuple[RunDir, ...]
    set_ups: tuple[SetUp, ...]
    entries: tuple[Found, ...]
    kept: tuple[Kept, ...]
    aside: tuple[Path, ...]
    notes: tuple[Path, ...]
    size: int

    @property
    def is_empty(self) -> bool:
        return not (self.run_dirs or self.set_ups or self.entries or self.aside)


def find(environ: Mapping[str, str]) -> Garbage:
    """Reads only."""
    registered = {each.entry.id: each for each in Registry.of(environ).look() if each.is_own}
    layouts = [layout_of(path) for path in _own_folders(state_of(environ))]
    roots = {each: _root_of(each, registered) for each in layouts}
    gone = [each for each, root in roots.items() if root and _is_gone(root) and not _runs(each)]
    kept = [kept for layout, root in roots.items() if (kept := _why_kept(layout, root))]
    living = [each for each in layouts if each not in gone]
    folder = Cache.of(environ).folder
    busy = next((each for each in living if is_locked(each.lock)), None)
    if busy:
        kept.append(Kept(folder, f"a command is at work in {busy.run_dir.name}, and may need what is here"))
    stale = [each for each in registered.values() if not Path(each.entry.run_dir).is_dir() and not each.is_running]
    links = tuple(cache.noted_links())
    run_dirs = tuple(_run_dir(each, roots[each], environ) for each in gone)
    set_ups = () if busy else tuple(_set_ups(folder, _claims({each: roots[each] for each in living}, gone, links)))
    aside = tuple(_aside(state_of(environ), *(folder / name for name in FOLDERS)))
    return Garbage(
        run_dirs=run_dirs,
        set_ups=set_ups,
        entries=tuple(stale),
        kept=tuple(kept),
        aside=aside,
        notes=tuple(note for note, link, _ in links if _is_gone(link.parent)),
        size=sum((*(each.size for each in run_dirs), *(each.size for each in set_ups), *map(_size, aside))),
    )


def remove(run_dir: RunDir) -> str:
    """Why it stays; empty when it is gone. Its processes are ended and its entry of the registry is dropped."""
    instance = run_dir.instance
    path = instance.layout.run_dir
    try:
        with locked(instance, Deadline(LOCK_S)):
            if not _is_gone(instance.project_root) or _runs(instance.layout):
                return "it is used again"
            stop.end(instance)
            aside = _moved_aside(path)
        if run_dir.unit:
            autostart.uninstall(run_dir.unit)
        _drop([each for each in Registry.of(os.environ).look() if each.is_own and each.entry.id == instance.id])
    except UserError as error:
        return error.problems[0].what
    except OSError as error:
        return str(error)
    return _deleted(aside)


def remove_set_up(set_up: SetUp) -> str:
    """Why it stays; empty when it is gone."""
    try:
        with cache.lock(set_up.path):
            aside = _moved_aside(set_up.path)
            if cache.used_at(aside) != set_up.used_at:  # somebody has come for it since it was looked at
                aside.rename(set_up.path)
                return "it is used again"
    except FileNotFoundError:
        return ""
    except OSError as error:
        return str(error)
    return _deleted(aside)


def remove_rest(garbage: Garbage) -> tuple[Kept, ...]:
    """Stale entries, notes of links, and what was moved aside. What stays."""
    try:
        _drop(garbage.entries)
    except UserError as error:
        return (Kept(Path(garbage.entries[0].file), error.problems[0].what),)
    for note in garbage.notes:
        note.unlink(missing_ok=True)
    return tuple(Kept(path, why) for path in garbage.aside if (why := _deleted(path)))


def _drop(entries: Iterable[Found]) -> None:
    if entries := tuple(entries):
        with Registry.of(os.environ).locked() as writer:
            for each in entries:
                writer.drop(each)


def _moved_aside(path: Path) -> Path:
    aside = path.with_name(f"{ASIDE}{path.name}-{os.urandom(4).hex()}")
    path.rename(aside)
    return aside


def _deleted(path: Path) -> str:
    """Why a part of it stays; empty when it is gone."""
    shutil.rmtree(path, ignore_errors=True)
    return f"a part of it cannot be deleted: {path}" if path.exists() else ""


def _own_folders(folder: Path) -> Iterator[Path]:
    """Folders of this user's in it; links are none."""
    for path in sorted(folder.glob("*")):
        about = path.lstat()
        if stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not path.name.startswith(ASIDE):
            yield path


def _aside(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.glob(f"{ASIDE}*") if path.lstat().st_uid == os.getuid())


def _root_of(layout: Layout, registered: Mapping[str, Found]) -> Path | None:
    """The worktree that a run directory is of, as its plan of whatever version says, or the registry."""
    try:
        return Path(json.loads(layout.plan.read_text(encoding="utf-8"))["project_root"])
    except (OSError, ValueError, TypeError, KeyError):
        found = registered.get(layout.run_dir.name)
        return Path(found.entry.project_root) if found and found.entry.project_root else None


def _is_gone(folder: Path) -> bool:
    """Whether it is surely not there; one that may not be looked at is."""
    try:
        return not stat.S_ISDIR(folder.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False


def _why_kept(layout: Layout, root: Path | None) -> Kept | None:
    if root is None:
        return Kept(layout.run_dir, "nothing in it tells which worktree it is of")
    if _is_gone(root) and _runs(layout):
        return Kept(layout.run_dir, f"its stack runs, though {root} is gone; `hd down --all` stops it")
    return None


def _runs(layout: Layout) -> bool:
    """Also where the warden was killed, and supervisord was not."""
    return warden_of(layout.warden_pid) is not None or is_running(layout)


def _run_dir(layout: Layout, root: Path | None, environ: Mapping[str, str]) -> RunDir:
    identity = layout.run_dir.name
    service = autostart.service_of(identity, environ)
    return RunDir(
        Instance(identity, root or layout.run_dir, layout),
        data.holders(layout),
        tuple(each.name for each in data.saved(layout)),
        _size(layout.run_dir),
        service if service.is_installed else None,
    )


def _claims(
    living: Mapping[Layout, Path | None], gone: Iterable[Layout], links: Iterable[tuple[Path, Path, Path]]
) -> Claims:
    """`living` with their worktrees; `links` as they were noted.

    Links that no version has noted are found where stacks are, and by what this hd runs in.
    """
    own = (Path(sys.prefix), *(root / ".venv" for root in living.values() if root))
    linked, left = {Path(sys.prefix), *(target for link in own if (target := _target(link)))}, set[Path]()
    for _, link, product in links:
        if _target(link) == product:
            linked.add(product)
        elif _is_gone(link.parent):
            left.add(product)
    return Claims(frozenset(linked), frozenset(left), _texts(living), _texts(gone))


def _texts(layouts: Iterable[Layout]) -> str:
    """All that their plans say, those included that can be gone back to: what is set up is named there by its key."""
    texts = []
    for path in (path for each in layouts for path in (each.plan, *each.plans.glob("*.plan.json"))):
        with suppress(OSError, ValueError):
            texts.append(path.read_text(encoding="utf-8"))
    return "\n".join(texts)


def _set_ups(folder: Path, claims: Claims) -> Iterator[SetUp]:
    for name, kind in FOLDERS.items():
        for path in _own_folders(folder / name):
            named = str(path) if kind == "node" else path.name
            if path in claims.linked or named in claims.texts:
                continue
            used_at = cache.used_at(path)
            if path in claims.left or named in claims.texts_of_gone:
                yield SetUp(path, kind, "its worktree is gone", used_at, _size(path))
            elif used_at and time.time() - used_at > UNUSED_S:
                yield SetUp(path, kind, "nobody is known to use it", used_at, _size(path))


def _target(link: Path) -> Path | None:
    """What a link leads to; None for what is none."""
    try:
        return link.readlink()
    except OSError:
        return None


def _size(folder: Path) -> int:
    """On the disk; a file that has several names is counted once."""
    blocks: dict[tuple[int, int], int] = {}
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            with suppress(OSError):
                about = Path(parent, name).lstat()
                blocks[about.st_dev, about.st_ino] = about.st_blocks
    return 512 * sum(blocks.values())
