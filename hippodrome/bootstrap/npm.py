"""node_modules, made by `npm ci` once for each lock and cloned into the checkouts that want it."""

import shutil
from pathlib import Path

from hippodrome.bootstrap.cache import clone, ensure
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


def _run_ci(folder: Path, tools: Tools) -> None:
    tools.run(CI, folder=folder)
    (folder / NAME).mkdir(exist_ok=True)  # npm makes none for a lock that names no package
