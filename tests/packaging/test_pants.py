"""`pants hd …`: what pants.toml and BUILD say, and the real thing where a Python is at hand that pants runs on."""

import ast
import os
import pty
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from hippodrome.config.model import Service
from hippodrome.wait import Deadline, until
from tests.core.conftest import copy_checkout
from tests.packaging.locks import ROOT
from tests.stack import free_port

PYTHONS = ("3.9", "3.8", "3.7")  # those that the wheels on PyPI admit
PATIENCE_S = 120.0
CTRL_C = b"\x03"

STUBBORN = """
import http.server, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def configured() -> dict[str, dict[str, object]]:
    return tomllib.loads((ROOT / "pants.toml").read_text())


def test_the_alias_names_the_target_that_runs_the_script() -> None:
    (target,) = ast.parse((ROOT / "BUILD").read_text()).body
    assert isinstance(target, ast.Expr)
    assert isinstance(target.value, ast.Call)
    facts = {each.arg: ast.literal_eval(each.value) for each in target.value.keywords}
    assert configured()["cli"]["alias"] == {"hd": f"run //:{facts['name']} --"}
    assert facts["command"] == 'exec ./hd "$@"'
    assert os.access(ROOT / "hd", os.X_OK)


def test_pants_waits_longer_for_hd_than_hd_for_any_service() -> None:
    shipped = [yaml.safe_load(path.read_text())["services"] for path in (ROOT / "conf" / "services").glob("*.yaml")]
    services = [one for each in shipped for one in each.values()]
    said = [one["stop_grace_period"] for one in services if "stop_grace_period" in one]
    longest = max(Service().stop_grace_period, *(float(each.removesuffix("s")) for each in said))
    timeout = configured()["GLOBAL"]["process_execution_graceful_shutdown_timeout"]
    assert isinstance(timeout, int)
    assert timeout >= 2 * longest


def test_the_document_shows_what_is_configured() -> None:
    shown = (ROOT / "docs" / "pants.md").read_text().split("```toml\n")[1].split("```")[0]
    for section, values in tomllib.loads(shown).items():
        assert values.items() <= configured()[section].items()


def suitable_python() -> str | None:
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for version in PYTHONS:
        if found := sorted(pyenv.glob(f"{version}.*/bin/python")):
            return str(found[-1])
        if found_on_path := shutil.which(f"python{version}"):
            return found_on_path
    return None


@pytest.fixture(scope="module")
def pants(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published pants, installed."""
    python = suitable_python()
    if python is None:
        pytest.skip(f"not run: PyPI has pants for Python {', '.join(PYTHONS)} only, and none of them is here")
    venv = tmp_path_factory.mktemp("pants") / "venv"
    wanted = f"pantsbuild.pants=={configured()['GLOBAL']['pants_version']}"
    subprocess.run([python, "-m", "venv", venv], check=True)
    subprocess.run([venv / "bin" / "pip", "install", "-q", "--only-binary=:all:", wanted], check=True)
    return venv / "bin" / "pants"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout that runs on this very Python's packages."""
    folder = copy_checkout(tmp_path_factory.mktemp("repository") / "checkout")
    for name in ("BUILD", "pants.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / "hd").write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{folder}/hippodrome/cli/__main__.py" "$@"\n')
    return folder


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_pants_hands_over_arguments_and_exit_status(pants: Path, repository: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([pants, "hd", *arguments], cwd=repository, text=True, capture_output=True)

    assert run("--version").stdout.startswith("hd ")
    assert run("up", "--help").stdout.startswith("Usage: hd up")
    assert run("nonsense").returncode == 2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_one_pants_follows_a_stack_while_another_looks_and_ctrl_c_ends_even_a_stubborn_one(
    pants: Path, repository: Path, tmp_path: Path
) -> None:
    port = free_port()
    project = tmp_path / "project"
    project.mkdir()
    (project / "stubborn.py").write_text(STUBBORN)
    service = {"command": [sys.executable, "stubborn.py", "${port}"], "port": port}
    (project / "hippodrome.yaml").write_text(yaml.safe_dump({"packaged": False, "services": {"a": service}}))
    environ = os.environ | {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def command(*arguments: str) -> list[str]:
        return [str(pants), "hd", *arguments, "--project-root", str(project)]

    def is_open() -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    with Terminal(command("up"), repository, environ) as up:
        assert until(is_open, Deadline(PATIENCE_S))
        looked = subprocess.run(command("ps"), cwd=repository, env=environ, text=True, capture_output=True)
        assert (looked.returncode, "healthy" in looked.stdout) == (0, True), looked.stdout + looked.stderr
        os.write(up.keyboard, CTRL_C)
        assert "nothing is left running" in up.rest()
    assert not is_open()


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, command: list[str], folder: Path, environ: dict[str, str]) -> None:
        self.pid, self.keyboard = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(command[0], command, environ)

    def __enter__(self) -> "Terminal":
        return self

    def rest(self) -> str:
        """All that it says until its end."""
        said = b""
        while True:
            try:
                said += os.read(self.keyboard, 65536)
            except OSError:  # the terminal is gone
                return said.decode(errors="replace")

    def __exit__(self, *_: object) -> None:
        os.close(self.keyboard)  # hangs up, should it still run
        os.waitpid(self.pid, 0)
