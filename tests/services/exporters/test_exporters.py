"""From an event through DynamoDB to the worker's KV; order, repeats and absence do no harm."""

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import boto3
import pytest

from hippodrome.services.common.aws import Names, stored
from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, Service, services_in

SETTINGS, RULES = "ecom_settings_exporter", "merchandising_exporter"


@dataclass
class Kv:
    """What stands for the worker's KV: values by key, and how often anything was written."""

    url: str = ""
    values: dict[str, str] = field(default_factory=dict)
    writes: int = 0


@pytest.fixture(scope="module")
def kv() -> Iterator[Kv]:
    kept = Kv()

    class Keeping(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            kept.values[self.key] = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer()

        def do_DELETE(self) -> None:
            kept.values.pop(self.key, None)
            self.answer()

        @property
        def key(self) -> str:
            return unquote(self.path.removeprefix("/__local/kv/"))

        def answer(self) -> None:
            kept.writes += 1
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keeping)
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def running(kv: Kv, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Service]]:
    with services_in(tmp_path_factory.mktemp("exporters"), SETTINGS, RULES) as found:
        found["moto"].start()
        put(found, "settings", {"pk": "early", "sk": "INDEX#x", "settings": {"collapse": True}, "version": 1})
        for name in (SETTINGS, RULES):
            found[name].start(GLOBAL_WORKER_URL=kv.url)
        yield found


def table(running: dict[str, Service], which: str) -> Any:
    moto = running["moto"]
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    name = getattr(Names(moto.environment["TABLE_PREFIX"]), which)
    return boto3.resource("dynamodb", endpoint_url=moto.url, **keys).Table(name)


def put(running: dict[str, Service], which: str, item: dict[str, Any]) -> None:
    table(running, which).put_item(Item=stored(item))


def tell(running: dict[str, Service], exporter: str, pk: str, sk: str | None = None) -> Any:
    keys = {"pk": {"S": pk}, **({"sk": {"S": sk}} if sk else {})}
    envelope = {"source": "marqo.dynamodb", "detail-type": "x", "detail": {"eventName": "MODIFY", "keys": keys}}
    answer = running[exporter].ask("POST", "/events", json=envelope)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["status"] == "success"
    return told["result"]


def test_what_was_there_before_is_exported_at_the_start(running: dict[str, Service], kv: Kv) -> None:
    assert until(lambda: "settings:early-x" in kv.values, Deadline(PATIENCE_S))


@pytest.mark.parametrize("keys", [("acme", "INDEX#shop"), ("INDEX#acme-shop", "SETTINGS"), ("INDEX#acme-shop", None)])
def test_settings_are_exported_by_either_key(
    running: dict[str, Service], kv: Kv, keys: tuple[str, str | None]
) -> None:
    put(running, "settings", {"pk": "acme", "sk": "INDEX#shop", "settings": {"synonyms": [["a", "b"]]}, "version": 7})
    kv.values.pop("settings:acme-shop", None)
    assert tell(running, SETTINGS, *keys) == {"key": "settings:acme-shop", "version": 7}
    assert kv.values["settings:acme-shop"] == '{"version": 7, "synonyms": [["a", "b"]]}'


def test_what_is_gone_is_deleted_however_often_it_is_told(running: dict[str, Service], kv: Kv) -> None:
    put(running, "settings", {"pk": "acme", "sk": "INDEX#old", "settings": {}, "version": 1})
    tell(running, SETTINGS, "acme", "INDEX#old")
    table(running, "settings").delete_item(Key={"pk": "acme", "sk": "INDEX#old"})
    for _ in range(2):
        assert tell(running, SETTINGS, "acme", "INDEX#old") == {"key": "settings:acme-old", "deleted": True}
    assert "settings:acme-old" not in kv.values


def test_all_rules_of_an_index_go_together_and_their_version_changes_with_them(
    running: dict[str, Service], kv: Kv
) -> None:
    versions = []
    for number in range(2):
        rule = {"id": str(number), "type": "hide", "filter": "a:1", "strength": 1.5}
        put(running, "merchandising", {"pk": "INDEX#acme-shop", "sk": f"RULE#{number}", "rule": rule, "version": 1})
        versions.append(tell(running, RULES, "INDEX#acme-shop", f"RULE#{number}")["version"])
    assert versions[0] != versions[1]
    assert kv.values["merch:acme-shop"].count('"hide"') == 2
    assert '"strength": 1.5' in kv.values["merch:acme-shop"]
    assert tell(running, RULES, "INDEX#acme-shop", "RULE#0")["version"] == versions[1]


def test_keys_that_name_no_index_are_passed_over(running: dict[str, Service]) -> None:
    assert "skipped" in tell(running, RULES, "RULE#123")
    assert "skipped" in tell(running, SETTINGS, "acme", "SOMETHING#else")


@pytest.mark.parametrize(
    "body",
    [{}, {"detail": {}}, {"detail": {"eventName": "MODIFY", "keys": {"pk": "plain"}}}, {"detail": 7},
     {"detail": {"eventName": "DROP", "keys": {"pk": {"S": "x"}}}}],
)  # fmt: skip
def test_what_is_no_change_of_a_table_is_refused(running: dict[str, Service], body: Any) -> None:
    for exporter in (SETTINGS, RULES):
        answer = running[exporter].ask("POST", "/events", json=body)
        assert answer.status_code == 400
        assert {"message", "code", "type", "link"} <= answer.json().keys()


def test_everything_can_be_exported_again(running: dict[str, Service], kv: Kv) -> None:
    put(running, "settings", {"pk": "again", "sk": "INDEX#x", "settings": {}, "version": 2})
    kv.values.clear()
    assert running[SETTINGS].ask("POST", "/resync").json()["result"]["exported"] >= 2
    assert {"settings:early-x", "settings:again-x"} <= kv.values.keys()


def test_a_worker_that_is_away_is_told_so_that_the_event_comes_again(running: dict[str, Service]) -> None:
    running[SETTINGS].end()
    running[SETTINGS].start(GLOBAL_WORKER_URL="http://127.0.0.1:9")
    envelope = {"detail": {"eventName": "MODIFY", "keys": {"pk": {"S": "acme"}, "sk": {"S": "INDEX#shop"}}}}
    assert running[SETTINGS].ask("POST", "/events", json=envelope).status_code == 503
    running[SETTINGS].end()
    running[SETTINGS].start(GLOBAL_WORKER_URL="")
    assert "skipped" in running[SETTINGS].ask("POST", "/events", json=envelope).json()["result"]
