"""node_modules: made once for a lock, cloned into every checkout, replaced whole."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hippodrome.bootstrap import cache, npm
from hippodrome.bootstrap.tools import ToolError, Tools

# Makes node_modules of what package-lock.json says, as npm does: what was there is gone first.
NPM = """#!/bin/sh
echo "$PWD $*" >>"$NPM_CALLS"
rm -rf node_modules
mkdir -p node_modules/.bin node_modules/vite
cp package-lock.json node_modules/vite/index.js
ln -s ../vite/index.js node_modules/.bin/vite
[ ! -f .npmrc ] || cp .npmrc node_modules/vite/npmrc
[ ! -f broken ] || { echo "npm error ECONNREFUSED"; exit 1; }
"""


@dataclass
class Npm:
    """An npm of two lines, checkouts for it, and what it was called with."""

    base: Path
    environ: dict[str, str]

    @property
    def tools(self) -> Tools:
        return Tools(environ=self.environ)

    @property
    def calls(self) -> list[str]:
        path = Path(self.environ["NPM_CALLS"])
        return path.read_text().splitlines() if path.exists() else []

    @property
    def store(self) -> Path:
        return self.base / "store"

    def checkout(self, name: str, lock: str = "v1") -> Path:
        folder = self.base / name
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text("{}")
        (folder / "package-lock.json").write_text(lock)
        return folder


@pytest.fixture
def fake(tmp_path: Path, cache_home: Path) -> Npm:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "npm").write_text(NPM)
    (tmp_path / "bin" / "npm").chmod(0o755)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    return Npm(tmp_path, {**os.environ, "PATH": path, "NPM_CALLS": str(tmp_path / "calls")})


def index(folder: Path) -> Path:
    return folder / "node_modules" / "vite" / "index.js"


def test_two_checkouts_of_one_lock_share_one_npm_ci_and_the_very_files(fake: Npm) -> None:
    one, two = fake.checkout("one"), fake.checkout("two")
    for folder in (one, two):
        npm.make_shared(fake.store, folder, "key", fake.tools)
    assert fake.calls == [f"{fake.store} ci --no-audit --no-fund --loglevel=error"]
    assert index(one).samefile(index(two))
    assert index(one).samefile(index(fake.store))
    assert (one / "node_modules" / ".bin" / "vite").readlink() == Path("../vite/index.js")
    assert cache.is_complete(one / "node_modules", "key")


def test_a_file_written_beside_the_clones_does_not_reach_the_other_checkout(fake: Npm) -> None:
    one, two = fake.checkout("one"), fake.checkout("two")
    for folder in (one, two):
        npm.make_shared(fake.store, folder, "key", fake.tools)
    (one / "node_modules" / "vite" / "cache").touch()
    assert not (two / "node_modules" / "vite" / "cache").exists()


def test_a_changed_lock_replaces_node_modules_whole(fake: Npm) -> None:
    one = fake.checkout("one")
    npm.make_shared(fake.store, one, "old", fake.tools)
    (one / "node_modules" / "left").touch()
    fake.checkout("one", lock="v2")
    npm.make_shared(fake.base / "store 2", one, "new", fake.tools)
    assert index(one).read_text() == "v2"
    assert not (one / "node_modules" / "left").exists()
    assert index(fake.store).read_text() == "v1"


def test_settings_of_npm_reach_the_shared_npm_ci(fake: Npm) -> None:
    one = fake.checkout("one")
    (one / ".npmrc").write_text("strict-ssl=true")
    npm.make_shared(fake.store, one, "key", fake.tools)
    assert (one / "node_modules" / "vite" / "npmrc").read_text() == "strict-ssl=true"


def test_a_failed_npm_ci_leaves_neither_a_store_nor_a_clone_and_keeps_what_was_there(fake: Npm) -> None:
    one = fake.checkout("one")
    npm.make_shared(fake.store, one, "old", fake.tools)
    (fake.base / "bin" / "npm").write_text("#!/bin/sh\nmkdir node_modules\necho npm error ECONNREFUSED\nexit 1\n")
    with pytest.raises(ToolError, match="`npm ci …` exited with 1\nnpm error ECONNREFUSED"):
        npm.make_shared(fake.base / "store 2", one, "new", fake.tools)
    assert not (fake.base / "store 2").exists()
    assert index(one).read_text() == "v1"
    assert cache.is_complete(one / "node_modules", "old")


def test_a_clone_that_was_cut_short_is_made_anew_with_nothing_of_it_left(fake: Npm) -> None:
    one = fake.checkout("one")
    for left in (".node_modules.new", ".node_modules.old"):
        (one / left / "vite").mkdir(parents=True)
        (one / left / "half").touch()
    npm.make_shared(fake.store, one, "key", fake.tools)
    assert sorted(path.name for path in one.iterdir()) == ["node_modules", "package-lock.json", "package.json"]
    assert not (one / "node_modules" / "half").exists()


def test_a_symlinked_node_modules_gives_way_and_what_it_leads_to_stays(fake: Npm) -> None:
    one, elsewhere = fake.checkout("one"), fake.base / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "dear").touch()
    (one / "node_modules").symlink_to(elsewhere)
    npm.make_shared(fake.store, one, "key", fake.tools)
    assert not (one / "node_modules").is_symlink()
    assert [path.name for path in elsewhere.iterdir()] == ["dear"]


@pytest.fixture
def other_file_system(tmp_path: Path) -> Iterator[Path]:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("not run: this machine has no second file system to write to")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def test_where_files_cannot_be_linked_they_are_copied(fake: Npm, other_file_system: Path) -> None:
    one = fake.checkout("one")
    npm.make_shared(other_file_system / "store", one, "key", fake.tools)
    assert index(one).read_text() == "v1"
    assert index(one).stat().st_nlink == 1


def test_in_place_it_is_made_where_the_lock_is_and_once(fake: Npm) -> None:
    one = fake.checkout("one")
    for _ in range(2):
        npm.make_in_place(one, "key", fake.tools)
    assert fake.calls == [f"{one} ci --no-audit --no-fund --loglevel=error"]
    assert cache.is_complete(one / "node_modules", "key")


def test_in_place_a_failure_leaves_nothing_that_passes_for_complete(fake: Npm) -> None:
    one = fake.checkout("one")
    (one / "broken").touch()
    with pytest.raises(ToolError):
        npm.make_in_place(one, "key", fake.tools)
    assert not (one / "node_modules").exists()


def test_a_lock_that_names_no_package_is_complete_too(fake: Npm) -> None:
    (fake.base / "bin" / "npm").write_text("#!/bin/sh\n")
    one = fake.checkout("one")
    npm.make_in_place(one, "key", fake.tools)
    assert cache.is_complete(one / "node_modules", "key")
