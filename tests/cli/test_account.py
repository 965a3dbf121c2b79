"""A stack on an AWS account, for which a real moto stands: its tables are looked for before anything starts."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from hippodrome.errors import ExitCode
from hippodrome.events.names import feeds
from tests.cli.conftest import Project
from tests.control.test_account import KNOWN

PREFIX = "dev-shop-"
KEYS = {"AWS_ACCESS_KEY_ID": "ada", "AWS_SECRET_ACCESS_KEY": "lovelace", "AWS_DEFAULT_REGION": "eu-west-1"}
SETTINGS, RULES = (feed.table for feed in feeds(PREFIX))


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    made = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    made.start()
    yield "http://{}:{}".format(*made.get_host_and_port())
    made.stop()


@pytest.fixture
def account(aws: str) -> str:
    """Without tables."""
    requests.post(f"{aws}/moto-api/reset", timeout=30).raise_for_status()
    return aws


@pytest.fixture
def stack(project: Project) -> Project:
    project.server("api", environment={"TABLE_PREFIX": "${table_prefix}"})
    return project


@pytest.fixture
def denying() -> Iterator[str]:
    """An account that knows who is calling and lets them look at nothing."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            is_sts = "X-Amz-Target" not in self.headers
            body = KNOWN if is_sts else json.dumps({"__type": "AccessDeniedException", "message": "no"})
            self.send_response(200 if is_sts else 400)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def deploy(url: str, *tables: str) -> None:
    keys = {"aws_access_key_id": "ada", "aws_secret_access_key": "lovelace", "region_name": "eu-west-1"}
    client: Any = boto3.client("dynamodb", endpoint_url=url, **keys)
    for table in tables:
        client.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        )


def up(project: Project, url: str) -> Any:
    return project.hd("up", "-d", "--aws", "account", "--table-prefix", PREFIX, AWS_ENDPOINT_URL=url, **KEYS)


def test_tables_that_are_missing_are_one_line_and_nothing_starts(stack: Project, account: str) -> None:
    done = up(stack, account)
    assert done.returncode == ExitCode.FAILED
    problem, hint, _ = done.stderr.splitlines()
    assert problem == f"the account has no table {SETTINGS} and {RULES} in eu-west-1 [no-aws-tables]"
    assert "--table-prefix" in hint
    assert stack.hd("ps").returncode == ExitCode.NOT_RUNNING


def test_only_the_table_that_is_missing_is_named(stack: Project, account: str) -> None:
    deploy(account, SETTINGS)
    assert f"no table {RULES} in eu-west-1" in up(stack, account).stderr


def test_a_stack_whose_tables_are_there_starts(stack: Project, account: str) -> None:
    deploy(account, SETTINGS, RULES)
    done = up(stack, account)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tables" in done.stdout  # whose account it is, and under which prefix
    assert "not known" not in done.stdout


def test_a_stack_without_tables_is_not_asked_for_them(project: Project, account: str) -> None:
    project.server("api")
    assert up(project, account).returncode == 0


def test_a_table_that_nobody_may_look_at_is_said_and_stops_nothing(stack: Project, denying: str) -> None:
    done = up(stack, denying)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "whether the tables are there is not known: dynamodb:DescribeTable is denied." in done.stdout
