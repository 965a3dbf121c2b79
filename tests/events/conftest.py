"""A real moto seeded as the stack's, an AWS whose answers a test gives, and who calls `hd events validate`."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from hippodrome.events.deployed import moto_at
from hippodrome.events.names import feeds
from hippodrome.events.validate import Check, validate
from hippodrome.services.common.aws import Names
from hippodrome.services.moto.seeding import seed

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "dev-main-"
SETTINGS, RULES = feeds(PREFIX)
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
HD = [sys.executable, "-I", str(ROOT / "hippodrome" / "cli" / "__main__.py"), "events"]
ROLE = "arn:aws:iam::123456789012:role/pipes"


@dataclass
class Moto:
    """A moto, seeded as the stack's own is."""

    url: str

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
        return boto3.client(service, endpoint_url=self.url, **keys)

    def checks(self) -> dict[str, Check]:
        """By the beginning of their names: `pipe dev-main-MerchandisingEventPipe feeds`."""
        return {" ".join(c.name.split()[:3]): c for c in validate(moto_at(self.url), PREFIX)}

    def failed(self) -> dict[str, str]:
        return {name: check.found for name, check in self.checks().items() if check.outcome == "failed"}

    def pipe(self, name: str, **changed: str) -> None:
        """Made again, with another source or target."""
        pipes = self.client("pipes")
        told = pipes.describe_pipe(Name=name)
        pipes.delete_pipe(Name=name)
        pipes.create_pipe(Name=name, RoleArn=ROLE, **{"Source": told["Source"], "Target": told["Target"], **changed})

    def view(self, table: str, view: str) -> None:
        """The table made again with such a stream: moto cannot turn one on again."""
        client = self.client("dynamodb")
        told = client.describe_table(TableName=table)["Table"]
        client.delete_table(TableName=table)
        kept = {key: told[key] for key in ("TableName", "KeySchema", "AttributeDefinitions")}
        stream = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": view}} if view else {}
        client.create_table(BillingMode="PAY_PER_REQUEST", **kept, **stream)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    made = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    made.start()
    yield "http://{}:{}".format(*made.get_host_and_port())
    made.stop()


@pytest.fixture
def moto(server: str) -> Moto:
    requests.post(f"{server}/moto-api/reset", timeout=30).raise_for_status()
    made = Moto(server)
    seed(made.client, Names(PREFIX))
    return made


@dataclass
class Caller:
    """Who calls the command, from a project of their own, with nothing of this machine's AWS."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "HIPPODROME_"))
        }
        own = {
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "HIPPODROME_REGISTRY": str(self.folder / "registry"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "PYTHONPATH": str(ROOT),
        }
        return subprocess.run(
            [*HD, "validate", *arguments],
            cwd=self.folder,
            env={**inherited, **own, **self.environ, **environ},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def asks(self, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """An account at `url`."""
        return self.run("--table-prefix", PREFIX, *arguments, AWS_ENDPOINT_URL=url, **KEYS)


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    (tmp_path / "hippodrome.yaml").write_text("{}\n")
    return Caller(tmp_path)


Answer = tuple[int, str]


@pytest.fixture
def standin() -> Iterator[Callable[[Callable[[str], Answer]], str]]:
    """An AWS whose answers a test gives, by the operation (`DescribePipe`). Returns its URL."""
    servers = list[ThreadingHTTPServer]()

    def start(answer: Callable[[str], Answer]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.reply(self.headers["X-Amz-Target"].rpartition(".")[2])

            def do_GET(self) -> None:
                self.reply("DescribePipe")

            def reply(self, operation: str) -> None:
                status, body = answer(operation)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                pass

        made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=made.serve_forever, daemon=True).start()
        servers.append(made)
        return f"http://127.0.0.1:{made.server_port}"

    yield start
    for made in servers:
        made.shutdown()
        made.server_close()


def denied(operation: str) -> Answer:
    said = f"User: arn:aws:iam::123456789012:user/ann is not authorized to perform: {operation}"
    return 400, json.dumps({"__type": "AccessDeniedException", "message": said})
