"""Whether what pip or npm make of a component's files depends on nothing but these files.

If so, checkouts may share it. Else it has the code of the checkout in it, or a script of the component changes it.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from hippodrome.config.model import Setup

# https://pip.pypa.io/en/stable/reference/requirements-file-format/
LOCAL_OPTIONS = ("-e", "--editable", "-f", "--find-links")
# those of a package's own that `npm ci` runs: https://docs.npmjs.com/cli/v11/using-npm/scripts
SCRIPTS = {"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"}


def has_portable_packages(inputs: Mapping[str, bytes], step: Setup) -> bool:
    """`inputs`: what the step's files hold, by name. False where that makes no sense."""
    try:
        if step.venv is not None:
            return not any(_is_local(line) for content in inputs.values() for line in content.decode().splitlines())
        return step.npm is not None and _has_no_part_in_it(inputs, Path(step.npm))
    except ValueError:  # not text, or not JSON
        return False


def _is_local(line: str) -> bool:
    """Whether a line of a requirements file names something of this machine: `-e .`, `./wheels/a.whl`, `libs/b`."""
    words = line.partition(" #")[0].split()
    if not words or words[0].startswith("#"):
        return False
    if words[0].startswith("-"):
        return words[0].startswith(LOCAL_OPTIONS) or "file:" in line
    return words[0].startswith(".") or "file:" in line or ("/" in words[0] and "://" not in line)


def _has_no_part_in_it(inputs: Mapping[str, bytes], folder: Path) -> bool:
    """Of the package in `folder`: neither workspaces, links or local archives, nor scripts of its own."""
    package, lock = (json.loads(inputs[str(folder / name)]) for name in ("package.json", "package-lock.json"))
    if not isinstance(package, dict) or "workspaces" in package or SCRIPTS & set(package.get("scripts") or ()):
        return False
    found = lock.get("packages") if isinstance(lock, dict) else None  # since lockfileVersion 2
    return isinstance(found, dict) and not any(map(_is_linked, found.values()))


def _is_linked(entry: object) -> bool:
    return isinstance(entry, dict) and (bool(entry.get("link")) or str(entry.get("resolved")).startswith("file:"))
