"""What is found of folders, set-up inputs and environment files."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import which

from hippodrome.config.model import Setup
from hippodrome.plan.portable import has_portable_packages
from hippodrome.resources import PACKAGE_ROOT, services


@dataclass(frozen=True)
class Folder:
    """A folder that code may come from. `files`: which of the names asked for lie in it."""

    is_there: bool
    is_folder: bool = False
    files: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Inputs:
    """The files that a set-up step is made from: relative names, their common digest, and what is not there."""

    files: tuple[str, ...]
    digest: str
    missing: tuple[str, ...] = ()
    is_needless: bool = False  # for a program that is there does as well
    is_portable: bool = False  # what is made from these files is the same in every checkout


def look_at(folder: Path, markers: frozenset[str]) -> Folder:
    """One folder, and which of `markers` it has."""
    if not folder.is_dir():
        return Folder(is_there=folder.exists())
    return Folder(True, True, frozenset(marker for marker in markers if (folder / marker).exists()))


def reference_folder(name: str) -> Path:
    """Of a reference service; what is part of the orchestrator itself (its dashboard) lies beside `services/`."""
    folder = services() / name
    return folder if folder.is_dir() else PACKAGE_ROOT / "hippodrome" / name


def has_program(wanted: Iterable[str], path: str) -> bool:
    """Whether any is there: by its name on `path`, or as a glob pattern of a file."""
    return any(any(Path("/").glob(each[1:])) if each.startswith("/") else which(each, path=path) for each in wanted)


def read_inputs(folder: Path, step: Setup, path: str = "") -> Inputs:
    """Of one set-up step in one folder. `path` is where programs are looked for."""
    names = tuple(dict.fromkeys(_names(folder, step)))
    digest, missing, contents = sha256(), [], dict[str, bytes]()
    for name in names:
        try:
            content = contents[name] = (folder / name).read_bytes()
        except OSError:
            missing.append(name)
        else:
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    is_portable = not missing and not step.inputs and has_portable_packages(contents, step)
    return Inputs(names, digest.hexdigest(), tuple(missing), has_program(step.unless, path), is_portable)


def read_text(path: Path) -> str | None:
    """None where there is no such file, or it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _names(folder: Path, step: Setup) -> Iterator[str]:
    if step.venv is not None:
        yield from _requirements(folder, step.venv)
    if step.npm is not None:
        yield from (str(Path(step.npm, name)) for name in ("package-lock.json", "package.json"))
        if (folder / step.npm / ".npmrc").is_file():
            yield str(Path(step.npm, ".npmrc"))
    for pattern in step.inputs:
        yield from _matching(folder, pattern)


def _requirements(folder: Path, name: str) -> Iterator[str]:
    """The file, and the ones that it includes (`-r`, `-c`)."""
    waiting, seen = [name], set[str]()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        yield current
        included = re.findall(
            r"^\s*(?:-r|-c|--requirement|--constraint)[ =]*(\S+)", read_text(folder / current) or "", re.M
        )
        waiting += [str(Path(current).parent / each) for each in reversed(included)]


def _matching(folder: Path, pattern: str) -> Iterator[str]:
    if not any(character in pattern for character in "*?["):
        yield pattern
        return
    found = (path for path in folder.glob(pattern) if path.is_file())
    yield from sorted(path.relative_to(folder).as_posix() for path in found)
