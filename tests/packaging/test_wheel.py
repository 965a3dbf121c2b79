"""The wheel: what is in it, and that `hd` works from it in an environment and a folder of its own."""

import json
import os
import shutil
import site
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hippodrome.wait import Deadline, until
from tests.core.conftest import copy_checkout
from tests.packaging.locks import ROOT
from tests.stack import free_port

PATIENCE_S = 100.0
MADE_IN_PLACE = (  # what work in a checkout leaves in it, and a wheel must not have
    "hippodrome/services/console/node_modules/vite/index.js",
    "hippodrome/services/console/src/.vite/deps.js",
    "hippodrome/services/controller/.venv/bin/python",
    "hippodrome/services/controller/indexes/__pycache__/api.cpython-311.pyc",
    "hippodrome/dashboard/__pycache__/app.cpython-311.pyc",
    "conf/services/__pycache__/x.cpython-311.pyc",
)
OF_CHECKOUTS = {"hippodrome/bootstrap/environment.sh"}  # read by the script `hd`


def without_metadata(names: list[str]) -> set[str]:
    return {name for name in names if ".dist-info/" not in name and not name.endswith("/")}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_checkout(tmp_path_factory.mktemp("source") / "hippodrome")
    for name in ("README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def shipped(source: Path) -> set[str]:
    """Every file of the source that belongs into a wheel, by its path there."""
    beside = ("conf", "docs", "templates")
    folders = {"hippodrome": "hippodrome"} | {name: f"hippodrome/{name}" for name in beside}
    return {
        f"{there}/{path.relative_to(source / here).as_posix()}"
        for here, there in folders.items()
        for path in (source / here).rglob("*")
        if path.is_file()
    } - OF_CHECKOUTS


def build(folder: Path, into: Path) -> Path:
    """A wheel of the source in `folder`, without network."""
    flags = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *flags, "-w", into, folder], check=True)
    (wheel,) = into.glob("hippodrome-*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(source: Path, shipped: set[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made in a folder that somebody has worked in."""
    worked_in = tmp_path_factory.mktemp("worked in") / "hippodrome"
    shutil.copytree(source, worked_in)
    for name in MADE_IN_PLACE:
        assert name not in shipped
        (worked_in / name).parent.mkdir(parents=True, exist_ok=True)
        (worked_in / name).touch()
    return build(worked_in, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_has_every_file_that_is_shipped_and_nothing_else(wheel: Path, shipped: set[str]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert without_metadata(archive.namelist()) == shipped


def test_a_source_distribution_makes_the_same_wheel(source: Path, shipped: set[str], tmp_path: Path) -> None:
    code = "import sys, setuptools.build_meta as backend; backend.build_sdist(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, tmp_path], cwd=source, check=True, capture_output=True)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    with zipfile.ZipFile(build(tmp_path / sdist.name.removesuffix(".tar.gz"), tmp_path)) as made:
        assert without_metadata(made.namelist()) == shipped


@dataclass(frozen=True)
class Installed:
    """`hd` from the wheel, as somebody without a checkout has it."""

    venv: Path
    home: Path
    project: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": f"{self.venv}/bin:{os.environ['PATH']}", "HOME": str(self.home), "NO_COLOR": "1"}
        environ["HIPPODROME_REGISTRY"] = str(self.home / "registry")
        return subprocess.run(
            [self.venv / "bin" / "hd", *arguments],
            cwd=self.project,
            env=environ,
            text=True,
            capture_output=True,
            timeout=PATIENCE_S,
        )

    def hd(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, f"$ hd {' '.join(arguments)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def pip(self, *arguments: str | Path) -> None:
        subprocess.run(
            [sys.executable, "-m", "pip", "--python", self.venv / "bin" / "python", *arguments], check=True
        )

    def ask(self, code: str) -> str:
        """What the environment's own Python prints, far from any checkout."""
        command = [str(self.venv / "bin" / "python"), "-I", "-c", code]
        done = subprocess.run(command, cwd=self.home, check=True, text=True, capture_output=True)
        return done.stdout.strip()

    def processes(self) -> list[str]:
        """Command lines of all that runs below this home."""
        mark = os.fsencode(self.home)
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                told = (process / "cmdline").read_bytes()
                if mark in told + (process / "environ").read_bytes():
                    found.append(told.replace(b"\0", b" ").decode())
            except OSError:  # it has ended
                continue
        return found


def new_environment(home: Path) -> Installed:
    """With nothing in it yet."""
    made = Installed(home / "venv", home, home / "a project")
    made.project.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made.venv], check=True)
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """In an empty environment; what it depends on is lent by the environment of the tests."""
    made = new_environment(tmp_path_factory.mktemp("home"))
    made.pip("install", "--no-deps", "--no-index", "--quiet", wheel)
    packages = Path(made.ask("import sysconfig; print(sysconfig.get_path('purelib'))"))
    (packages / "lent.pth").write_text("\n".join(site.getsitepackages()))
    yield made
    made.run("down", "--now")
    assert until(lambda: not made.processes(), Deadline(PATIENCE_S)), made.processes()


def test_the_code_that_runs_is_the_wheels(installed: Installed) -> None:
    where = Path(installed.ask("import hippodrome; print(hippodrome.__file__)"))
    assert installed.venv in where.parents


def test_help_and_version_are_as_in_a_checkout(installed: Installed) -> None:
    command = [sys.executable, "-I", str(ROOT / "hippodrome" / "cli" / "__main__.py")]
    for option in ("--help", "--version"):
        here = subprocess.run([*command, option], text=True, capture_output=True, check=True)
        assert installed.hd(option) == here.stdout


def test_the_shipped_configuration_is_valid_and_has_its_schema(installed: Installed) -> None:
    assert "is valid" in installed.hd("validate")
    assert json.loads(installed.hd("schema")) == json.loads((ROOT / "conf" / "schema.json").read_text())


def test_a_message_is_explained_as_in_the_page(installed: Installed) -> None:
    assert "A mapping has the same key twice" in installed.hd("explain", "duplicate-key")


def test_every_shipped_profile_can_be_planned(installed: Installed) -> None:
    for profile in (ROOT / "conf" / "profiles").glob("*.yaml"):
        planned = installed.hd("plan", "--profile", profile.stem)
        assert "fake_cell" in planned


def starts_and_stops(installed: Installed) -> None:
    """A service of one's own, beside two that are shipped."""
    ports = {name: free_port() for name in ("dashboard", "fake_cell", "mine")}
    services: dict[str, dict[str, object]] = {name: {"port": port} for name, port in ports.items()}
    services["mine"] |= {
        "command": [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "${port}"],
        "healthcheck": {"http": "/"},
    }
    (installed.project / "hippodrome.yaml").write_text(json.dumps({"services": services}))
    try:
        installed.hd("up", "-d", *ports)
        rows = json.loads(installed.hd("ps", "--json"))["services"]
        assert {row["name"]: row["state"] for row in rows if row["name"] in ports} == dict.fromkeys(ports, "healthy")
        link = f"http://127.0.0.1:{ports['dashboard']}/?token={installed.hd('open', '--token').strip()}"
        opener = "urllib.request.build_opener(urllib.request.HTTPCookieProcessor())"
        page = f"import urllib.request; print({opener}.open('{link}').status)"
        assert installed.ask(page) == "200"
    finally:
        installed.run("down")
    assert until(lambda: not installed.processes(), Deadline(PATIENCE_S)), installed.processes()


def test_a_project_of_ones_own_runs_beside_the_shipped_services_and_stops(installed: Installed) -> None:
    starts_and_stops(installed)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_with_nothing_lent_pip_brings_all_that_it_needs(wheel: Path, tmp_path: Path) -> None:
    made = new_environment(tmp_path)
    made.pip("install", "--quiet", wheel)
    made.pip("check")
    starts_and_stops(made)
