"""The lock files of this project, and what they pin."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = {".git", ".venv", ".venv-tests", "node_modules"}
PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>\S+)")


def locks_like(*patterns: str) -> list[Path]:
    """Lock files of the project's own, below its root."""
    found = (path for pattern in patterns for path in ROOT.rglob(pattern))
    return sorted(path for path in found if MADE.isdisjoint(path.relative_to(ROOT).parts))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def requirements(lock: str) -> list[str]:
    """One requirement an item, with its hashes on the same line; comments are left out."""
    joined = lock.replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def pins(lock: str) -> dict[str, str]:
    """Name → version. Raises AssertionError for a line that pins nothing."""
    found = [(line, PIN.match(line)) for line in requirements(lock)]
    loose = [line for line, pin in found if pin is None]
    assert not loose, f"not pinned: {loose}"
    return {pin["name"]: pin["version"] for _, pin in found if pin}
