"""node_modules, made by `npm ci` once for each lock and cloned into the checkouts that want it."""

import os
import shutil
from pathlib import Path

from hippodrome.bootstrap.cache import ensure, is_complete, lock, mark, remove
from hippodrome.bootstrap.tools import Tools

CI = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
INPUTS = ("package.json", "package-lock.json", ".npmrc")
NAME = "node_modules"


def make_in_place(folder: Path, key: str, tools: Tools) -> None:
    """What the lock in `folder` names, in the folder itself. Raises ToolError, OSError."""
    ensure(folder / NAME, key, lambda: _run_ci(folder, tools))


def make_shared(store: Path, folder: Path, key: str, tools: Tools) -> None:
    """`store` holds what the lock in `folder` names, and `folder` a clone of it. Raises ToolError, OSError."""

    def make() -> None:
        store.mkdir(parents=True)
        for name in INPUTS:
            if (folder / name).is_file():
                shutil.copy2(folder / name, store / name)
        _run_ci(store, tools)

    ensure(store, key, make)
    clone(store / NAME, folder / NAME, key)


def clone(made: Path, product: Path, key: str) -> None:
    """A copy by hard links, put in place whole; where links cannot be made, a true copy. Raises OSError."""
    staging, old = (product.with_name(f".{NAME}.{what}") for what in ("new", "old"))
    with lock(product):
        if is_complete(product, key):  # by another hd while we waited
            return
        remove(staging)
        remove(old)
        shutil.copytree(made, staging, symlinks=True, copy_function=_link_or_copy)
        mark(staging, key)
        if product.is_symlink():
            product.unlink()
        elif product.exists():
            product.rename(old)
        staging.rename(product)
        remove(old)


def _run_ci(folder: Path, tools: Tools) -> None:
    tools.run(CI, folder=folder)
    (folder / NAME).mkdir(exist_ok=True)  # npm makes none for a lock that names no package


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
    return target
