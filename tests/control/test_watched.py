"""Which changes restart which programs."""

from pathlib import Path

import pytest

from hippodrome.control.watched import concerned, counts, files_below, folders
from hippodrome.plan.model import Watched
from tests.control.plans import plan, program

APP = Watched("/code/app", ignore=("*.md", "generated/", "assets/*.css"))


@pytest.mark.parametrize(
    "path", ["/code/app", "/code/app/main.py", "/code/app/deep/er/a.py", "/code/app/style.css", "/code/app/.env"]
)
def test_a_change_below_the_folder_counts(path: str) -> None:
    assert counts(APP, path)


@pytest.mark.parametrize(
    "path",
    [
        "/code/other/main.py",
        "/code/application/main.py",
        "/code/app/read.md",
        "/code/app/deep/read.md",
        "/code/app/generated/a.py",
        "/code/app/deep/generated/a.py",
        "/code/app/assets/style.css",
        "/code/app/__pycache__/main.cpython-311.pyc",
        "/code/app/main.pyc",
        "/code/app/.git/index",
        "/code/app/node_modules/vite/index.js",
        "/code/app/.main.py.swp",
        "/code/app/.main.py.swx",
        "/code/app/main.py~",
        "/code/app/4913",
        "/code/app/#main.py#",
        "/code/app/.#main.py",
        "/code/app/main.py___jb_tmp___",
    ],
)
def test_what_is_ignored_or_written_by_tools_does_not(path: str) -> None:
    assert not counts(APP, path)


def test_only_what_lies_below_the_watched_folder_is_judged() -> None:
    inside = Watched("/home/bob/.venv/src/node_modules/app")
    assert counts(inside, "/home/bob/.venv/src/node_modules/app/main.py")


def test_a_watched_file_stands_for_itself_alone() -> None:
    settings = Watched("/code/settings.toml")
    assert counts(settings, "/code/settings.toml")
    assert not counts(settings, "/code/settings.toml.bak")


def test_each_program_gets_the_files_that_concern_it() -> None:
    made = plan(
        program("api", watched=(Watched("/code/api"), Watched("/code/common"))),
        program("worker", watched=(Watched("/code/common"),)),
        program("still"),
    )
    found = concerned(made, ["/code/common/b.py", "/code/api/a.py", "/elsewhere/c.py"])
    assert found == {"api": ("/code/api/a.py", "/code/common/b.py"), "worker": ("/code/common/b.py",)}


def test_folders_leave_out_what_tools_fill_and_wait_above_what_is_not_there(tmp_path: Path) -> None:
    for each in ("app/deep", "app/node_modules/vite", "app/generated/x", "app/__pycache__"):
        (tmp_path / each).mkdir(parents=True)
    made = plan(
        program("api", watched=(Watched(str(tmp_path / "app"), ("generated",)),)),
        program("late", watched=(Watched(str(tmp_path / "not" / "yet")),)),
    )
    assert folders(made) == {str(tmp_path / "app"), str(tmp_path / "app" / "deep"), str(tmp_path)}


def test_a_new_folder_stands_for_its_files(tmp_path: Path) -> None:
    for each in ("new/a.py", "new/deep/b.py", "new/.git/c"):
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).touch()
    assert set(files_below(str(tmp_path / "new"))) == {str(tmp_path / "new/a.py"), str(tmp_path / "new/deep/b.py")}
