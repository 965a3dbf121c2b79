"""The files of a whole box and of one user, below those of a project; quick to load, as all commands do."""

from collections.abc import Mapping
from pathlib import Path

BOX = "hippodrome/hippodrome.yaml"  # below the folders for configuration of all programs
REGISTRY = "registry"


def box_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Of all stacks of a box, then of all of this user, as the XDG base directory specification has it."""
    folders = [path for path in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":") if path.startswith("/")]
    home = environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME") or Path.home()) / ".config"
    return tuple(Path(folder) / BOX for folder in (*reversed(folders), home))


def registry_of(environ: Mapping[str, str]) -> str:
    """The folder that they name for the registry of the box; empty where none does in a way that can be used."""
    return next(filter(None, map(_registry_in, reversed(box_files(environ)))), "")


def _registry_in(path: Path) -> str:
    """What is wrong with a file is told by who compiles it."""
    try:
        if REGISTRY.encode() not in path.read_bytes():
            return ""
    except OSError:
        return ""
    from hippodrome.config import reader  # PyYAML, for boxes that say something here

    said = reader.read(path, str(path)).value.get(REGISTRY)
    return said if isinstance(said, str) and said.startswith("/") else ""
