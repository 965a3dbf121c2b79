"""`hd up --debug` with real debuggers attached, and `hd up --external` with a service that runs elsewhere."""

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.request import urlopen

import pytest

from hippodrome.wait import Deadline
from tests.cli.conftest import PATIENCE_S, SERVER, Eventually, Project
from tests.stack import free_port

ANSWER = 'self.wfile.write(os.environ.get("GREETING", "hello").encode())'
NODE = 'require("http").createServer((_, a) => a.end("hello")).listen(process.argv[2], "127.0.0.1")'


def ask(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE_S) as answer:
        return str(answer.read().decode())


@dataclass
class Editor:
    """A client of the Debug Adapter Protocol. What comes and was not waited for is kept."""

    connection: socket.socket
    buffer: bytes = b""
    sequence: int = 0
    kept: list[dict[str, Any]] = field(default_factory=list)

    def send(self, command: str, **arguments: Any) -> None:
        self.sequence += 1
        told = {"seq": self.sequence, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(told).encode()
        self.connection.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def wait(self, kind: str, name: str) -> dict[str, Any]:
        """The answer to a request, or an event."""
        deadline = Deadline(PATIENCE_S)
        while not deadline.is_over:
            for told in self.kept:
                if told["type"] == kind and told.get("command" if kind == "response" else "event") == name:
                    self.kept.remove(told)
                    assert told.get("success", True), told
                    return told
            self.kept.append(self._read())
        raise AssertionError(self.kept)

    def ask(self, command: str, **arguments: Any) -> Any:
        self.send(command, **arguments)
        return self.wait("response", command).get("body")

    def _read(self) -> dict[str, Any]:
        while not (found := re.match(rb"Content-Length: (\d+)\r\n\r\n", self.buffer)):
            self._more()
        end = found.end() + int(found[1])
        while len(self.buffer) < end:
            self._more()
        body, self.buffer = self.buffer[found.end() : end], self.buffer[end:]
        told: dict[str, Any] = json.loads(body)
        return told

    def _more(self) -> None:
        read = self.connection.recv(65536)
        assert read, "the debugger has hung up"
        self.buffer += read


@contextmanager
def attached(address: str) -> Iterator[Editor]:
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as connection:
        editor = Editor(connection)
        editor.ask("initialize", adapterID="debugpy", pathFormat="path")
        editor.send("attach", justMyCode=False)
        editor.wait("event", "initialized")
        yield editor


def stops_in_the_server(project: Project, address: str, port: int) -> str:
    """What the debugger sees as GREETING at a breakpoint in the service's own file."""
    file = project.folder / "server.py"
    line = next(number for number, text in enumerate(SERVER.splitlines(), 1) if ANSWER in text)
    with attached(address) as editor:
        editor.ask("setBreakpoints", source={"path": str(file)}, breakpoints=[{"line": line}])
        editor.ask("configurationDone")
        with subprocess.Popen(["curl", "-s", f"http://127.0.0.1:{port}/"], stdout=subprocess.PIPE) as asking:
            thread = editor.wait("event", "stopped")["body"]["threadId"]
            frame = editor.ask("stackTrace", threadId=thread)["stackFrames"][0]["id"]
            seen = editor.ask("evaluate", expression="os.environ['GREETING']", frameId=frame)["result"]
            editor.ask("setBreakpoints", source={"path": str(file)}, breakpoints=[])
            editor.ask("continue", threadId=thread)
            assert asking.communicate(timeout=PATIENCE_S)[0] == b"hallo"
        editor.ask("disconnect")
    return str(seen)


@pytest.mark.slow
def test_a_debugger_attaches_to_a_service_and_stops_it_where_it_should(project: Project) -> None:
    port = project.server("api", environment={"GREETING": "hallo"}, healthcheck={"tcp": "${port}"})
    up = project.hd("up", "-d", "--debug", "api")
    assert up.returncode == 0, up.stderr
    address = project.statuses()["api"]["debugger"]
    line = re.search(r"api is debugged: debugpy listens on (\S+); launch.json: (\{.*\})", up.stderr + up.stdout)
    assert line
    assert line[1] == address
    assert json.loads(line[2])["connect"] == {"host": "127.0.0.1", "port": int(address.split(":")[1])}
    assert f"a debugger can attach at {address}" in project.hd("ps").stdout
    assert stops_in_the_server(project, address, port) == "'hallo'"

    pid = project.statuses()["api"]["pid"]
    assert project.hd("up", "-d", "--debug", "api").returncode == 0
    assert project.statuses()["api"]["pid"] == pid, "the same again changes nothing, the port included"
    again = project.hd("up", "-d")
    assert "api is debugged no longer" in again.stderr + again.stdout
    assert project.statuses()["api"]["debugger"] == ""
    assert ask(port) == "hallo"


@pytest.mark.slow
def test_a_component_with_a_venv_of_its_own_is_debugged_in_that(project: Project) -> None:
    component = project.folder / "api"
    component.mkdir()
    (component / "requirements.txt").write_text("")
    source = {
        "path": "api",
        "setup": [{"venv": "requirements.txt"}],
        "command": ["python", "../server.py", "${port}"],
    }
    port = free_port()
    (project.folder / "server.py").write_text(SERVER)
    project.add("api", port=port, sources=[source], environment={"GREETING": "hallo"}, healthcheck={"tcp": "${port}"})
    up = project.hd("up", "-d", "--debug", "api")
    assert up.returncode == 0, up.stderr
    found = project.hd("exec", "api", "--", "python", "-c", "import sys; print(sys.prefix)").stdout.strip()
    assert found == str(component / ".venv")
    assert stops_in_the_server(project, project.statuses()["api"]["debugger"], port) == "'hallo'"


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_the_inspector_of_node_answers(project: Project) -> None:
    (project.folder / "server.js").write_text(NODE)
    project.add("web", command=["node", "server.js", "${port}"], port=free_port(), healthcheck={"http": "/"})
    up = project.hd("up", "-d", "--debug", "web")
    assert up.returncode == 0, up.stderr
    assert "chrome://inspect" in up.stderr + up.stdout
    address = project.statuses()["web"]["debugger"]
    with urlopen(f"http://{address}/json/version", timeout=PATIENCE_S) as answer:
        assert json.loads(answer.read())["Browser"].startswith("node.js/")


def test_what_cannot_be_debugged_changes_nothing(project: Project) -> None:
    project.add("api", command=["sleep", "3600"])
    refused = project.hd("up", "-d", "--debug", "api")
    assert refused.returncode == 2
    assert "[cannot-debug]" in refused.stderr
    assert project.hd("ps").returncode == 4


def test_a_service_that_runs_elsewhere_is_used_there_and_its_health_is_shown(
    project: Project, eventually: Eventually
) -> None:
    project.server("api", environment={"GREETING": "here"}, healthcheck={"http": "/", "interval": "1s"})
    told = [sys.executable, "-c", "import os, time; print('at', os.environ['API'], flush=True); time.sleep(3600)"]
    project.add("web", command=told, environment={"API": "${services.api.url}"}, depends_on=["api"])
    there = free_port()
    url = f"http://localhost:{there}"
    plan = project.hd("plan", "--external", f"api={url}").stdout
    assert re.search(rf"api +{there} +external", plan)

    with_password = url.replace("//", "//ann:hush@")
    up = project.spawn("up", "-d", "--external", f"api={with_password}")
    eventually(lambda: project.hd("ps").returncode == 1 and project.statuses()["api"]["last_probe"])
    assert f"external, and not healthy at {url}: connection refused" in project.hd("ps").stdout
    assert project.statuses()["web"]["state"] == "waiting"

    ide = subprocess.Popen([sys.executable, "server.py", str(there)], cwd=project.folder, stdout=subprocess.DEVNULL)
    try:
        assert up.wait(timeout=PATIENCE_S) == 0
        statuses = project.statuses()
        assert (statuses["api"]["state"], statuses["api"]["source"]) == ("healthy", "external")
        shown = (["ps", "--json"], ["why", "api"], ["history"], ["history", "--json"], ["plan", "--json"])
        assert not [words for words in shown if "hush" in project.hd(*words).stdout]
        eventually(lambda: f"at {with_password}" in project.hd("logs", "web").stdout)
        assert project.hd("run", "api").returncode == 7
        done = project.hd("exec", "api", "--", "sh", "-c", "echo $GREETING")
        assert done.stdout == "here\n", "what it should have where it runs"
    finally:
        ide.kill()
        ide.wait(timeout=PATIENCE_S)
    eventually(lambda: project.statuses()["api"]["state"] == "unhealthy")
    assert project.statuses()["web"]["state"] == "running", "a dependent goes on"

    again = project.hd("up", "-d")
    assert again.returncode == 0, again.stderr
    assert "api runs here again" in again.stderr + again.stdout
    assert project.statuses()["api"]["source"] == "command"
