"""`hd data`, `hd reset` and `hd seed`, as a person calls them."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from hippodrome.errors import ExitCode
from tests.cli.conftest import PATIENCE_S, Project
from tests.stack import free_port

NOTES = """
import http.server, os, pathlib, sys
file = pathlib.Path(os.environ['DATA_DIR']) / 'notes'
class Notes(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write(file.read_bytes() if file.exists() else b'')
    def do_POST(self):
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open('ab') as notes:
            notes.write(self.rfile.read(int(self.headers['content-length'])))
        self.do_GET()
    def log_message(self, *_): pass
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Notes).serve_forever()
"""


@dataclass(frozen=True)
class Notes:
    """A service that keeps what it is sent, in a project."""

    project: Project
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def up(self) -> None:
        started = self.project.hd("up", "-d")
        assert started.returncode == 0, started.stdout + started.stderr

    def write(self, text: str) -> None:
        assert requests.post(self.url, data=text, timeout=PATIENCE_S).ok

    @property
    def text(self) -> str:
        assert self.project.hd("wait").returncode == 0
        return requests.get(self.url, timeout=PATIENCE_S).text


@pytest.fixture
def notes(project: Project) -> Notes:
    made = Notes(project, free_port())
    (project.folder / "notes.py").write_text(NOTES)
    project.add(
        "notes",
        command=[sys.executable, "notes.py", "${port}"],
        port=made.port,
        environment={"DATA_DIR": "${data_dir}"},
        healthcheck={"http": "/"},
    )
    return made


def test_data_is_saved_by_name_put_back_and_emptied(notes: Notes) -> None:
    notes.up()
    notes.write("first ")
    saved = notes.project.hd("data", "save", "before")
    assert saved.returncode == 0
    assert "Saved `before`: 6 B of notes." in saved.stdout
    assert notes.text == "first "
    notes.write("second")
    loaded = notes.project.hd("data", "load", "before", "--yes")
    assert "Loaded `before`: notes." in loaded.stdout
    assert notes.text == "first "
    emptied = notes.project.hd("reset", "--yes")
    assert "Emptied notes." in emptied.stdout
    assert notes.text == ""
    assert "before" in notes.project.hd("data", "list").stdout
    (told,) = json.loads(notes.project.hd("data", "list", "--json").stdout)
    assert (told["name"], told["services"], told["size"]) == ("before", ["notes"], 6)


@pytest.mark.parametrize("command", [["reset"], ["data", "load", "kept"]])
def test_nothing_is_lost_without_a_yes(notes: Notes, command: list[str]) -> None:
    notes.up()
    notes.write("mine")
    assert notes.project.hd("data", "save", "kept").returncode == 0
    refused = notes.project.hd(*command)
    assert refused.returncode == 2
    assert "losing data needs a yes" in refused.stderr
    assert notes.text == "mine"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["data", "save", "kept"], "there is a snapshot `kept` already"),
        (["data", "save", "../x"], "cannot name a snapshot"),
        (["data", "load", "kep", "--yes"], "Did you mean `kept`?"),
        (["data", "delete", "other"], "there is no snapshot `other`"),
        (["reset", "note", "--yes"], "Did you mean `notes`?"),
    ],
)
def test_a_mistake_is_told_and_changes_nothing(notes: Notes, command: list[str], told: str) -> None:
    notes.up()
    notes.write("mine")
    assert notes.project.hd("data", "save", "kept").returncode == 0
    refused = notes.project.hd(*command)
    assert refused.returncode in (2, 7)
    assert told in refused.stderr
    assert notes.text == "mine"


def test_there_may_be_nothing_to_empty_or_to_list(project: Project) -> None:
    project.server("api")
    assert project.hd("reset").stdout == "There is no data.\n"
    assert project.hd("data", "list").stdout == "No snapshots yet; `hd data save NAME` makes one.\n"


def test_seeding_needs_a_shop_and_never_touches_real_data(project: Project) -> None:
    project.server("api")
    assert project.hd("seed").returncode == 4
    text = json.loads((project.folder / "hippodrome.yaml").read_text())
    real = {"confirm": True, "url": "https://cell.example.com"}
    text["cells"] = {"local": {"service": "api"}, "real": real}
    (project.folder / "hippodrome.yaml").write_text(json.dumps(text))
    assert project.hd("up", "-d").returncode == 0
    for command in ("seed", "e2e"):
        without = project.hd(command)
        assert (without.returncode, "has no admin_server and no search_proxy" in without.stderr) == (4, True)
    assert project.hd("up", "-d", "--cell", "real", "--yes").returncode == 0
    refused = project.hd("seed")
    assert refused.returncode == 2
    assert "is never done to real data" in refused.stderr


@dataclass(frozen=True)
class Second:
    """Another worktree of the same project, whose stack has not run yet."""

    notes: Notes

    def up(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.notes.project.hd("up", "-d", *arguments)


@pytest.fixture
def second(notes: Notes, tmp_path: Path) -> Iterator[Second]:
    folder = tmp_path / "second"
    shutil.copytree(notes.project.folder, folder)
    project = Project(folder, notes.project.state, json.loads(json.dumps(notes.project.services)))
    project.services["notes"]["port"] = port = free_port()
    project.write()
    yield Second(Notes(project, port))
    project.hd("down", "--now")


def test_a_stack_begins_with_the_data_of_another_which_goes_on(notes: Notes, second: Second) -> None:
    notes.up()
    notes.write("first ")
    assert notes.project.hd("data", "save", "before").returncode == 0
    assert notes.text == "first "
    notes.write("later")
    up = second.up("--data-from", "a project")
    assert up.returncode == 0, up.stderr
    assert "Data of notes copied from a project." in up.stdout + up.stderr
    assert second.notes.text == "first later"
    second.notes.write(" and more")
    assert notes.text == "first later"

    there = second.up("--data-from", "a project")
    assert there.returncode == ExitCode.CONFLICT
    assert "data-there" in there.stderr
    assert second.notes.project.hd("reset", "--yes").returncode == 0
    assert second.up("--data-from", "a project@before").returncode == 0
    assert second.notes.text == "first "


@pytest.mark.parametrize(
    ("said", "code"),
    [("a projekt", "unknown-instance"), ("a project@never", "unknown-snapshot"), ("a project", "no-data")],
)
def test_data_that_is_not_there_starts_nothing(notes: Notes, second: Second, said: str, code: str) -> None:
    notes.up()
    done = second.up("--data-from", said)
    assert code in done.stderr
    assert done.returncode in (ExitCode.USAGE, ExitCode.CONFLICT)
    assert second.notes.project.hd("ps").returncode == ExitCode.NOT_RUNNING


def test_data_of_a_service_that_is_not_here_starts_nothing(notes: Notes, second: Second) -> None:
    notes.up()
    notes.write("theirs")
    project = second.notes.project
    project.services.clear()
    project.server("api")
    done = second.up("--data-from", "a project")
    assert done.returncode == ExitCode.CONFLICT
    assert "has data of `notes`, which no service is called here [data-differs]" in done.stderr
    assert project.hd("ps").returncode == ExitCode.NOT_RUNNING
    assert project.hd("up", "--plan-only", "--data-from", "nobody").returncode == ExitCode.USAGE
