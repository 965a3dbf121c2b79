"""The Node that PyPI has: that it is laid out as the stand-in of other tests, and can do more."""

import subprocess
import sys
from pathlib import Path

import pytest

from hippodrome.bootstrap.node import make_node
from hippodrome.bootstrap.tools import Tools
from hippodrome.plan.node import FETCHED_VERSION, find_node


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_node_npm_and_npx_of_the_real_package_work_from_one_folder(tmp_path: Path) -> None:
    product = tmp_path / "a cache" / "node"

    def said(*command: str) -> str:
        path = f"{product / 'bin'}:/usr/bin:/bin"
        done = subprocess.run(command, env={"PATH": path}, cwd=tmp_path, text=True, capture_output=True, check=True)
        return done.stdout.strip()

    make_node(product, FETCHED_VERSION, sys.executable, Tools())
    found = find_node(str(product / "bin"), tmp_path)
    assert found
    assert found.version == FETCHED_VERSION
    assert said("node", "-p", "process.argv[1]", "a b") == "a b"
    for script in ("npm", "npx"):
        assert said(script, "--version")[0].isdigit()
