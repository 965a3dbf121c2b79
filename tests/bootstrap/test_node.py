"""A Node from PyPI, for a machine that has none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hippodrome.bootstrap.node import make_node
from hippodrome.bootstrap.tools import Tools
from hippodrome.plan.node import FETCHED_VERSION, find_node, is_suitable
from tests.bootstrap.node_wheel import write_node_wheel


def environ(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return kept | {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"} | more


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wheels, product = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("a home") / "node"
    write_node_wheel(wheels)
    make_node(product, FETCHED_VERSION, sys.executable, Tools(environ=environ(PIP_FIND_LINKS=str(wheels))))
    return product


def said(made: Path, *command: str) -> str:
    """What a command prints in an environment whose PATH leads to nothing but this Node and a shell's tools."""
    path = f"{made / 'bin'}:/usr/bin:/bin"
    done = subprocess.run(command, env={"PATH": path}, cwd=made, text=True, capture_output=True, check=True)
    return done.stdout.strip()


def test_node_npm_and_npx_are_in_one_folder_and_pass_on_what_they_are_given(made: Path) -> None:
    assert said(made, "node", "a b", "c") == "node a b c"
    assert said(made, "npm", "ci", "--quiet") == "npm ci --quiet"
    assert said(made, "npx", "vite") == "npx vite"


def test_it_is_one_that_the_plan_would_choose(made: Path, tmp_path: Path) -> None:
    found = find_node(str(made / "bin"), tmp_path)
    assert found
    assert found.version == FETCHED_VERSION
    assert is_suitable(FETCHED_VERSION)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_real_package_is_laid_out_like_that(tmp_path: Path) -> None:
    make_node(tmp_path / "node", FETCHED_VERSION, sys.executable, Tools())
    assert said(tmp_path / "node", "node", "--version") == f"v{FETCHED_VERSION}"
    assert said(tmp_path / "node", "node", "-p", "1 + 1") == "2"
    for script in ("npm", "npx"):
        assert said(tmp_path / "node", script, "--version")[0].isdigit()
