"""A Python environment with what a file names, whatever lies in the folder it is asked from."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from hippodrome.bootstrap import cache
from hippodrome.bootstrap.tools import ToolError, Tools
from hippodrome.bootstrap.venv import install, make_venv, move_scripts
from tests.bootstrap.conftest import lock_text

IN_THE_WAY = ("venv.py", "logging.py", "pip.py", "click.py")  # a project may call its modules what it likes


@pytest.fixture(scope="module")
def tools(wheels: Path) -> Tools:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    more = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    return Tools(environ=kept | more)


@pytest.fixture(scope="module")
def made(wheels: Path, tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """An environment, made from within a project with modules of awkward names, and what was reported."""
    project = tmp_path_factory.mktemp("a project")
    for name in IN_THE_WAY:
        (project / name).write_text("raise SystemExit('in the way')")
    (project / "requirements.txt").write_text(lock_text(wheels))
    reported: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        make_venv(project / ".venv", project / "requirements.txt", sys.executable, reported.append, tools)
    return project / ".venv", reported


def test_the_environment_has_what_the_file_names_and_nothing_of_ours(made: tuple[Path, list[str]]) -> None:
    code = "import click, importlib.util as u; print(click.__file__, u.find_spec('supervisor'), sep='\\n')"
    done = subprocess.run([made[0] / "bin" / "python", "-I", "-c", code], text=True, capture_output=True, check=True)
    file, supervisor = done.stdout.splitlines()
    assert made[0] in Path(file).parents
    assert supervisor == "None"


def test_each_package_is_reported_as_it_comes(made: tuple[Path, list[str]]) -> None:
    assert made[1] == ["pip", "click"]


def test_what_cannot_be_had_is_told_in_pips_words(made: tuple[Path, list[str]], tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "wishes.txt").write_text("no-such-package-anywhere==1\n")
    with pytest.raises(ToolError) as caught:
        install(made[0], "wishes.txt", lambda _: None, tools, folder=tmp_path)
    assert any(
        "No matching distribution found for no-such-package-anywhere==1" in each for each in caught.value.lines
    )


def test_a_file_that_names_others_is_read_from_its_own_folder(
    made: tuple[Path, list[str]], tools: Tools, tmp_path: Path
) -> None:
    (tmp_path / "base.txt").write_text("click\n")
    (tmp_path / "all.txt").write_text("-r base.txt\n")
    reported: list[str] = []
    install(made[0], "all.txt", reported.append, tools, folder=tmp_path)
    assert reported == ["click"]


def test_a_copy_is_an_environment_of_its_own(made: tuple[Path, list[str]], cache_home: Path, tmp_path: Path) -> None:
    one, two = (tmp_path / name / ".venv" for name in ("one", "two"))
    for product in (one, two):
        product.parent.mkdir()
        cache.clone(made[0], product, "key", partial(move_scripts, made=made[0], product=product))
    (own,) = one.glob("lib/python3*/site-packages/click/core.py")
    assert own.samefile(two / own.relative_to(one))
    for product in (one, two):
        told = subprocess.run([product / "bin" / "pip", "--version"], text=True, capture_output=True, check=True)
        assert f" from {product}/lib/" in told.stdout
        assert str(product) in (product / "bin" / "activate").read_text()
    assert str(made[0]) in (made[0] / "bin" / "pip").read_text(), "that of the cache is as it was"
    assert os.access(made[0] / "bin" / "pip", os.X_OK)
    subprocess.run([one / "bin" / "pip", "uninstall", "-qy", "click"], check=True)
    assert not own.exists()
    assert (two / own.relative_to(one)).exists()
