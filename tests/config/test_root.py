"""Which folder is the project root."""

from pathlib import Path

import pytest

from hippodrome.config.root import find_project_root
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
    (tmp_path / "hippodrome.yaml").touch()
    assert find_project_root(tmp_path, tmp_path, {}).why == "named by --project-root"
    assert "hippodrome.yaml" in find_project_root(tmp_path, None, {}).why


def test_a_folder_that_is_named_and_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        find_project_root(tmp_path, tmp_path / "gone", {})
    assert caught.value.exit_code == ExitCode.USAGE
    assert "gone" in caught.value.problems[0].what
