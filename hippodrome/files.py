"""Rendered files, and writing them so that a reader sees the old text or the new, never half.

Where others can write too, what they have put there is never followed, written to, or taken for one's own.
"""

import fcntl
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hippodrome.errors import ExitCode, Problem, UserError


@dataclass(frozen=True)
class File:
    """A rendered file: `path` is relative to the folder it will be written to."""

    path: str
    text: str
    mode: int = 0o600


def write_atomically(path: Path, content: str | bytes, mode: int = 0o600) -> None:
    """Replaces `path` in one step; the content is on disk before the name points to it."""
    staging = path.with_name(f".{path.name}.{os.urandom(4).hex()}.new")
    descriptor = os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content.encode() if isinstance(content, str) else content)
            stream.flush()
            os.fsync(stream.fileno())
        staging.replace(path)
    except BaseException:
        staging.unlink(missing_ok=True)
        raise


def try_lock(descriptor: int) -> bool:
    """Whether the lock of an open file is ours now. The kernel takes it back when its last holder has gone."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(path: Path) -> bool:
    """Whether anybody holds a lock on it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


def modified_at(path: Path) -> float:
    """In Unix seconds; 0 for what is not there."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def write_all(files: list[File], folder: Path) -> None:
    """Writes every file below `folder`, each in one step; folders are made as needed. Raises UserError: foreign."""
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for below in filter(lambda each: each.is_relative_to(folder) and each != folder, path.parents):
            _refuse_foreign(below, below.lstat())
        write_atomically(path, file.text, file.mode)


def own_folder(path: Path) -> None:
    """Makes the folder if need be; it is this user's alone afterwards. Raises UserError when it is another's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:  # a link, a file, or a folder that may not be read
        raise _foreign(path) from error
    try:
        _refuse_foreign(path, os.fstat(descriptor))
        os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


def trusted_folder(path: Path) -> None:
    """As it is, for folders of this user's within it: one of another user's could be changed under them.

    Raises UserError.
    """
    if path.stat().st_uid not in {os.getuid(), 0}:
        raise _foreign(path)


def _refuse_foreign(folder: Path, about: os.stat_result) -> None:
    if about.st_uid != os.getuid() or not stat.S_ISDIR(about.st_mode):
        raise _foreign(folder)


def _foreign(folder: Path) -> UserError:
    what = f"{folder} belongs to another user, or leads elsewhere"
    problem = Problem("foreign-folder", what, "Remove it, or set XDG_STATE_HOME (XDG_CACHE_HOME for the cache).")
    return UserError(problem, exit_code=ExitCode.CONFLICT)
