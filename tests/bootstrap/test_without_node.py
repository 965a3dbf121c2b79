"""`hd up` on a machine without a suitable Node: one is fetched, or what needs it is left out and the rest runs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hippodrome.errors import ExitCode
from hippodrome.plan.node import FETCHED_VERSION, find_node
from tests.bootstrap.node_wheel import write_node_wheel
from tests.cli.conftest import Project

REASON = "there is no suitable Node, and none to be had (`pip install …` exited with 1)"


@dataclass(frozen=True)
class Machine:
    """A project with an `api`, and a `web` that wants npm, on a machine with what `environ` says."""

    project: Project
    environ: dict[str, str]

    def hd(self, *arguments: str) -> tuple[int, str]:
        """Exit status, and all that is said."""
        done = self.project.hd(*arguments, **self.environ)
        return done.returncode, done.stdout + done.stderr

    def states(self) -> dict[str, str]:
        return {name: status["state"] for name, status in self.project.statuses().items()}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    tools, folder = tmp_path / "bin", tmp_path / "a project"
    tools.mkdir()
    folder.mkdir()
    for tool in ("mkdir", "sh", "sleep"):
        found = shutil.which(tool)
        assert found
        (tools / tool).symlink_to(found)
    project = Project(folder, tmp_path / "state")
    project.server("api")
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_text("{}")
    source = {"path": ".", "setup": [{"npm": "."}]}
    project.add("web", sources=[source], command=["sh", "-c", "node serve && exec sleep 600"])
    environ = {"PATH": str(tools), "XDG_CACHE_HOME": str(tmp_path / "a cache")}
    unreachable = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "wheels")}
    yield Machine(project, environ | unreachable)
    project.hd("down", "--now")


def test_where_none_is_to_be_had_what_needs_it_is_left_out_with_one_line_and_the_rest_runs(machine: Machine) -> None:
    status, said = machine.hd("up", "-d")
    assert (status, said.count("web is left out")) == (0, 1), said
    assert f"web is left out: {REASON}.\n" in said
    assert machine.states() == {"api": "healthy"}


@pytest.mark.slow
def test_strictly_that_is_an_error_and_nothing_is_started(machine: Machine) -> None:
    status, said = machine.hd("up", "-d", "--strict")
    assert status == ExitCode.SETUP_FAILED
    assert "set-up of web failed" in said
    assert "Install Node 22, or let pip reach its index." in said
    assert machine.hd("ps")[0] == ExitCode.NOT_RUNNING


@pytest.mark.slow
def test_where_pip_has_it_it_is_fetched_once_and_npm_and_the_service_run_on_it(machine: Machine) -> None:
    wheels = Path(machine.environ["PIP_FIND_LINKS"])
    wheels.mkdir()
    wheel = write_node_wheel(wheels)
    status, said = machine.hd("up", "-d", "--strict")
    assert status == 0, said
    assert machine.states() == {"api": "healthy", "web": "running"}
    assert (machine.project.folder / "node_modules" / "made-by").read_text().startswith("npm ci ")
    assert "node serve" in machine.hd("logs", "web")[1]
    fetched = Path(machine.environ["XDG_CACHE_HOME"]) / "hippodrome" / "node" / FETCHED_VERSION / "bin"
    for name, said in {"node": "node a b\n", "npx": "npx a b\n"}.items():
        assert subprocess.run([fetched / name, "a b"], text=True, capture_output=True).stdout == said
    assert find_node(str(fetched), machine.project.state) is not None

    wheel.unlink()  # nothing of it is needed again
    machine.hd("down")
    status, said = machine.hd("up", "-d", "--strict")
    assert (status, "set-up" in said) == (0, False), said


def test_a_node_that_is_too_old_is_passed_over(machine: Machine) -> None:
    node = Path(machine.environ["PATH"]) / "node"
    node.write_text(f"#!{sys.executable}\nprint('v18.19.0')\n")
    node.chmod(0o755)
    shutil.copy(node, node.with_name("npm"))
    _, planned = machine.hd("plan", "--json")
    assert f"node/{FETCHED_VERSION}" in planned
