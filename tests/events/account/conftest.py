"""An account (moto's own server), stand-ins for the tunnels, and a webhook that keeps what it is sent."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from hippodrome.events.account.journal import Journal
from hippodrome.events.names import feeds
from hippodrome.plan.layout import Layout
from hippodrome.wait import Deadline, until
from tests.stack import free_port

PATIENCE_S = 60.0
PREFIX = "dev-ada-"
STAND_IN = Path(__file__).with_name("stand_in.py")
PROGRAM = Path(__file__).resolve().parents[3] / "hippodrome" / "events" / "account" / "__main__.py"
REGION = "eu-west-1"
TABLE = f"{PREFIX}EcomIndexSettingsTable"
EVENT = {"source": "marqo.dynamodb", "detail-type": "EcomIndexSettings.MODIFY", "detail": {"tableName": TABLE}}


def eventually(question: Callable[[], Any], what: str) -> Any:
    answer = until(question, Deadline(PATIENCE_S), pause_s=0.02)
    assert answer, f"never: {what}"
    return answer


@cache
def _client(url: str, service: str) -> Any:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(service, endpoint_url=url, region_name=REGION, **keys)


@dataclass
class Aws:
    """An account at `url`."""

    url: str

    def client(self, service: str) -> Any:
        return _client(self.url, service)

    @property
    def environ(self) -> dict[str, str]:
        keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}
        return {**keys, "AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true"}

    def deploy(self) -> None:
        """Its tables and buses."""
        for feed in feeds(PREFIX):
            self.client("events").create_event_bus(Name=feed.bus)
            self.client("dynamodb").create_table(
                TableName=feed.table,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            )

    def put(self, table: str, **detail: Any) -> None:
        """An event, as the production pipes put it on the first bus."""
        told = {"eventName": "MODIFY", "tableName": table, "keys": {"pk": {"S": "INDEX#1"}}, **detail}
        entry = {"Source": "marqo.dynamodb", "DetailType": "EcomIndexSettings.MODIFY", "Detail": json.dumps(told)}
        answer = self.client("events").put_events(Entries=[{**entry, "EventBusName": feeds(PREFIX)[0].bus}])
        assert not answer.get("FailedEntryCount"), answer

    @property
    def left(self) -> list[str]:
        """All that local stacks have made, but for the role."""
        events, sqs = self.client("events"), self.client("sqs")
        found = [f"rule {each['Name']}" for bus in self.buses for each in _rules(events, bus)]
        found += [f"connection {each['Name']}" for each in events.list_connections()["Connections"]]
        found += [f"destination {each['Name']}" for each in events.list_api_destinations()["ApiDestinations"]]
        return found + [f"queue {url.rpartition('/')[2]}" for url in sqs.list_queues().get("QueueUrls", [])]

    @property
    def buses(self) -> list[str]:
        return [each["Name"] for each in self.client("events").list_event_buses()["EventBuses"]]

    @property
    def roles(self) -> list[str]:
        return [each["RoleName"] for each in self.client("iam").list_roles()["Roles"]]


def _rules(events: Any, bus: str) -> list[Any]:
    found: list[Any] = events.list_rules(EventBusName=bus)["Rules"]
    return found


@pytest.fixture(scope="package")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(moto: str) -> Iterator[Aws]:
    """Empty but for the two tables and their buses."""
    requests.post(f"{moto}/moto-api/reset", timeout=PATIENCE_S).raise_for_status()
    account = Aws(moto)
    account.deploy()
    yield account


CHANGING = ("Create", "Put", "Update", "Set", "Tag")


@dataclass
class Gate:
    """Stands before an account and hears every call. `judge` may refuse one, or do something before or after it."""

    behind: str
    judge: Callable[[str], str] = lambda _: "pass"
    after: Callable[[str], None] = lambda _: None
    calls: list[str] = field(default_factory=list)

    def changes(self) -> list[str]:
        """The calls that make something."""
        return [each for each in self.calls if each.startswith(CHANGING) and each != "PutEvents"]


@pytest.fixture
def gate(aws: Aws) -> Iterator[tuple[Gate, Aws]]:
    """The gate, and the account as seen through it."""
    made = Gate(aws.url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            target = self.headers.get("X-Amz-Target", "")
            operation = target.rpartition(".")[2] or parse_qs(body.decode())["Action"][0]
            made.calls.append(operation)
            if made.judge(operation) == "deny":
                self._deny(operation, is_json=bool(target))
                return
            host = made.behind.removeprefix("http://")
            connection = HTTPConnection(host, timeout=PATIENCE_S)
            connection.request("POST", self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            told = answer.read()
            connection.close()
            made.after(operation)
            self._send(answer.status, told, answer.headers.get("Content-Type", ""))

        def _deny(self, operation: str, *, is_json: bool) -> None:
            said = f"User: arn:aws:iam::123456789012:user/ada is not authorized to perform: some:{operation}"
            if is_json:
                told = {"__type": "AccessDeniedException", "message": said}
                self._send(400, json.dumps(told).encode(), "application/x-amz-json-1.1")
            else:
                error = f"<Error><Code>AccessDenied</Code><Message>{said}</Message></Error>"
                self._send(403, f"<ErrorResponse>{error}</ErrorResponse>".encode(), "text/xml")

        def _send(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def handle(self) -> None:
            with suppress(OSError):  # whoever asked was killed
                super().handle()

        def log_message(self, *_: object) -> None:
            pass

    with _serving(Handler) as url:
        yield made, Aws(url)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _serving:  # noqa: N801 - a context manager
    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._server = _Server(("127.0.0.1", 0), handler)

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Hook:
    """What came to the webhook, and what it answers."""

    url: str = ""
    status: int = 200
    answer: bytes = b'{"webhook_status":"forwarded"}'
    events: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def of_people(self) -> list[Any]:
        """Without the proofs."""
        return [each for each in self.events if "HIPPODROME#PROOF" not in json.dumps(each)]


@pytest.fixture
def hook() -> Iterator[Hook]:
    """As the dashboard: it has other paths too, which must never be reached."""
    made = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            made.headers.append({name.lower(): value for name, value in self.headers.items()})
            made.events.append({"path": self.path, "body": json.loads(body)})
            self.send_response(made.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(made.answer)))
            self.end_headers()
            self.wfile.write(made.answer)

        def log_message(self, *_: object) -> None:
            pass

    with _serving(Handler) as url:
        made.url = f"{url}/webhook/eventbridge"
        yield made


@dataclass
class Tools:
    """A folder of stand-ins, first on the PATH."""

    folder: Path

    def install(self, *names: str) -> None:
        for name in names:
            path = self.folder / name
            path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{STAND_IN}" "{self.folder}" {name} "$@"\n')
            path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def faults(self, **faults: Any) -> None:
        staging = self.folder / "faults.new"
        staging.write_text(json.dumps(faults))
        staging.replace(self.folder / "faults.json")

    @property
    def path(self) -> str:
        """Without what the machine may have."""
        return f"{self.folder}:/usr/bin:/bin"

    def told(self, name: str) -> dict[str, Any] | None:
        """The stand-in's pid, public address and port, once it is open."""
        try:
            found: dict[str, Any] = json.loads((self.folder / f"{name}.json").read_text())
        except FileNotFoundError:
            return None
        return found

    def starts(self, name: str) -> int:
        try:
            return (self.folder / f"{name}.starts").stat().st_size
        except FileNotFoundError:
            return 0


def key_of(aws: Aws) -> tuple[str, str]:
    """Header and value that EventBridge would send, from the connection and its secret."""
    (connection,) = aws.client("events").list_connections()["Connections"]
    told = aws.client("events").describe_connection(Name=connection["Name"])
    header: str = told["AuthParameters"]["ApiKeyAuthParameters"]["ApiKeyName"]
    secret = aws.client("secretsmanager").get_secret_value(SecretId=told["SecretArn"])["SecretString"]
    value: str = json.loads(secret)["api_key_value"]
    return header, value


def through(tools: Tools, path: str, *, tool: str = "cloudflared", method: str = "POST", **more: Any) -> Any:
    """As it comes from the internet: to the public address, which the stand-in's port stands for."""
    told = tools.told(tool)
    assert told
    headers = {"Host": told["url"].removeprefix("https://"), **more.pop("headers", {})}
    return requests.request(method, f"http://127.0.0.1:{told['port']}{path}", headers=headers, timeout=30, **more)


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    folder = tmp_path / "tools"
    folder.mkdir()
    return Tools(folder)


@dataclass
class Life:
    """One life of the program, as supervisord would start it."""

    run_dir: Path
    environ: dict[str, str]
    popen: subprocess.Popen[str]
    log_path: Path

    @property
    def port(self) -> int:
        return int(self.environ["PORT"])

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def health(self) -> dict[str, Any]:
        """Empty while nobody answers."""
        try:
            told: dict[str, Any] = requests.get(f"http://127.0.0.1:{self.port}/health", timeout=5).json()
        except requests.ConnectionError:
            return {}
        return told

    def wait_until_ready(self) -> dict[str, Any]:
        def is_ready() -> dict[str, Any] | None:
            assert self.popen.poll() is None, self.log
            told = self.health()
            return told if told.get("status") == "ok" else None

        found: dict[str, Any] = until(is_ready, Deadline(PATIENCE_S), pause_s=0.05) or {}
        assert found, self.log
        return found

    def end(self, number: int = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(PATIENCE_S)

    @property
    def journal(self) -> Journal:
        return Journal(Layout(self.run_dir, self.run_dir))


Start = Callable[..., Life]


@pytest.fixture
def start(tmp_path: Path, tools: Tools, hook: Hook) -> Iterator[Start]:
    """Starts the program. Afterwards none runs, and no tunnel."""
    lives: list[Life] = []
    run_dir = tmp_path / "run"
    run_dir.mkdir()

    def begin(account: Aws, via: str = "tunnel", **more: str) -> Life:
        environ = {
            "PATH": tools.path,
            "HOME": str(tmp_path),
            **account.environ,
            "RUN_DIR": str(run_dir),
            "PORT": str(free_port()),
            "TABLE_PREFIX": PREFIX,
            "EVENTS_VIA": via,
            "RELAY_URL": hook.url,
            **more,
        }
        log = tmp_path / f"log-{len(lives)}"
        with log.open("w") as out:
            argv = [sys.executable, "-I", str(PROGRAM)]
            popen = subprocess.Popen(argv, env=environ, stdout=out, stderr=subprocess.STDOUT, text=True)
        lives.append(Life(run_dir, environ, popen, log))
        return lives[-1]

    yield begin
    for life in lives:
        if life.popen.poll() is None:
            life.end(signal.SIGKILL)
    for name in ("cloudflared", "ngrok"):
        if told := tools.told(name):
            with suppress(ProcessLookupError):
                os.kill(told["pid"], signal.SIGKILL)
