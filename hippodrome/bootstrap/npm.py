"""node_modules, made by `npm ci` once for each lock and cloned into the checkouts that want it."""

import os
import shutil
from pathlib import Path

from hippodrome.bootstrap.cache import ensure, mark
from hippodrome.bootstrap.tools import Tools

CI = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
INPUTS = ("package.json", "package-lock.json", ".npmrc")
NAME = "node_modules"


def run_ci(folder: Path, tools: Tools) -> None:
    """`npm ci` in the folder of a lock. Raises ToolError."""
    tools.run(CI, folder=folder)


def make_shared(store: Path, folder: Path, key: str, tools: Tools) -> None:
    """`store` holds what the lock in `folder` names, and `folder` a clone of it. Raises ToolError, OSError."""

    def make() -> None:
        store.mkdir(parents=True)
        for name in INPUTS:
            if (folder / name).is_file():
                shutil.copy2(folder / name, store / name)
        run_ci(store, tools)

    ensure(store, key, make)
    clone(store / NAME, folder / NAME, key)


def clone(made: Path, product: Path, key: str) -> None:
    """A copy by hard links, put in place whole; where links cannot be made, a true copy. Raises OSError."""
    staging, old = (product.with_name(f".{NAME}.{what}.{os.getpid()}") for what in ("new", "old"))
    shutil.rmtree(staging, ignore_errors=True)
    shutil.copytree(made, staging, symlinks=True, copy_function=_link_or_copy)
    mark(staging, key)
    if product.is_symlink():
        product.unlink()
    elif product.exists():
        product.rename(old)
    staging.rename(product)
    shutil.rmtree(old, ignore_errors=True)


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
    return target
