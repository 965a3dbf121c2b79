"""`hd gc`: what worktrees that are gone have left behind."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hippodrome.bootstrap import cache
from hippodrome.control import garbage
from hippodrome.errors import ExitCode
from tests.cli.conftest import Project

DAY_S = 86400.0
HOLDS = """
import fcntl, sys
lock = open(sys.argv[1])
fcntl.flock(lock, fcntl.LOCK_EX)
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture
def gone(project: Project, tmp_path: Path) -> Project:
    """Another worktree of the same user, whose stack has run and kept data; its folder was deleted."""
    folder = tmp_path / "gone"
    folder.mkdir()
    made = Project(folder, project.state)
    made.server("api")
    assert made.hd("up", "-d").returncode == 0
    (run_dir_of(made) / "data" / "api").mkdir()
    (run_dir_of(made) / "data" / "api" / "kept").write_text("data")
    assert made.hd("data", "save", "before").returncode == 0
    made.hd("down")
    shutil.rmtree(folder)
    return made


def run_dir_of(project: Project) -> Path:
    (found,) = (project.state / "hippodrome").glob(f"{project.folder.name.replace(' ', '-')}-*")
    return found


def gc(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """With a cache of the test's own: what whoever runs the tests has in theirs is no garbage of these stacks."""
    return project.hd("gc", *arguments, XDG_CACHE_HOME=str(project.state.with_name("cache")))


def told(project: Project, *arguments: str) -> dict[str, object]:
    done = gc(project, "--json", *arguments)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_it_says_what_it_would_remove_and_asks(project: Project, gone: Project) -> None:
    done = gc(project, "--dry-run")
    assert done.returncode == 0
    assert str(gone.folder) in done.stdout
    assert "data of api, snapshots before" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    refused = gc(project)
    assert refused.returncode == ExitCode.USAGE
    assert "not-confirmed" in refused.stderr
    assert run_dir_of(gone).is_dir()


def test_what_is_left_of_a_worktree_goes_and_what_lives_stays(project: Project, gone: Project) -> None:
    project.server("api")
    assert project.hd("up", "-d").returncode == 0
    found = told(project, "--yes")
    assert [each["project_root"] for each in found["run_dirs"]] == [str(gone.folder)]  # type: ignore[attr-defined]
    assert found["removed"] is True
    assert [path.name for path in (project.state / "hippodrome").iterdir()] == [run_dir_of(project).name]
    (known,) = json.loads(project.hd("instances", "--json").stdout)
    assert known["is_running"]
    assert "Nothing is left" in gc(project).stdout


def test_a_stack_that_runs_stays_though_its_worktree_is_gone(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    other = Project(folder, project.state)
    other.add("job", command=["sleep", "600"])
    assert other.hd("up", "-d").returncode == 0
    shutil.rmtree(folder)
    found = told(project, "--yes")
    assert found["run_dirs"] == []
    assert "`hd down --all` stops it" in str(found["kept"])
    assert run_dir_of(other).is_dir()
    assert project.hd("down", "--all").returncode == 0
    assert len(told(project, "--yes")["run_dirs"]) == 1  # type: ignore[arg-type]


def test_a_link_in_place_of_a_run_directory_is_not_followed(project: Project, gone: Project, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    run_dir_of(gone).rename(outside)
    (project.state / "hippodrome" / "linked").symlink_to(outside)
    assert told(project, "--yes")["run_dirs"] == []
    assert (outside / "data" / "api" / "kept").read_text() == "data"


def test_what_was_half_deleted_goes_with_the_next(project: Project, gone: Project) -> None:
    run_dir_of(gone).rename(run_dir_of(gone).with_name(".gone-it-0123"))
    told(project, "--yes")
    assert not list((project.state / "hippodrome").glob(".*"))


@pytest.fixture
def products(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache's venvs: `key-linked` of a checkout, `key-left` of one that is gone, the others of nobody known."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(project.state))
    folder = tmp_path / "cache" / "hippodrome" / "venvs"
    for name in ("key-linked", "key-left", "key-old", "key-new"):
        (folder / name).mkdir(parents=True)
        cache.mark(folder / name, name)
    for checkout, name in (("living", "key-linked"), ("dead", "key-left")):
        (tmp_path / checkout).mkdir()
        (tmp_path / checkout / ".venv").symlink_to(folder / name)
        cache.note_link(tmp_path / checkout / ".venv", folder / name)
    shutil.rmtree(tmp_path / "dead")
    long_ago = cache.used_at(folder / "key-old") - 31 * DAY_S
    os.utime(folder / "key-old" / cache.MARK, (long_ago, long_ago))
    return folder


def test_shared_set_ups_go_with_their_last_worktree(project: Project, products: Path) -> None:
    found = json.loads(gc(project, "--yes", "--json").stdout)
    assert {Path(each["path"]).name: each["why"] for each in found["set_ups"]} == {
        "key-left": "its worktree is gone",
        "key-old": "nobody is known to use it",
    }
    assert sorted(path.name for path in products.iterdir()) == ["key-linked", "key-new"]
    assert len(list(cache.noted_links())) == 1


def test_what_somebody_comes_for_meanwhile_stays(products: Path) -> None:
    (left,) = (each for each in garbage.find(os.environ).set_ups if each.path.name == "key-left")
    cache.use(left.path)
    assert garbage.remove_set_up(left) == "it is used again"
    assert cache.is_complete(products / "key-left", "key-left")


def test_while_a_command_changes_a_stack_the_cache_stays(project: Project, products: Path) -> None:
    project.add("job", command=["sleep", "600"])
    assert project.hd("up", "-d").returncode == 0
    holder = [sys.executable, "-c", HOLDS, str(run_dir_of(project) / "lock")]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        found = garbage.find(os.environ)
        child.communicate()
    assert found.set_ups == ()
    assert "a command is at work" in found.kept[0].why
