"""Rendered files, and writing them so that a reader sees the old text or the new, never half."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class File:
    """A rendered file: `path` is relative to the folder it will be written to."""

    path: str
    text: str
    mode: int = 0o600


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Replaces `path` in one step; the text is on disk before the name points to it."""
    staging = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        staging.replace(path)
    except BaseException:
        staging.unlink(missing_ok=True)
        raise


def write_all(files: list[File], folder: Path) -> None:
    """Writes every file below `folder`, each in one step; folders are made as needed."""
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, file.text, file.mode)
