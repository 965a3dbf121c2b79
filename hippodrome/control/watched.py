"""Which folders are watched for a plan, and which programs a changed file concerns."""

import os
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePath

from hippodrome.plan.model import Plan, Watched

# What tools and editors write beside the sources: never a reason to restart.
TOOLS_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".idea", ".vscode", ".venv", ".tox", ".nox", "node_modules", "__pycache__"}
    | {".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".vite"}
)
TOOLS_FILES = re.compile(
    r"\.py[cod]$|~$|^\.#|^#.*#$|\.sw[a-z]$|^4913$|___jb_(tmp|old|bak)___$|^\.goutputstream-|^\.DS_Store$|^flycheck_"
)


def folders(plan: Plan) -> frozenset[str]:
    """Each to be watched by itself, without what lies below it; what is not there yet is awaited above."""
    watched = {each for program in plan.programs for each in program.watched}
    return frozenset(folder for each in watched for folder in _folders(each))


def files_below(folder: str) -> Iterator[str]:
    """All but those that tools write."""
    for parent, inner, names in os.walk(folder):
        inner[:] = [name for name in inner if name not in TOOLS_FOLDERS]
        yield from (str(Path(parent, name)) for name in names)


def concerned(plan: Plan, paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Program → the changed files for which it is to be restarted, sorted."""
    changed = sorted(paths)
    found = {
        program.name: tuple(path for path in changed if any(counts(each, path) for each in program.watched))
        for program in plan.programs
    }
    return {name: files for name, files in found.items() if files}


def counts(watched: Watched, path: str) -> bool:
    """Whether a change of this file is one that the watched folder or file is about."""
    if path == watched.path:
        return True
    if not path.startswith(f"{watched.path}/"):
        return False
    below = PurePath(path).relative_to(watched.path)
    if TOOLS_FILES.search(below.name) or not TOOLS_FOLDERS.isdisjoint(below.parts):
        return False
    return not _is_ignored(watched, below)


def _is_ignored(watched: Watched, below: PurePath) -> bool:
    """A pattern is about the whole path, or about one folder or name in it, wherever it is."""
    parts = [PurePath(*below.parts[:length]) for length in range(1, len(below.parts) + 1)]
    patterns = [pattern.removeprefix("./").rstrip("/") for pattern in watched.ignore]
    return any(fnmatch(str(part), pattern) or fnmatch(part.name, pattern) for part in parts for pattern in patterns)


def _folders(watched: Watched) -> Iterator[str]:
    path = Path(watched.path)
    if not path.is_dir():
        yield str(next(parent for parent in path.parents if parent.is_dir()))
        return
    for parent, inner, _ in os.walk(path):
        yield parent
        below = Path(parent).relative_to(path)
        inner[:] = [name for name in inner if name not in TOOLS_FOLDERS and not _is_ignored(watched, below / name)]
