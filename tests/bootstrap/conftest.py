"""Checkouts to run `./hd` in, each with a lock that pip can satisfy without a network, in a cache of their own."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.core.conftest import copy_checkout

PATIENCE_S = 100.0
TOOLS = ("cmp", "dirname", "readlink", "sh")  # all that `hd` takes from the system beside a Python


@dataclass(frozen=True)
class Checkout:
    """A copy of this checkout, and the environment that a person calls `./hd` in."""

    folder: Path
    environ: dict[str, str]

    @property
    def link(self) -> Path:
        return self.folder / ".venv"

    @property
    def lock(self) -> Path:
        return self.folder / "requirements.lock"

    @property
    def venvs(self) -> list[Path]:
        """What there is in the cache, complete or not."""
        return sorted(path for path in (cache_of(self.environ) / "venvs").glob("hd-*"))

    def start(self, *arguments: str, **environ: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [self.folder / "hd", *arguments],
            env=self.environ | environ,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def hd(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return ended(self.start(*arguments, **environ))

    def copied(self, folder: Path) -> "Checkout":
        """The same, elsewhere: what git would bring there."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns(".venv"))
        return Checkout(folder, self.environ)


def ended(child: "subprocess.Popen[str]") -> subprocess.CompletedProcess[str]:
    out, err = child.communicate(timeout=PATIENCE_S)
    return subprocess.CompletedProcess(child.args, child.returncode, out, err)


def cache_of(environ: dict[str, str]) -> Path:
    return Path(environ["XDG_CACHE_HOME"]) / "hippodrome"


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel of click, packed from the installed one."""
    folder = tmp_path_factory.mktemp("wheels")
    click = distribution("click")
    with zipfile.ZipFile(folder / f"click-{click.version}-py3-none-any.whl", "w") as wheel:
        for file in click.files or ():
            if "__pycache__" not in file.parts and ".." not in file.parts:
                wheel.write(str(file.locate()), str(file))
    return folder


def lock_text(wheels: Path) -> str:
    """A lock that names these wheels, with their hashes."""
    pins = []
    for wheel in sorted(wheels.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        pins.append(f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    return "".join(pins)


def new_checkout(folder: Path, wheels: Path) -> Checkout:
    """One that has never run, with an empty cache beside it; pip has these wheels and no index."""
    copy_checkout(folder / "checkout")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HIPPODROME", "XDG", "PIP_"))}
    environ = kept | {
        "HIPPODROME_PYTHON": sys.executable,
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_STATE_HOME": str(folder / "state"),
        "HIPPODROME_REGISTRY": str(folder / "registry"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
    }
    made = Checkout(folder / "checkout", environ)
    made.lock.write_text(lock_text(wheels))
    return made


@pytest.fixture(scope="session")
def bare_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH with what `hd` needs, and no Python."""
    folder = tmp_path_factory.mktemp("bin")
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (folder / tool).symlink_to(found)
    return str(folder)


@pytest.fixture
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where locks and shared results lie in this test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache home"))
    return tmp_path / "cache home" / "hippodrome"
