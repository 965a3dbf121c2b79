"""`hd events` on a real stack: a dashboard, and a service whose answers the test decides."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hippodrome.wait import Deadline, until
from tests.cli.conftest import HD, PATIENCE_S, Project
from tests.events.receiving import event
from tests.stack import free_port

TYPE = "EcomIndexSettings.MODIFY"
TAKER = """
import http.server, json, pathlib, sys
here = pathlib.Path(sys.argv[2])
class Taking(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status = int((here / "status").read_text())
        if status < 300:
            with (here / "taken").open("a") as taken:
                taken.write(json.dumps([self.path, json.loads(body)]) + "\\n")
        self.send_response(status)
        self.send_header("Content-Length", "14")
        self.end_headers()
        self.wfile.write(b'{"key": "set"}')
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Taking).serve_forever()
"""


@dataclass(frozen=True)
class Taker:
    """A service of the stack, in a process of its own, whose answers the test decides by files."""

    folder: Path
    port: int

    def answer(self, status: int) -> None:
        staging = self.folder / "status.new"
        staging.write_text(str(status))
        staging.replace(self.folder / "status")

    @property
    def taken(self) -> list[Any]:
        path = self.folder / "taken"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def ids(self) -> list[str]:
        return [body["id"] for _, body in self.taken]


class Stack(Project):
    """One whose dashboard relays to a service of the test's, which the plan takes for its own."""

    def configure(self, taker: Taker) -> None:
        (taker.folder / "taker.py").write_text(TAKER)
        command = [sys.executable, str(taker.folder / "taker.py"), "${port}", str(taker.folder)]
        services = {
            "taker": {"command": command, "port": taker.port},
            "dashboard": {"port": free_port()},
            "watcher": {"enabled": False},
        }
        route = {
            "pattern": {"detail-type": [{"prefix": "EcomIndexSettings."}]},
            "service": "taker",
            "path": "/events",
        }
        said = {
            "services": services,
            "profiles": {"small": {}},
            "profile": "small",
            "events": {"via": "none", "routes": {"settings": route}},
        }
        (self.folder / "hippodrome.yaml").write_text(json.dumps(said, indent=1))

    def events(self, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*HD, "events", *arguments],
            cwd=self.folder,
            env=self._env({}),
            text=True,
            input=text,
            capture_output=True,
            timeout=PATIENCE_S,
        )

    def told(self, *arguments: str) -> Any:
        return json.loads(self.events(*arguments, "--json").stdout)


@pytest.fixture(scope="module")
def taker(tmp_path_factory: pytest.TempPathFactory) -> Taker:
    made = Taker(tmp_path_factory.mktemp("taker"), free_port())
    made.answer(200)
    return made


@pytest.fixture(scope="module")
def stack(taker: Taker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("relay")
    (folder / "p").mkdir()
    made = Stack(folder / "p", folder / "state")
    made.configure(taker)
    try:
        up = made.hd("up", "-d")
        assert up.returncode == 0, up.stdout + up.stderr
        assert "Events come by hand alone" in up.stderr + up.stdout
        yield made
    finally:
        for child in made.children:
            child.kill()
            child.communicate()
        down = made.hd("down")
    assert down.returncode == 0
    assert until(lambda: not made.pids(), Deadline(10))


@pytest.fixture(autouse=True)
def _well(taker: Taker) -> None:
    taker.answer(200)


def send(stack: Stack, key: str) -> str:
    """Its id."""
    done = stack.events("send", TYPE, "--key", f"pk=INDEX#{key}", "--json")
    return str(json.loads(done.stdout)["id"])


def test_an_event_made_from_its_short_form_is_a_whole_envelope(stack: Stack, taker: Taker) -> None:
    done = stack.events(
        "send", TYPE, "--key", "pk=INDEX#1", "--key", "sk=SETTINGS", "--new", "size=3", "--new", 'tags=["a"]'
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"✓ forwarded to localhost:{taker.port}: {{")
    path, body = taker.taken[-1]
    assert path == "/events"
    assert {*body} >= {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
    assert body["detail"]["tableName"].endswith("EcomIndexSettingsTable")
    assert body["detail"]["keys"] == {"pk": {"S": "INDEX#1"}, "sk": {"S": "SETTINGS"}}
    assert body["detail"]["newImage"]["size"] == {"N": "3"}
    assert body["detail"]["newImage"]["tags"] == {"L": [{"S": "a"}]}
    assert body["id"] in stack.events("show", body["id"][:8]).stdout


def test_events_come_from_a_file_or_standard_input_too(stack: Stack, taker: Taker, tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(json.dumps([event("f1", id="f1"), event("f2", id="f2")]))
    assert stack.events("send", str(file)).returncode == 0
    lines = "\n".join(json.dumps(event(key, id=key)) for key in ("l1", "l2"))
    assert stack.events("send", "-", text=lines).returncode == 0
    assert taker.ids[-4:] == ["f1", "f2", "l1", "l2"]
    again = stack.events("send", str(file))
    assert again.returncode == 0 and "came before" in again.stdout
    assert taker.ids[-4:] == ["f1", "f2", "l1", "l2"]


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        (("send", "-"), "{", "standard input: no JSON"),
        (("send", "-"), "[]\n[]", "no JSON"),
        (("send", "-"), '{"a": 1}\n{"a"', "standard input:2: no JSON"),
        (("send", "nothing"), None, "`nothing` is no file"),
        (("send", TYPE, "--key", "pk"), None, "`pk` is not NAME=VALUE"),
        (("show", "nothing"), None, "no event `nothing`"),
        (("replay",), None, "Name events by their ids"),
        (("replay", "x", "--dead"), None, "Name events by their ids"),
        (("explain", "nothing"), None, "no event `nothing`"),
        (("lst",), None, "Did you mean `list`?"),
    ],
)
def test_what_cannot_be_meant_is_one_message(
    stack: Stack, arguments: tuple[str, ...], text: str | None, said: str
) -> None:
    done = stack.events(*arguments, text=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and "Traceback" not in done.stderr


def test_what_is_not_taken_has_an_exit_code_of_its_own(stack: Stack, taker: Taker) -> None:
    assert stack.events("send", "-", text='{"source": "x"}').returncode == 1
    assert stack.events("send", "Prices.INSERT", "--key", "pk=1").returncode == 1
    taker.answer(503)
    queued = stack.events("send", TYPE, "--key", "pk=INDEX#q")
    assert queued.returncode == 5 and "… queued for localhost:" in queued.stdout
    taker.answer(200)
    assert until(lambda: stack.told("list", "--key", "INDEX#q")["events"][0]["state"] == "delivered", Deadline(30))


def test_dead_letters_are_listed_with_their_reason_and_replayed(stack: Stack, taker: Taker) -> None:
    taker.answer(422)
    identifier = send(stack, "dead")
    dead = stack.events("dead")
    assert dead.returncode == 1 and "answered 422" in dead.stdout and identifier[:8] in dead.stdout
    taker.answer(200)
    done = stack.events("replay", "--dead")
    assert done.returncode == 0 and done.stdout.startswith("1 events are delivered again")
    assert until(lambda: stack.events("dead").returncode == 0, Deadline(30))
    assert stack.told("show", identifier)["deliveries"][0]["replays"] == 1
    assert stack.events("replay", identifier[:8]).returncode == 0


def test_an_event_is_explained_clause_by_clause(stack: Stack) -> None:
    found = stack.events("explain", send(stack, "why"))
    assert found.returncode == 0
    settings, clause, wanted, rules, other, *_ = found.stdout.splitlines()
    assert settings == "✓ route settings → taker/events: matches"
    assert (clause, wanted) == (
        f'    ✓ detail-type is "{TYPE}"',
        '      wanted [{"prefix": "EcomIndexSettings."}]',
    )
    assert rules.endswith("does not match") and other.lstrip().startswith("✗ detail-type is")
    missed = stack.events("explain", "-", text=json.dumps(event(detail_type="Prices.INSERT")))
    assert missed.returncode == 1


def test_routes_say_where_they_lead(stack: Stack, taker: Taker) -> None:
    told = stack.events("routes").stdout
    assert f"settings → taker :{taker.port}/events" in told
    assert "merchandising → merchandising_exporter (not in this stack: not in profile `small`" in told


def test_a_tail_tells_what_comes_where_it_goes_and_what_is_answered(stack: Stack, taker: Taker) -> None:
    tail = stack.spawn("events", "tail", "-n", "0", "--timeout", "30")
    lines: list[str] = []
    reading = threading.Thread(target=lambda: lines.extend(tail.stdout or ()))
    reading.start()
    first = ""

    def has_begun() -> bool:  # it may begin after the first event
        nonlocal first
        first = send(stack, "tail")
        return any(first in line for line in lines)

    assert until(has_begun, Deadline(20), pause_s=0.5)
    taker.answer(503)
    second = send(stack, "late")
    taker.answer(200)
    assert until(lambda: any(f"[{second}]" in line for line in lines), Deadline(20))
    assert until(lambda: any("<-- [503]" in line and "to be tried again" in line for line in lines), Deadline(20))
    again = json.dumps({**event("tail"), "id": first})
    stack.events("send", "-", text=again)
    assert until(lambda: any("×2" in line for line in lines), Deadline(20))
    tail.send_signal(signal.SIGINT)
    assert tail.wait(20) == 0
    reading.join()
    at = next(index for index, line in enumerate(lines) if first in line)
    assert lines[at] == f"--> {TYPE} INDEX#tail [{first}]\n"
    assert lines[at + 1] == "=== route settings ✓\n"
    assert lines[at + 2].startswith("=== route merchandising ✗ detail-type is")
    assert lines[at + 3].startswith(f"<-- [200] POST :{taker.port}/events ")


def test_a_list_fits_eighty_columns_and_sums_up(stack: Stack) -> None:
    send(stack, "listed")
    lines = stack.events("list", "-n", "5").stdout.splitlines()
    assert lines[0].split() == ["TIME", "STATE", "EVENT", "TO", "ID", "KEY"]
    assert all(len(line) <= 80 for line in lines)
    assert lines[-2].startswith("Events: ") and lines[-1] == "Events come by hand alone."


def test_what_is_queued_survives_kill_9_of_the_dashboard_and_of_supervisord(stack: Stack, taker: Taker) -> None:
    taker.answer(503)
    before = send(stack, "kept")
    for victim in ("dashboard", "supervisord"):
        pid = (
            stack.statuses()["dashboard"]["pid"]
            if victim == "dashboard"
            else int(next(stack.state.glob("hippodrome/*/supervisord.pid")).read_text())
        )
        os.kill(pid, signal.SIGKILL)
        assert until(
            lambda: stack.hd("ps", "dashboard").returncode == 0 and stack.events("list").returncode == 0, Deadline(60)
        )
        assert stack.told("show", before)["state"] == "queued"
    taker.answer(200)
    assert until(lambda: stack.told("show", before)["state"] == "delivered", Deadline(60))


def test_the_record_can_be_read_when_nothing_runs(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    project = Stack(tmp_path / "p", tmp_path / "state")
    (project.folder / "hippodrome.yaml").write_text("packaged: false\nservices: {a: {command: sleep 1}}\n")
    listed = project.events("list")
    assert listed.returncode == 0 and "No events here yet" in listed.stdout
    assert project.events("send", TYPE).returncode == 4
