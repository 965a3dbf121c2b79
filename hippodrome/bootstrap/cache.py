"""Making a folder once, whoever else wants it at the same moment. Standard library only."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MARK = ".made-from"  # in a finished folder; holds what it was made from


def is_complete(product: Path, made_from: str) -> bool:
    """Whether the folder was made to its end, from this."""
    try:
        return (product / MARK).read_text(encoding="utf-8") == made_from
    except (OSError, UnicodeDecodeError):
        return False


def ensure(product: Path, made_from: str, make: Callable[[], None]) -> bool:
    """Whether `make` had to run. Safe against a second `hd` and against being killed: the mark is written last,
    and a folder without the right mark is removed before `make` runs. Raises what `make` raises.
    """
    if is_complete(product, made_from):
        return False
    with lock(product):
        if is_complete(product, made_from):  # another hd made it while we waited
            return False
        shutil.rmtree(product, ignore_errors=True)
        product.parent.mkdir(parents=True, exist_ok=True)
        make()
        mark(product, made_from)
        return True


def mark(product: Path, made_from: str) -> None:
    """Declares the folder complete."""
    staging = product / f"{MARK}.new"
    staging.write_text(made_from, encoding="utf-8")
    staging.replace(product / MARK)


@contextmanager
def lock(product: Path) -> Iterator[None]:
    """One at a time for this folder; the kernel lets go of it when the holder dies."""
    product.parent.mkdir(parents=True, exist_ok=True)
    with (product.parent / f".{product.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
