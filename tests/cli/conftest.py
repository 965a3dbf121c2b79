"""A project of one's own with tiny services, and `hd` as a person calls it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hippodrome.wait import Deadline, until
from tests.stack import free_port

ROOT = Path(__file__).resolve().parents[2]
HD = [sys.executable, "-I", str(ROOT / "hippodrome" / "cli" / "__main__.py")]
PATIENCE_S = 60.0

SERVER = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(os.environ.get("GREETING", "hello").encode())
    def log_message(self, *_): pass
print("INFO server: listening", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Project:
    """A folder with a hippodrome.yaml, and a state folder of its own."""

    folder: Path
    state: Path
    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    children: list[subprocess.Popen[str]] = field(default_factory=list)

    def server(self, name: str, **more: Any) -> int:
        """Declares an HTTP service. Returns its port."""
        port = free_port()
        (self.folder / "server.py").write_text(SERVER)
        command = [sys.executable, "server.py", "${port}"]
        self.services[name] = {"command": command, "port": port, "healthcheck": {"http": "/"}, **more}
        self.write()
        return port

    def add(self, name: str, **service: Any) -> None:
        self.services[name] = service
        self.write()

    def write(self) -> None:
        text = json.dumps({"packaged": False, "services": self.services}, indent=1)
        (self.folder / "hippodrome.yaml").write_text(text)

    def hd(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*HD, *arguments],
            cwd=self.folder,
            env=self._env(environ),
            text=True,
            capture_output=True,
            timeout=PATIENCE_S,
        )

    def spawn(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        """`hd` in the background; its output is one pipe."""
        child = subprocess.Popen(
            [*HD, *arguments],
            cwd=self.folder,
            env=self._env(environ),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.children.append(child)
        return child

    def statuses(self) -> dict[str, dict[str, Any]]:
        told = json.loads(self.hd("ps", "--json").stdout)
        return {status["name"]: status for status in told["services"]}

    @property
    def environ(self) -> dict[str, str]:
        """Of every `hd` that is called here."""
        return self._env({})

    def pids(self) -> list[int]:
        """Every process of this project's stack, found by its working folder or state folder."""
        marks = (os.fsencode(self.folder), os.fsencode(self.state))
        return [
            int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _speaks_of(entry, marks)
        ]

    @property
    def own_environ(self) -> dict[str, str]:
        registry = str(self.state.with_name("registry"))
        return {"XDG_STATE_HOME": str(self.state), "HIPPODROME_REGISTRY": registry, "NO_COLOR": "1"}

    def _env(self, more: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HIPPODROME", "XDG"))}
        return kept | self.own_environ | more


def _speaks_of(process: Path, marks: tuple[bytes, ...]) -> bool:
    if process.name == str(os.getpid()):
        return False
    try:
        told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        told += bytes((process / "cwd").readlink())
    except OSError:
        return False
    return any(mark in told for mark in marks)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    folder = tmp_path / "a project"
    folder.mkdir()
    made = Project(folder, tmp_path / "state")
    yield made
    made.hd("down", "--now")
    for child in made.children:
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
        child.communicate(timeout=PATIENCE_S)
    assert until(lambda: not made.pids(), Deadline(10)), [command_of(pid) for pid in made.pids()]


def command_of(pid: int) -> str:
    """What a process runs; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture
def eventually() -> Eventually:
    """Fails unless the condition comes true within a generous time."""

    def check(condition: Callable[[], object]) -> None:
        # mostly a command of its own is asked, which takes a processor from what is waited for
        assert until(lambda: bool(condition()), Deadline(PATIENCE_S), pause_s=0.2), condition

    return check
