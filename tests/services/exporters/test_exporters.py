"""From an event through DynamoDB to the worker's KV; order, repeats and absence do no harm."""

import http.server
import itertools
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import boto3
import pytest

from hippodrome.services.common.aws import Names, stored
from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, Service, services_in
from tests.services.described import ask_all
from tests.stack import free_port

SETTINGS, RULES = "ecom_settings_exporter", "merchandising_exporter"


@dataclass
class Kv:
    """What stands for the worker's KV: values by key, and what it does to those who write."""

    url: str = ""
    values: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    pauses_s: Iterator[float] = field(default_factory=lambda: itertools.repeat(0.0))


@pytest.fixture(scope="module")
def kv() -> Iterator[Kv]:
    kept = Kv()
    with serving_kv(kept, 0) as url:
        kept.url = url
        yield kept


@contextmanager
def serving_kv(kept: Kv, port: int) -> Iterator[str]:
    """Its URL, while it stands there."""

    class Keeping(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            value = self.rfile.read(int(self.headers["Content-Length"])).decode()
            time.sleep(next(kept.pauses_s))
            if self.key in kept.refused:
                self.answer(500)
                return
            kept.values[self.key] = value
            self.answer()

        def do_DELETE(self) -> None:
            kept.values.pop(self.key, None)
            self.answer()

        @property
        def key(self) -> str:
            return unquote(self.path.removeprefix("/__local/kv/"))

        def answer(self, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Keeping)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
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
    assert json.loads(kv.values["settings:acme-shop"]) == {"version": 7, "synonyms": [["a", "b"]]}


def test_settings_that_are_stored_by_the_id_of_their_index_are_exported_too(
    running: dict[str, Service], kv: Kv
) -> None:
    item = {"pk": "INDEX#abc123", "sk": "SETTINGS", "settings": {"collapse": True}, "version": 2}
    put(running, "settings", item)
    assert tell(running, SETTINGS, "INDEX#abc123", "SETTINGS") == {"key": "settings:abc123", "version": 2}
    assert json.loads(kv.values["settings:abc123"]) == {"collapse": True, "version": 2}


def test_items_that_were_put_by_hand_do_no_harm(running: dict[str, Service], kv: Kv) -> None:
    put(running, "settings", {"pk": "test-account", "sk": "INDEX#test"})
    assert tell(running, SETTINGS, "test-account", "INDEX#test") == {
        "key": "settings:test-account-test",
        "version": 0,
    }
    assert tell(running, SETTINGS, "INDEX#test-account-test") == {"key": "settings:test-account-test", "version": 0}
    put(running, "merchandising", {"pk": "INDEX#by-hand", "sk": "RULE#1", "no": "rule"})
    put(running, "merchandising", {"pk": "RULE#123", "sk": "RULE#123"})
    assert tell(running, RULES, "INDEX#by-hand", "RULE#1") == {"key": "merch:by-hand", "deleted": True}
    assert running[RULES].ask("POST", "/resync").status_code == 200


def test_what_is_written_last_is_what_the_table_says_last(running: dict[str, Service], kv: Kv) -> None:
    """Events of one index that are taken at the same moment, while the worker is slow now and then."""
    kv.pauses_s = itertools.cycle([0.15, 0.0, 0.05])
    try:
        with ThreadPoolExecutor(6) as pool:
            for version in range(1, 7):
                item = {"pk": "acme", "sk": "INDEX#busy", "settings": {}, "version": version}
                put(running, "settings", item)
                pool.submit(tell, running, SETTINGS, "acme", "INDEX#busy")
    finally:
        kv.pauses_s = itertools.repeat(0.0)
    assert json.loads(kv.values["settings:acme-busy"])["version"] == 6


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
     {"detail": {"eventName": "DROP", "keys": {"pk": {"S": "x"}}}},
     {"detail": {"eventName": "MODIFY", "keys": {"pk": {"N": "abc"}}}}, [], 7, None],
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


def test_one_index_that_cannot_be_exported_keeps_the_others_from_nothing(running: dict[str, Service], kv: Kv) -> None:
    for name in ("a", "z"):
        put(running, "settings", {"pk": "some", "sk": f"INDEX#{name}", "settings": {}, "version": 1})
    kv.refused.add("settings:some-a")
    try:
        assert running[SETTINGS].ask("POST", "/resync").status_code == 502
    finally:
        kv.refused.clear()
    assert "settings:some-z" in kv.values
    assert "settings:some-a" not in kv.values


def test_all_that_an_exporter_offers_is_asked_and_fails_nowhere(running: dict[str, Service]) -> None:
    for exporter in (SETTINGS, RULES):
        asked = ask_all(running[exporter].url)
        assert {"POST /events", "POST /resync", "GET /health"} <= set(asked)


def test_a_worker_that_is_away_is_told_so_that_the_event_comes_again(running: dict[str, Service]) -> None:
    running[SETTINGS].end()
    running[SETTINGS].start(GLOBAL_WORKER_URL="http://127.0.0.1:9")
    envelope = {"detail": {"eventName": "MODIFY", "keys": {"pk": {"S": "acme"}, "sk": {"S": "INDEX#shop"}}}}
    assert running[SETTINGS].ask("POST", "/events", json=envelope).status_code == 503
    running[SETTINGS].end()
    running[SETTINGS].start(GLOBAL_WORKER_URL="")
    assert "skipped" in running[SETTINGS].ask("POST", "/events", json=envelope).json()["result"]


def test_a_worker_that_comes_later_gets_everything(running: dict[str, Service], kv: Kv) -> None:
    port = free_port()
    running[SETTINGS].end()
    running[SETTINGS].start(GLOBAL_WORKER_URL=f"http://127.0.0.1:{port}")
    assert until(lambda: "resync waits" in running[SETTINGS].log, Deadline(PATIENCE_S))
    kv.values.clear()
    with serving_kv(kv, port):
        assert until(lambda: "settings:early-x" in kv.values, Deadline(PATIENCE_S))


def test_a_table_that_is_away_is_told_so_that_the_event_comes_again(running: dict[str, Service], kv: Kv) -> None:
    running[RULES].end()
    running[RULES].start(GLOBAL_WORKER_URL=kv.url, TABLE_PREFIX="nobody-has-it-")
    envelope = {"detail": {"eventName": "MODIFY", "keys": {"pk": {"S": "INDEX#a-b"}, "sk": {"S": "RULE#1"}}}}
    answer = running[RULES].ask("POST", "/events", json=envelope)
    assert answer.status_code == 503
    assert "DynamoDB" in answer.json()["message"]


def test_a_proof_that_events_arrive_is_taken_and_writes_nothing(running: dict[str, Service], kv: Kv) -> None:
    marker = {"pk": "HIPPODROME#PROOF", "sk": "PROOF"}
    kv.values.clear()
    for exporter, which in ((SETTINGS, "settings"), (RULES, "merchandising")):
        put(running, which, marker)
        assert "ignored" in tell(running, exporter, marker["pk"], marker["sk"])
    assert kv.values == {}
