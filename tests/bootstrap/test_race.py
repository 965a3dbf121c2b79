"""Two programs that set up the same, at the same moment or after one was killed, each for a checkout of its own.

Two that make one environment are in test_hd_script.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hippodrome.bootstrap import cache
from hippodrome.files import try_lock
from hippodrome.wait import Deadline, until
from tests.core.conftest import ROOT

PATIENCE_S = 60.0

# An npm that is not done before it may, and leaves something half-made meanwhile. Writes by whole paths, as npm does.
NPM = """#!/bin/sh
echo "$PWD" >>"$npm_config_base/calls"
mkdir -p node_modules/vite
until [ -e "$npm_config_base/go" ]; do sleep 0.01; done
cat package-lock.json >>"$PWD/node_modules/vite/index.js"
"""

# Says when it begins, and in the end what failed.
SET_UP = """
import json, sys
from pathlib import Path
from hippodrome.bootstrap import steps
from hippodrome.plan.model import SetupStep
folder = Path(sys.argv[1])
npm = SetupStep("npm", str(folder), (), "lock", str(folder / "node_modules"), is_shared=True, is_cloned=True)
tell = lambda progress: progress.state == "started" and print("at it", flush=True)
failures = steps.run([steps.Job(npm, ("console",))], tell, lambda name: folder / f"{name}.log")
print(json.dumps([failure.cause for failure in failures]))
"""


@pytest.fixture
def environ(tmp_path: Path, cache_home: Path) -> dict[str, str]:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "npm").write_text(NPM)
    (tmp_path / "bin" / "npm").chmod(0o755)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "npm_config_base": str(tmp_path), "PYTHONPATH": str(ROOT)}


def checkout(folder: Path) -> Path:
    folder.mkdir()
    (folder / "package.json").write_text("{}")
    (folder / "package-lock.json").write_text("of the lock")
    return folder


def started(folder: Path, environ: dict[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", SET_UP, str(folder)]
    child = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout
    assert child.stdout.readline() == "at it\n"
    return child


def test_two_programs_that_set_up_the_same_make_it_once_and_both_have_it_whole(
    tmp_path: Path, cache_home: Path, environ: dict[str, str]
) -> None:
    folders = [checkout(tmp_path / name) for name in ("one", "two")]
    children = [started(folder, environ) for folder in folders]
    calls = tmp_path / "calls"
    assert until(calls.exists, Deadline(PATIENCE_S))
    assert not any((folder / "node_modules").exists() for folder in folders)
    (tmp_path / "go").touch()
    said = [child.communicate(timeout=PATIENCE_S) for child in children]
    assert [json.loads(out) for out, _ in said] == [[], []], said

    store = cache_home / "node_modules" / "lock"
    assert calls.read_text().splitlines() == [str(store)]
    for folder in folders:
        assert cache.is_complete(folder / "node_modules", "lock")
        assert (folder / "node_modules" / "vite" / "index.js").samefile(store / "node_modules" / "vite" / "index.js")


def test_while_the_tool_of_a_killed_set_up_still_writes_nobody_else_does(
    tmp_path: Path, cache_home: Path, environ: dict[str, str]
) -> None:
    killed = started(checkout(tmp_path / "one"), environ)
    assert until((tmp_path / "calls").exists, Deadline(PATIENCE_S))
    try:
        killed.send_signal(signal.SIGKILL)
        assert killed.wait(PATIENCE_S) == -signal.SIGKILL
        (lock,) = (cache_home / "locks").iterdir()
        with lock.open() as file:
            assert not try_lock(file.fileno())
        second = started(checkout(tmp_path / "two"), environ)
    finally:
        (tmp_path / "go").touch()
    out, err = second.communicate(timeout=PATIENCE_S)
    assert json.loads(out) == [], err
    assert (tmp_path / "two" / "node_modules" / "vite" / "index.js").read_text() == "of the lock"
    killed.communicate()
