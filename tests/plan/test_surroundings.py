"""What is found of a real machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hippodrome.config.model import Cell, Config, EnvFile, Service, Settings, Setup, Source
from hippodrome.plan.base import base_environment
from hippodrome.plan.git import Head, read_head
from hippodrome.plan.layout import Cache, Layout
from hippodrome.plan.look import Inputs, read_inputs
from hippodrome.plan.node import NodeBin, find_node, is_suitable
from hippodrome.plan.surroundings import Settled, Surroundings, survey


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "feature/one")
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


def test_the_branch_is_read_from_any_folder_of_a_checkout(checkout: Path) -> None:
    (checkout / "deep" / "er").mkdir(parents=True)
    assert read_head(checkout / "deep" / "er") == Head("feature/one")


def test_the_branch_of_a_worktree_is_its_own(checkout: Path) -> None:
    git(checkout, "worktree", "add", "-q", "-b", "two", "../worktree")
    assert read_head(checkout.parent / "worktree") == Head("two")
    assert read_head(checkout) == Head("feature/one")


def test_a_detached_head_is_its_commit(checkout: Path) -> None:
    git(checkout, "checkout", "-q", "--detach")
    assert read_head(checkout) == Head(git(checkout, "rev-parse", "HEAD")[:7], is_detached=True)


def test_a_branch_without_commits_is_one(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "fresh")
    assert read_head(tmp_path) == Head("fresh")


def test_no_checkout_has_no_head(tmp_path: Path) -> None:
    assert read_head(tmp_path) is None


@pytest.mark.parametrize(
    ("version", "suits"),
    [
        ("20.18.3", False),
        ("20.19.0", True),
        ("v21.7.1", False),
        ("22.11.0", False),
        ("22.12.0", True),
        ("24.1.0", True),
        ("", False),
    ],
)
def test_a_node_suits_from_20_19_and_22_12(version: str, suits: bool) -> None:
    assert is_suitable(version) is suits


def fake_node(folder: Path, version: str, *, npm: bool = True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ["node", "npm"] if npm else ["node"]:
        (folder / name).write_text(f"#!/bin/sh\necho {name} >> {folder}/asked\necho v{version}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def test_the_first_node_on_the_path_counts(tmp_path: Path) -> None:
    new, old = fake_node(tmp_path / "new", "24.1.0"), fake_node(tmp_path / "old", "18.0.0")
    assert find_node(f"{tmp_path}/none:{new}:{old}", tmp_path / "cache") == NodeBin(str(new), "24.1.0")
    assert find_node(f"{old}:{new}", tmp_path / "cache") is None


def test_a_node_without_npm_does_not_suit(tmp_path: Path) -> None:
    assert find_node(str(fake_node(tmp_path / "bin", "24.1.0", npm=False)), tmp_path / "cache") is None


def test_node_is_asked_once_until_it_changes(tmp_path: Path) -> None:
    folder = fake_node(tmp_path / "bin", "24.1.0")
    for _ in range(3):
        find_node(str(folder), tmp_path / "cache")
    assert (folder / "asked").read_text(encoding="utf-8") == "node\n"
    fake_node(folder, "24.12.0")
    assert find_node(str(folder), tmp_path / "cache") == NodeBin(str(folder), "24.12.0")


def test_a_node_that_does_not_answer_does_not_suit(tmp_path: Path) -> None:
    folder = fake_node(tmp_path / "bin", "24.1.0")
    (folder / "node").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    assert find_node(str(folder), tmp_path / "cache") is None


def test_the_base_is_what_any_program_needs_and_nothing_else() -> None:
    environ = {
        "PATH": "/bin",
        "LC_ALL": "C.UTF-8",
        "https_proxy": "http://proxy",
        "AWS_PROFILE": "mine",
        "SECRET": "x",
        "PYTHONPATH": "x",
        "HOME": "/home/\udcff",
    }
    assert base_environment(environ, with_aws=False) == {
        "LC_ALL": "C.UTF-8",
        "PATH": "/bin",
        "https_proxy": "http://proxy",
    }
    assert base_environment(environ, with_aws=True)["AWS_PROFILE"] == "mine"
    assert base_environment({}, with_aws=False)["PATH"]


def surveyed(
    root: Path, *services: Service, settled: Settled | None = None, sources: dict[str, str] | None = None
) -> Surroundings:
    settings = Settings(
        services={f"s{at}": each for at, each in enumerate(services)}, cells={"c": Cell(aws="account")}
    )
    made = Config(project_root=str(root), profile="", cell="c", settings=settings, origins={})
    environ = {"HOME": str(root / "home"), "PATH": os.environ["PATH"], "AWS_REGION": "x"}
    layout, cache = Layout(root / "run", root / "sock"), Cache(root / "cache")
    return survey(made, layout, cache, environ=environ, settled=settled, sources=sources)


def test_candidates_are_looked_at_with_the_markers_asked_of_them(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "app.py").touch()
    (tmp_path / "file").touch()
    sources = (
        Source(path="here", marker="app.py"),
        Source(path="here", marker="other.py"),
        Source(path="~/gone"),
        Source(path="file"),
        Source(reference="fake_cell"),
    )
    found = surveyed(tmp_path, Service(sources=sources), sources={"s0": "named"})
    here, gone, file = (found.folders[str(tmp_path / name)] for name in ("here", "home/gone", "file"))
    assert (here.is_folder, here.files) == (True, frozenset({"app.py"}))
    assert not gone.is_there
    assert (file.is_there, file.is_folder) == (True, False)
    assert str(tmp_path / "named") in found.folders
    assert found.folders[found.references["fake_cell"]].is_folder


def test_the_inputs_of_set_up_are_followed_and_their_change_is_seen(tmp_path: Path) -> None:
    step = Setup(venv="requirements/dev.txt")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text("-r base.txt\nx\n", encoding="utf-8")
    base = tmp_path / "requirements" / "base.txt"
    base.write_text("y\n", encoding="utf-8")

    def inputs() -> Inputs:
        return surveyed(tmp_path, Service(command=("x",), setup=(step,))).inputs[str(tmp_path), step]

    before = inputs()
    assert (before.files, before.missing) == (("requirements/dev.txt", "requirements/base.txt"), ())
    assert inputs() == before
    base.write_text("z\n", encoding="utf-8")
    assert inputs().digest != before.digest
    base.unlink()
    assert inputs().missing == ("requirements/base.txt",)


def test_patterns_are_matched_in_a_stable_order(tmp_path: Path) -> None:
    for name in ("b.svg", "a.svg", "c.txt"):
        (tmp_path / name).touch()
    step = Setup(run=("make",), inputs=("*.svg", "Makefile"))
    found = surveyed(tmp_path, Service(command=("x",), setup=(step,))).inputs[str(tmp_path), step]
    assert (found.files, found.missing) == (("a.svg", "b.svg", "Makefile"), ("Makefile",))


def test_a_program_is_found_by_its_name_on_the_path_or_by_its_file(tmp_path: Path) -> None:
    server = tmp_path / "15" / "bin" / "server"
    server.parent.mkdir(parents=True)
    server.write_text("#!/bin/sh\n")
    server.chmod(0o755)

    def is_needless(*unless: str) -> bool:
        return read_inputs(tmp_path, Setup(run=("make",), unless=unless), str(server.parent)).is_needless

    assert is_needless("other", "server")
    assert is_needless(f"{tmp_path}/*/bin/server")
    assert not is_needless("other", f"{tmp_path}/*/bin/other")
    assert not is_needless()


def test_environment_files_are_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n", encoding="utf-8")
    (tmp_path / ".bad").write_bytes(b"A=\xff\n")
    found = surveyed(
        tmp_path, Service(env_file=tuple(EnvFile(path=name) for name in (".env", ".bad", ".none")))
    ).env_files
    assert found == {str(tmp_path / ".env"): "A=1\n", str(tmp_path / ".bad"): None, str(tmp_path / ".none"): None}


def test_the_rest_is_what_the_caller_has_unless_the_instance_has_settled_it(tmp_path: Path) -> None:
    found = surveyed(tmp_path)
    assert (found.python, found.home, found.head, found.node) == (sys.executable, str(tmp_path / "home"), None, None)
    assert found.base["AWS_REGION"] == "x"
    assert surveyed(tmp_path, settled=Settled(table_prefix="p-", base={"PATH": "/settled"})).base == {
        "PATH": "/settled"
    }
