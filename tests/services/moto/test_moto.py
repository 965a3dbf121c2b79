"""AWS on this machine: seeded when it is healthy, and with its data after it was killed."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from hippodrome.services.common.aws import Names
from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, Service, services_in


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with services_in(tmp_path_factory.mktemp("moto"), "moto") as found:
        yield found["moto"].start()


def client(moto: Service, service: str) -> Any:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    return boto3.client(service, endpoint_url=moto.url, **keys)


def names(moto: Service) -> Names:
    return Names(moto.environment["TABLE_PREFIX"])


def test_health_names_the_service_and_hides_no_call_of_aws(moto: Service) -> None:
    told = moto.ask("GET", "/health").json()
    assert (told["status"], told["service"]) == ("ok", "moto")
    client(moto, "s3").create_bucket(Bucket="health")
    client(moto, "s3").put_object(Bucket="health", Key="x", Body=b"1")
    assert client(moto, "s3").list_objects_v2(Bucket="health")["KeyCount"] == 1
    client(moto, "s3").delete_object(Bucket="health", Key="x")


def test_everything_that_the_stack_expects_is_there_when_it_is_healthy(moto: Service) -> None:
    expected = names(moto)
    assert set(expected.tables) <= set(client(moto, "dynamodb").list_tables()["TableNames"])
    for table in expected.streamed:
        found = client(moto, "dynamodb").describe_table(TableName=table)["Table"]["StreamSpecification"]
        assert found == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert expected.bucket in [each["Name"] for each in client(moto, "s3").list_buckets()["Buckets"]]
    queues = client(moto, "sqs").list_queues()["QueueUrls"]
    assert {url.rpartition("/")[2] for url in queues} == {expected.queue, expected.dead_queue}
    buses = [each["Name"] for each in client(moto, "events").list_event_buses()["EventBuses"]]
    assert set(expected.buses) <= set(buses)
    pipes = client(moto, "pipes").list_pipes()["Pipes"]
    assert {each["Name"]: each["CurrentState"] for each in pipes} == dict.fromkeys(expected.pipes, "RUNNING")


def test_a_state_machine_is_really_executed(moto: Service) -> None:
    definition = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"made": "here"}, "End": true}}}'
    machines = client(moto, "stepfunctions")
    arn = machines.create_state_machine(name="m", definition=definition, roleArn="arn:aws:iam::123456789012:role/r")
    run = machines.start_execution(stateMachineArn=arn["stateMachineArn"])["executionArn"]
    ended = until(lambda: _ended(machines, run), Deadline(PATIENCE_S))
    assert ended
    assert ended["output"] == '{"made": "here"}'


def _ended(machines: Any, run: str) -> dict[str, Any] | None:
    told: dict[str, Any] = machines.describe_execution(executionArn=run)
    return told if told["status"] == "SUCCEEDED" else None


@pytest.mark.parametrize("signal_", [pytest.param(signal.SIGTERM, marks=pytest.mark.slow), signal.SIGKILL])
def test_items_and_objects_outlive_it(tmp_path: Path, signal_: signal.Signals) -> None:
    with services_in(tmp_path, "moto") as found:
        moto = found["moto"].start()
        item = {"pk": {"S": "local"}, "sk": {"S": "INDEX#a"}, "n": {"N": "1.5"}, "m": {"M": {"x": {"BOOL": True}}}}
        client(moto, "dynamodb").put_item(TableName=names(moto).settings, Item=item)
        client(moto, "s3").put_object(Bucket=names(moto).bucket, Key="a/b c.json", Body=b"{}")
        tables, buckets = moto.data_dir / "tables", moto.data_dir / "buckets"
        if signal_ == signal.SIGKILL:  # what is older than a second or two
            assert until(
                lambda: list(buckets.rglob("a%2F*")) and list(tables.glob("*Settings*")), Deadline(PATIENCE_S)
            )
        moto.restart(signal_)
        kept = client(moto, "dynamodb").get_item(
            TableName=names(moto).settings, Key={k: item[k] for k in ("pk", "sk")}
        )
        assert kept["Item"] == item
        body = client(moto, "s3").get_object(Bucket=names(moto).bucket, Key="a/b c.json")["Body"].read()
        assert body == b"{}"
        client(moto, "s3").delete_object(Bucket=names(moto).bucket, Key="a/b c.json")
        moto.restart()
        assert "Contents" not in client(moto, "s3").list_objects_v2(Bucket=names(moto).bucket)


def test_what_is_kept_is_found_under_another_prefix_and_under_the_names_it_had_once(tmp_path: Path) -> None:
    with services_in(tmp_path, "moto") as found:
        moto = found["moto"].start()
        prefix, item = names(moto).prefix, {"pk": {"S": "local"}, "sk": {"S": "INDEX#a"}}
        client(moto, "dynamodb").put_item(TableName=names(moto).settings, Item=item)
        client(moto, "s3").put_object(Bucket=names(moto).bucket, Key="export", Body=b"kept")
        moto.end()
        kept = moto.data_dir / "tables" / "EcomIndexSettingsTable.json"
        kept.rename(kept.with_name(f"{prefix}{kept.name}"))  # as earlier versions kept it
        moto.restart()
        assert client(moto, "dynamodb").scan(TableName=names(moto).settings)["Items"] == [item]
        moto.end()
        kept.with_name(f"{prefix}{kept.name}").rename(kept)
        moto.start(TABLE_PREFIX="dev-Other_one-")  # which a bucket's name cannot begin with
        other = Names("dev-Other_one-")
        assert client(moto, "dynamodb").scan(TableName=other.settings)["Items"] == [item]
        assert client(moto, "s3").get_object(Bucket=other.bucket, Key="export")["Body"].read() == b"kept"


def test_who_asks_before_its_items_are_loaded_is_told_to_wait_and_never_finds_less(tmp_path: Path) -> None:
    with services_in(tmp_path, "moto") as found:
        moto = found["moto"].start()
        table = names(moto).settings
        items = [{"pk": {"S": "local"}, "sk": {"S": f"INDEX#{number:04}"}, "n": {"N": "1"}} for number in range(400)]
        for start in range(0, len(items), 25):
            batch = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
            client(moto, "dynamodb").batch_write_item(RequestItems={table: batch})
        moto.end()
        moto.launch()
        signed = "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/dynamodb/aws4_request"
        kind = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.Scan"}
        seen = dict[int, int]()

        def has_all() -> bool:
            try:
                answer = moto.ask("POST", "/", json={"TableName": table}, headers=kind | {"Authorization": signed})
            except requests.ConnectionError:
                return False
            seen[answer.status_code] = answer.json()["Count"] if answer.ok else 0
            return answer.ok

        assert until(has_all, Deadline(PATIENCE_S), pause_s=0.001), moto.log
        assert seen == {503: 0, 200: len(items)}
        assert len(list(client(moto, "sqs").list_queues()["QueueUrls"])) == 2


def test_probes_leave_no_line_in_the_log(moto: Service) -> None:
    before = moto.log.count("\n")
    requests.get(moto.url + "/health", timeout=PATIENCE_S)
    client(moto, "dynamodb").list_tables()
    assert moto.log.count("\n") == before
    client(moto, "dynamodb").put_item(TableName=names(moto).jobs, Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
    assert until(lambda: "INFO aws: DynamoDB.PutItem status=200" in moto.log, Deadline(PATIENCE_S))
