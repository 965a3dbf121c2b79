"""Making a folder once, whoever else wants it at the same moment, and telling a half-made one. Standard library only.

Locks lie in the cache, not beside what they are for: that may be somebody's repository.
"""

import fcntl
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from hippodrome.files import modified_at, trusted_folder, write_atomically
from hippodrome.plan.layout import Cache

MARK = ".made-from"  # in a finished folder; holds what it was made from
_of_thread = threading.local()


def is_complete(product: Path, made_from: str) -> bool:
    """Whether the folder was made to its end, from this; in the cache by this user, or by root."""
    try:
        if product.is_relative_to(Cache.of(os.environ).folder) and product.lstat().st_uid not in {os.getuid(), 0}:
            return False
        return (product / MARK).read_text(encoding="utf-8") == made_from
    except (OSError, UnicodeDecodeError):
        return False


def use(product: Path) -> None:
    """Notes that the folder is used now, for whoever looks for what is not used any more."""
    with suppress(OSError):
        os.utime(product / MARK)


def used_at(product: Path) -> float:
    """When somebody had it made or found it made last, in Unix seconds; 0 for one that is not complete."""
    return modified_at(product / MARK)


def note_link(link: Path, product: Path) -> None:
    """Notes that a link of some checkout leads to this folder of the cache. Raises OSError."""
    note, text = _notes() / _hash(link), json.dumps({"link": str(link), "product": str(product)}) + "\n"
    with suppress(OSError, UnicodeDecodeError):
        if note.read_text(encoding="utf-8") == text:
            return
    note.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(note, text)


def noted_links() -> Iterator[tuple[Path, Path, Path]]:
    """Each note, the link, and what it led to when it was noted."""
    for note in sorted(_notes().glob("*")):
        with suppress(OSError, ValueError, KeyError, TypeError):
            told = json.loads(note.read_text(encoding="utf-8"))
            yield note, Path(told["link"]), Path(told["product"])


def is_half_made(product: Path) -> bool:
    """Whether `ensure` is at it now, or was killed while it was."""
    try:
        return _lock_of(product).stat().st_size > 0
    except OSError:
        return False


def ensure(product: Path, made_from: str, make: Callable[[], None]) -> bool:
    """Whether `make` had to run. Safe against a second `hd` and against being killed: the mark is written last, and
    a folder without the right mark is removed before `make` runs, and after it failed. Raises what `make` raises.
    """
    use(product)  # before it is looked at: whoever removes it sees this, or has moved it away already
    if is_complete(product, made_from):
        return False
    with lock(product) as note:
        if is_complete(product, made_from):  # another hd made it while we waited
            return False
        note.write("unfinished")
        note.flush()
        remove(product)
        product.parent.mkdir(parents=True, exist_ok=True)
        try:
            make()
            mark(product, made_from)
        except BaseException:
            remove(product)
            raise
        finally:
            note.truncate(0)
        return True


def mark(product: Path, made_from: str) -> None:
    """Declares the folder complete."""
    staging = product / f"{MARK}.new"
    staging.write_text(made_from, encoding="utf-8")
    staging.replace(product / MARK)


def remove(product: Path) -> None:
    """The folder is gone; of a symlink to one, only the symlink."""
    if product.is_symlink():
        product.unlink()
    else:
        shutil.rmtree(product, ignore_errors=True)


def clone(made: Path, product: Path, made_from: str, fit: Callable[[Path], None] = lambda _: None) -> None:
    """A copy by hard links, put in place whole; where links cannot be made, a true copy. Raises OSError.

    `fit` changes the copy before it is put there. It must write changed files anew: they are the cache's as well.
    """
    staging, old = (product.with_name(f".{product.name.lstrip('.')}.{what}") for what in ("new", "old"))
    with lock(product):
        if is_complete(product, made_from):  # by another hd while we waited
            return
        remove(staging)
        remove(old)
        shutil.copytree(made, staging, symlinks=True, copy_function=_link_or_copy)
        fit(staging)
        mark(staging, made_from)
        if product.is_symlink():
            product.unlink()
        elif product.exists():
            product.rename(old)
        staging.rename(product)
        remove(old)


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
    return target


@contextmanager
def lock(product: Path) -> Iterator[TextIO]:
    """One at a time for this folder; the kernel lets go of it when the holder dies, and what it had started."""
    path = _lock_of(product)
    path.parent.mkdir(parents=True, exist_ok=True)
    trusted_folder(path.parent.parent)
    with path.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = held()
        _of_thread.held = (*before, file.fileno())
        try:
            yield file
        finally:
            _of_thread.held = before
            fcntl.flock(file, fcntl.LOCK_UN)  # a tool that lives on has the file open too


def held() -> tuple[int, ...]:
    """The files of the locks that this thread has.

    Who starts a tool hands them on: if this process is killed, the tool still writes, and others must wait for it.
    """
    return getattr(_of_thread, "held", ())


def _lock_of(product: Path) -> Path:
    return Cache.of(os.environ).folder / "locks" / _hash(product)


def _notes() -> Path:
    return Cache.of(os.environ).folder / "links"


def _hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:16]
