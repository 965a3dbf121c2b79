"""Real components in the project root run in place of the reference services, each with its own kind of set-up."""

import json
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.conftest import PATIENCE_S, ROOT, Core, made_in

MANAGE = """
import sys
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import JsonResponse
from django.urls import path

settings.configure(DEBUG=True, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x", INSTALLED_APPS=[])
urlpatterns = [path("health", lambda _: JsonResponse({"status": "ok", "service": "made up", "python": sys.prefix}))]
if __name__ == "__main__":
    execute_from_command_line(sys.argv)
"""
SERVE = """
const http = require('http');
const answer = JSON.stringify({status: 'ok', service: 'made up', cell: process.env.CELL_URL});
http.createServer((_, response) => response.end(answer)).listen(process.env.PORT, process.env.HOST);
"""
OWN = """
import http.server, json, os, sys
import installed
ANSWER = json.dumps({"status": "ok", "service": installed.NAME, "prefix": sys.prefix}).encode()
class Well(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Well).serve_forever()
"""


def pinned(name: str) -> str:
    """The line of the reference controller's lock, without its hashes: a version that is in pip's cache."""
    lock = (ROOT / "hippodrome" / "services" / "controller" / "requirements.txt").read_text()
    return next(line.split()[0] for line in lock.splitlines() if line.lower().startswith(f"{name}=="))


def write_django(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "manage.py").write_text(MANAGE)
    (folder / "requirements.txt").write_text(f"{pinned('django')}\n")


def write_node(folder: Path) -> None:
    """A package whose `vite` is its own, so that nothing is fetched."""
    (folder / "own" / "bin").mkdir(parents=True)
    (folder / "own" / "bin" / "vite.js").write_text(SERVE)
    (folder / "own" / "package.json").write_text(json.dumps({"name": "vite", "version": "1.0.0"}))
    package = {"name": "made-up", "version": "1.0.0", "dependencies": {"vite": "file:own"}}
    (folder / "package.json").write_text(json.dumps(package))
    packages = {"": package, "own": {"name": "vite", "version": "1.0.0"}}
    packages["node_modules/vite"] = {"resolved": "own", "link": True}
    lock = {"name": "made-up", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}
    (folder / "package-lock.json").write_text(json.dumps(lock))


def write_python(folder: Path, name: str) -> Path:
    """A package that its owner has an environment for, which is returned; its requirements cannot be had."""
    (folder / "ecom_ingest").mkdir(parents=True)
    (folder / "pyproject.toml").touch()
    (folder / "requirements.txt").write_text("no-such-package-at-all==1\n")
    (folder / "ecom_ingest" / "__main__.py").write_text(OWN)
    venv.create(folder / ".venv", symlinks=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder / ".venv")}))
    (site / "installed.py").write_text(f"NAME = {name!r}\n")
    return folder / ".venv"


def files_of(folder: Path) -> list[Path]:
    """But for what Python caches."""
    return sorted(each for each in folder.rglob("*") if "__pycache__" not in each.parts)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Core]:
    core = made_in(tmp_path)
    yield core
    core.hd("down", "--now")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_django_and_a_node_component_are_set_up_in_place_run_and_told(own: Core) -> None:
    write_django(own.folder / "components" / "controller")
    write_node(own.folder / "components" / "console")
    started = own.hd("up", "-d", "--timeout", str(PATIENCE_S))
    assert started.returncode == 0, started.stdout + started.stderr
    controller = own.ask("controller", "/health").json()
    assert controller["python"] == str(own.folder / "components" / "controller" / ".venv")
    assert own.ask("console", "/health").json()["cell"] == own.url("fake_cell").replace("localhost", "127.0.0.1")
    assert own.statuses()["controller"]["source"] == "./components/controller"
    assert "./components/console" in own.hd("plan").stdout
    board = {each["name"]: each for each in own.ask("dashboard", "/api/status").json()["services"]}
    assert board["console"]["source"] == "./components/console"
    back = own.hd("up", "-d", "--source", "controller=reference")
    assert back.returncode == 0, back.stdout + back.stderr
    assert own.ask("controller", "/health").json()["service"] == "controller"
    assert own.statuses()["console"]["source"] == "./components/console"


@pytest.mark.timeout(300)
def test_an_environment_that_is_there_is_used_as_it_is(own: Core) -> None:
    folder = own.folder / "components" / "controller"
    write_django(folder)
    (folder / "requirements.txt").write_text("no-such-package-at-all==1\n")  # nobody may try to install this
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\nexec {sys.executable} {folder / 'stand_in.py'}\n")
    python.chmod(0o755)
    (folder / "stand_in.py").write_text(
        "import http.server, os\n"
        "class Well(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self): self.send_response(200); self.end_headers(); self.wfile.write(b'mine')\n"
        "    def log_message(self, *_): pass\n"
        "http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Well).serve_forever()\n"
    )
    started = own.hd("up", "-d", "controller", "--timeout", str(PATIENCE_S))
    assert started.returncode == 0, started.stdout + started.stderr
    assert own.ask("controller", "/").text == "mine"


@pytest.mark.timeout(300)
def test_a_python_component_runs_in_its_own_environment_and_one_chooses_between_sources(own: Core) -> None:
    kept = write_python(own.folder / "components" / "ecom_ingest", "checked out")
    write_python(own.folder / "elsewhere" / "ingest", "elsewhere")
    own.configure(profile="ecom")

    def runs(*flags: str) -> dict[str, str]:
        done = own.hd("up", "-d", "ecom_ingest", *flags, "--timeout", str(PATIENCE_S))
        assert done.returncode == 0, done.stdout + done.stderr
        health = own.ask("ecom_ingest", "/health").json()
        return {"of": health["service"], "in": health.get("prefix"), "told": own.statuses()["ecom_ingest"]["source"]}

    in_place = {"of": "checked out", "in": str(kept), "told": "./components/ecom_ingest"}
    before = files_of(kept)
    assert runs() == in_place
    assert files_of(kept) == before  # nothing was installed there, nor marked as ours
    assert runs("--source", "ecom_ingest=reference") == {"of": "ecom_ingest", "in": None, "told": "reference"}
    folder = own.folder / "elsewhere" / "ingest"
    told = {"of": "elsewhere", "in": str(folder / ".venv"), "told": "./elsewhere/ingest"}
    assert runs("--source", f"ecom_ingest={folder}") == told
    assert runs() == in_place  # a flag holds for its command
    source = {"path": "elsewhere/ingest", "command": ["python", "-m", "ecom_ingest"]}
    own.configure(profile="ecom", services={"ecom_ingest": {"sources": [source]}})
    assert "./elsewhere/ingest" in own.hd("plan", "ecom_ingest").stdout


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_component_that_cannot_be_set_up_says_so_and_nothing_takes_its_place(own: Core) -> None:
    folder = own.folder / "components" / "controller"
    write_django(folder)
    (folder / "requirements.txt").write_text("./no-such-folder\n")
    started = own.hd("up", "-d", "--timeout", str(PATIENCE_S))
    said = started.stdout + started.stderr
    assert started.returncode == 6, said
    assert "controller is left out: its set-up failed" in said
    assert "no-such-folder" in said
    assert "Not all is healthy: controller, console could not be set up" in said
    assert "core is healthy" not in said
    assert set(own.statuses()) == {"fake_cell", "dashboard", "watcher"}


def test_a_folder_without_its_marker_is_passed_over_aloud(own: Core) -> None:
    (own.folder / "components" / "controller").mkdir(parents=True)
    told = own.hd("plan")
    assert "./components/controller is there but has no `manage.py`, so reference runs" in told.stdout + told.stderr
