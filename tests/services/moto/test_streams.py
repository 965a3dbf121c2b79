"""moto's streams for weeks: they say when they have grown, number each record once, and forget what is old."""

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto.dynamodbstreams.models import dynamodbstreams_backends
from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from hippodrome.services.moto import streams
from hippodrome.services.moto.app import Aws
from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, Service, services_in

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
NUMBERS = itertools.count()


@dataclass
class Table:
    """One with a stream, in a moto of this process, which is asked over HTTP all the same."""

    url: str
    name: str

    def client(self, service: str = "dynamodb") -> Any:
        return boto3.client(service, endpoint_url=self.url, **KEYS)

    def put(self, *names: str) -> None:
        client = self.client()
        for name in names:
            client.put_item(TableName=self.name, Item={"pk": {"S": name}})

    def iterator(self, kind: str = "TRIM_HORIZON", **more: str) -> str:
        arn = self.client().describe_table(TableName=self.name)["Table"]["LatestStreamArn"]
        client = self.client("dynamodbstreams")
        shard = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        asked = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": kind, **more}
        return str(client.get_shard_iterator(**asked)["ShardIterator"])

    def records(self, start: str, limit: int = 1000) -> dict[str, Any]:
        return dict(self.client("dynamodbstreams").get_records(ShardIterator=start, Limit=limit))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    aws = Aws()
    aws.is_ready.set()
    server = make_server("127.0.0.1", 0, aws, threaded=True, request_handler=MotoRequestHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def table(url: str) -> Table:
    made = Table(url, f"table-{next(NUMBERS)}")
    made.client().create_table(
        TableName=made.name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    return made


def names(told: dict[str, Any]) -> list[str]:
    return [each["dynamodb"]["Keys"]["pk"]["S"] for each in told["Records"]]


def test_a_reader_finds_all_in_pieces_and_from_any_place(table: Table) -> None:
    table.put("a", "b", "c", "d", "e")
    first = table.records(table.iterator(), 2)
    second = table.records(first["NextShardIterator"], 2)
    last = table.records(second["NextShardIterator"], 2)
    assert [names(each) for each in (first, second, last)] == [["a", "b"], ["c", "d"], ["e"]]
    assert names(table.records(last["NextShardIterator"])) == []
    table.put("f")
    assert names(table.records(last["NextShardIterator"])) == ["f"]
    number = second["Records"][0]["dynamodb"]["SequenceNumber"]
    assert names(table.records(table.iterator("AFTER_SEQUENCE_NUMBER", SequenceNumber=number))) == ["d", "e", "f"]
    assert names(table.records(table.iterator("LATEST"))) == []


def test_what_is_older_than_a_day_is_forgotten(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    table.put("a", "b")
    behind, number = table.iterator(), table.records(table.iterator())["Records"][0]["dynamodb"]["SequenceNumber"]
    with monkeypatch.context() as a_day_later:
        a_day_later.setattr(streams, "KEPT_S", 0.0)
        a_day_later.setattr(streams, "SLACK_S", 0.0)
        table.put("c")
    table.put("d")
    assert names(table.records(table.iterator())) == ["c", "d"]
    found = table.records(behind, 1)
    assert names(found) == ["c"]
    assert names(table.records(found["NextShardIterator"])) == ["d"]
    assert names(table.records(table.iterator("AFTER_SEQUENCE_NUMBER", SequenceNumber=number))) == ["c", "d"]


def test_records_that_are_made_at_once_have_numbers_of_their_own(table: Table) -> None:
    threads = [threading.Thread(target=table.put, args=[f"{one}-{two}" for two in range(20)]) for one in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [each["dynamodb"]["SequenceNumber"] for each in table.records(table.iterator())["Records"]]
    assert len(numbers) == 160
    assert numbers == sorted(set(numbers))


def test_iterators_of_old_polls_are_forgotten_and_the_newest_is_not(table: Table) -> None:
    table.put("a")
    here = table.iterator()
    for _ in range(streams.ITERATORS_MAX + 50):
        here = table.records(here)["NextShardIterator"]
    kept = dynamodbstreams_backends["123456789012"]["us-east-1"].shard_iterators
    assert len(kept) == streams.ITERATORS_MAX
    table.put("b")
    assert names(table.records(here)) == ["b"]


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with services_in(tmp_path_factory.mktemp("moto"), "moto") as found:
        yield found["moto"].start()


def seen(moto: Service, before: str, wait_s: object) -> str:
    answer = moto.ask("GET", "/__local/streams", params={"seen": before, "wait_s": wait_s})
    assert answer.status_code == 200
    return str(answer.json()["seen"])


def test_who_waits_is_told_at_once_when_a_streamed_table_changes_and_only_then(moto: Service) -> None:
    client = boto3.client("dynamodb", endpoint_url=moto.url, **KEYS)
    prefix = moto.environment["TABLE_PREFIX"]
    before = seen(moto, "", 0)
    client.put_item(TableName=f"{prefix}EcomJobsTable", Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
    assert seen(moto, before, 0.2) == before
    told: list[str] = []
    waiting = threading.Thread(target=lambda: told.append(seen(moto, before, PATIENCE_S / 2)))
    waiting.start()
    client.put_item(TableName=f"{prefix}MerchandisingTable", Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
    assert until(lambda: told, Deadline(PATIENCE_S / 4))
    waiting.join()
    assert told[0] != before
    assert seen(moto, "nonsense", PATIENCE_S) == told[0]
    assert seen(moto, told[0], "soon") == told[0]


def test_what_a_probe_writes_is_neither_logged_nor_a_reason_to_save(moto: Service) -> None:
    table = f"{moto.environment['TABLE_PREFIX']}EcomAliasesTable"
    kept = moto.data_dir / "tables" / "EcomAliasesTable.json"
    headers = {
        "X-Amz-Target": "DynamoDB_20120810.PutItem",
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/dynamodb/aws4_request, Signature=0",
        "User-Agent": "hippodrome-probe/1",
    }
    lines = moto.log.count("\n")
    for name, agent in (("quiet", "hippodrome-probe/1"), ("loud", "curl")):
        item = {"TableName": table, "Item": {"pk": {"S": name}, "sk": {"S": "x"}}}
        answer = moto.ask("POST", "/", json=item, headers={**headers, "User-Agent": agent})
        assert answer.status_code == 200, answer.text
    assert until(lambda: kept.exists() and "loud" in kept.read_text(), Deadline(PATIENCE_S))
    assert moto.log.count("\n") == lines + 1
