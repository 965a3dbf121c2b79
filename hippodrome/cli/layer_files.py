"""The files that a configuration comes from, and waiting for a change of them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from watchfiles._rust_notify import RustNotify

from hippodrome import resources
from hippodrome.config.box import box_files
from hippodrome.config.load import PERSONAL, TEAM
from hippodrome.config.model import Config

QUIET_MS = 100  # after which a change is complete
AT_MOST_MS = 1600  # for which changes are gathered, as when a branch is checked out


@dataclass(frozen=True)
class LayerFiles:
    """`files` count each; of `folders`, every YAML file does, also one that is not there yet."""

    files: frozenset[Path]
    folders: frozenset[Path] = frozenset()

    @classmethod
    def of(cls, project_root: Path, config: Config | None = None) -> Self:
        """Without a configuration, those that always count."""
        files = {project_root / TEAM, project_root / PERSONAL, *box_files(os.environ)}
        services = config.settings.services.values() if config else ()
        files |= {project_root / Path(file.path).expanduser() for service in services for file in service.env_file}
        if config and not config.settings.packaged:
            return cls(frozenset(files))
        conf = resources.conf()
        return cls(frozenset(files), frozenset({conf, *(path for path in conf.iterdir() if path.is_dir())}))

    @property
    def watched(self) -> frozenset[Path]:
        """Folders, each without what lies below it: an editor puts another file in the place of the one it saves.

        For one that is not there, the nearest above it, in which it would appear.
        """
        parents = {place.parent for file in self.files for place in (file, file.resolve())}
        return frozenset(map(_nearest, (*parents, *self.folders)))

    @property
    def there(self) -> frozenset[Path]:
        """Of `files`, those that exist."""
        return frozenset(file for file in self.files if os.path.lexists(file))

    def counted(self, paths: Iterable[str]) -> tuple[Path, ...]:
        """Of what has changed, what matters here, sorted."""
        exact = {place for file in self.files for place in (file, file.resolve())}
        changed = {Path(path) for path in paths}
        return tuple(sorted(p for p in changed if p in exact or (p.suffix == ".yaml" and p.parent in self.folders)))


def _nearest(folder: Path) -> Path:
    """Of the folder and those above it, the first that is there."""
    return next((each for each in (folder, *folder.parents) if _is_folder(each)), Path("/"))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # below what one may not look into
        return False


class LayerWatch:
    """Tells of changes to the files of the layers, as long as they are the files."""

    def __init__(self, files: LayerFiles) -> None:
        self.files = files
        self._look()
        self._found: tuple[Path, ...] = ()

    def look_at(self, files: LayerFiles) -> None:
        """From now on these; what has happened up to now is not lost."""
        if files != self.files:
            self._found = (*self._found, *self._gather(1))
            self._found = (*self._found, *self._look_anew(files))

    def next(self, timeout_ms: int) -> tuple[Path, ...]:
        """The files that have changed, once nothing more does; none when time is over. Raises KeyboardInterrupt."""
        found, self._found = self._found, ()
        return tuple(dict.fromkeys((*found, *self._gather(1 if found else timeout_ms))))

    def has_news(self) -> bool:
        """Whether there is something that `next` would tell."""
        self._found = (*self._found, *self._gather(1))
        return bool(self._found)

    def _gather(self, timeout_ms: int) -> tuple[Path, ...]:
        found = self._notify.watch(AT_MOST_MS, QUIET_MS, timeout_ms, None)
        if found == "signal":
            raise KeyboardInterrupt
        changed = () if isinstance(found, str) else self.files.counted(path for _, path in found)
        if self.files.watched != self._watched:  # folders have come or gone, and files with them
            changed = (*changed, *self._look_anew(self.files))
        self._there = self.files.there
        return changed

    def _look_anew(self, files: LayerFiles) -> tuple[Path, ...]:
        """Gives the files that have come or gone meanwhile."""
        known, there, notify = self.files.files, self._there, self._notify
        self.files = files
        self._look()
        notify.close()
        return tuple(sorted((there ^ self._there) & known))

    def _look(self) -> None:
        self._watched = self.files.watched
        self._notify = RustNotify([str(path) for path in self._watched], False, False, 0, False, True)
        self._there = self.files.there
