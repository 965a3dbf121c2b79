"""The core profile, started by `hd` from a copy of this checkout, on ports that the system hands out."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from hippodrome.control.access import token_of
from hippodrome.rundir import locate
from hippodrome.wait import Deadline, until
from tests.stack import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
SETUP_S = 300.0
SERVICES = ("fake_cell", "controller", "console", "dashboard")
KEY = {"X-API-KEY": "local-admin-key"}


@dataclass
class Core:
    """A copy of the checkout at `folder`, which is the project root too, with its own state."""

    folder: Path
    state: Path
    ports: dict[str, int] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)  # for commands, beside those of these tests

    @property
    def environ(self) -> dict[str, str]:
        """For commands."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HIPPODROME")}
        places = {"XDG_STATE_HOME": str(self.state), "HIPPODROME_REGISTRY": str(self.state.with_name("registry"))}
        return kept | places | {"NO_COLOR": "1"} | self.variables

    def hd(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", str(self.folder / "hippodrome" / "cli" / "__main__.py"), *arguments],
            cwd=self.folder,
            env=self.environ,
            text=True,
            capture_output=True,
            timeout=SETUP_S,
        )

    def configure(self, **more: Any) -> None:
        """Writes hippodrome.yaml: the ports, and `more` beside the services."""
        services = {name: {"port": port} for name, port in self.ports.items()}
        (self.folder / "hippodrome.yaml").write_text(json.dumps({"services": services, **more}))

    def url(self, service: str, path: str = "") -> str:
        return f"http://localhost:{self.ports[service]}{path}"

    def ask(self, service: str, path: str, method: str = "GET", **more: Any) -> requests.Response:
        headers = KEY | ({"Authorization": f"Bearer {self.token}"} if service == "dashboard" else {})
        return requests.request(method, self.url(service, path), headers=headers, timeout=PATIENCE_S, **more)

    @property
    def token(self) -> str:
        """Of the dashboard."""
        return token_of(locate(self.folder, self.environ).layout)

    def statuses(self) -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in json.loads(self.hd("ps", "--json").stdout)["services"]}

    def edit(self, path: str, old: str, new: str) -> None:
        """Changes a file of the copy, as an editor would save it."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def answers_with(self, service: str, path: str, wanted: str) -> bool:
        """Whether `wanted` is in the answer, within the deadline."""

        def does() -> bool:
            try:
                return wanted in self.ask(service, path).text
            except requests.RequestException:  # it is being restarted
                return False

        return bool(until(does, Deadline(PATIENCE_S)))


def copy_checkout(folder: Path) -> Path:
    """What `hd` needs of this checkout, without what was made in it."""
    left_out = shutil.ignore_patterns("node_modules", "__pycache__", "*.pyc")
    for name in ("hippodrome", "conf", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=left_out)
    (folder / "docs").mkdir()
    for name in ("docs/errors.md", "hd", "setup.cfg", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def listening() -> list[str]:
    """Every shipped service that has a port."""
    files = (ROOT / "conf" / "services").glob("*.yaml")
    services = {name: each for file in files for name, each in yaml.safe_load(file.read_text())["services"].items()}
    return sorted(name for name, each in services.items() if each.get("port"))


def made_in(base: Path) -> Core:
    """A copy with ports of its own, not started."""
    core = Core(copy_checkout(base / "checkout"), base / "state", {name: free_port() for name in listening()})
    core.configure()
    return core


@pytest.fixture(scope="package")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    """The running core profile; a test that changes it leaves it running."""
    core = made_in(tmp_path_factory.mktemp("core"))
    try:
        started = core.hd("up", "-d", "--timeout", str(PATIENCE_S))
        assert started.returncode == 0, started.stdout + started.stderr
        yield core
    finally:
        core.hd("down", "--now")
