"""Which folder is the project root."""

from pathlib import Path

import pytest

from hippodrome.config.root import ProjectRoot, find_project_root
from hippodrome.errors import ExitCode, UserError


def test_what_is_said_counts_before_what_is_found(tmp_path: Path) -> None:
    for name in ("flag", "variable", "found/below"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "found" / "hippodrome.yaml").touch()
    below, environ = tmp_path / "found" / "below", {"HIPPODROME_PROJECT_ROOT": str(tmp_path / "variable")}
    assert find_project_root(below, tmp_path / "flag", environ).path == tmp_path / "flag"
    assert find_project_root(below, None, environ).path == tmp_path / "variable"
    assert find_project_root(below, None, {}).path == tmp_path / "found"
    assert find_project_root(below, Path(".."), {}).path == tmp_path / "found"


def test_the_nearest_file_counts_and_git_only_without_one(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "outer" / ".git").mkdir()
    assert find_project_root(inner, None, {}).path == tmp_path / "outer"
    (tmp_path / "outer" / "inner" / ".git").touch()  # a worktree's is a file
    assert find_project_root(inner, None, {}).path == tmp_path / "outer" / "inner"
    (tmp_path / "outer" / "hippodrome.yaml").touch()
    assert find_project_root(inner, None, {}).path == tmp_path / "outer"


def test_each_answer_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "hippodrome.yaml").touch()
    (tmp_path / "git" / ".git").mkdir(parents=True)
    environ = {"HIPPODROME_PROJECT_ROOT": str(tmp_path)}
    assert find_project_root(tmp_path, tmp_path, environ).why == "named by --project-root"
    assert find_project_root(tmp_path, None, environ).why == "named by HIPPODROME_PROJECT_ROOT"
    assert find_project_root(tmp_path / "file", None, {}).why == "has hippodrome.yaml"
    assert find_project_root(tmp_path / "git", None, {}).why == "the git checkout"


def test_without_any_sign_it_is_where_one_stands(tmp_path: Path) -> None:
    below = tmp_path / "nothing"
    below.mkdir()
    above = [
        folder for folder in below.parents if (folder / ".git").exists() or (folder / "hippodrome.yaml").exists()
    ]
    assert not above, "this test needs a folder for temporary files that is in no project"
    assert find_project_root(below, None, {}) == ProjectRoot(below, "the current folder")


def test_the_variable_may_be_relative_or_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "shop" / "below").mkdir(parents=True)
    for said in ("~/shop", "..", str(tmp_path / "shop")):
        environ = {"HIPPODROME_PROJECT_ROOT": said}
        assert find_project_root(tmp_path / "shop" / "below", None, environ).path == tmp_path / "shop"
    assert find_project_root(tmp_path / "shop", None, {"HIPPODROME_PROJECT_ROOT": ""}).path == tmp_path / "shop"


def test_a_link_to_a_project_is_that_project(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "hippodrome.yaml").touch()
    (tmp_path / "link").symlink_to("shop")
    assert find_project_root(tmp_path / "link", None, {}).path == tmp_path / "shop"
    assert find_project_root(tmp_path, tmp_path / "link", {}).path == tmp_path / "shop"


@pytest.mark.parametrize("name", ["gone", "file"])
def test_a_folder_that_is_named_and_is_none_is_a_mistake(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    environ = {"HIPPODROME_PROJECT_ROOT": str(tmp_path / name)}
    for explicit, by in ((tmp_path / name, "--project-root"), (None, "HIPPODROME_PROJECT_ROOT")):
        with pytest.raises(UserError) as caught:
            find_project_root(tmp_path, explicit, environ)
        assert caught.value.exit_code == ExitCode.USAGE
        (problem,) = caught.value.problems
        assert problem.what == f"{tmp_path / name} is not a folder"
        assert problem.hint == f"It was named by {by}."
