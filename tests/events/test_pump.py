"""From a table of moto to the relay: in order, nothing lost, whoever of the three is killed."""

import itertools
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from hippodrome.events.proof import PROOF_PK
from hippodrome.services.common import exporting
from hippodrome.wait import Deadline, until
from tests.events.pumping import KEYS, Line, Receiver, line_in
from tests.services.conftest import PATIENCE_S, end_group
from tests.stack import free_port


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with line_in(tmp_path) as made:
        yield made


def test_every_change_comes_once_and_in_order_as_a_production_pipe_sends_it(line: Line) -> None:
    line.start().put(line.settings, "INDEX#a", n={"N": "1.5"}, s={"S": "ä€"})
    line.put(line.settings, "INDEX#a", n={"N": "2"}, l={"L": [{"BOOL": True}]})
    line.dynamodb.delete_item(TableName=line.settings, Key={"pk": {"S": "local"}, "sk": {"S": "INDEX#a"}})
    assert line.receiver.has("INDEX#a", "INDEX#a", "INDEX#a")
    line.put(line.rules, "RULE#1")
    assert line.receiver.has("INDEX#a", "INDEX#a", "INDEX#a", "RULE#1")
    made, changed, gone, rule = line.receiver.events
    key = {"pk": {"S": "local"}, "sk": {"S": "INDEX#a"}}
    arn = line.dynamodb.describe_table(TableName=line.settings)["Table"]["LatestStreamArn"]
    assert {name: made[name] for name in ("version", "source", "account", "region", "resources")} == {
        "version": "0",
        "source": "marqo.dynamodb",
        "account": "123456789012",
        "region": "us-east-1",
        "resources": [arn],
    }
    assert re.fullmatch(r"[0-9a-f]{32}", made["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["time"])
    assert [each["detail-type"] for each in (made, changed, gone, rule)] == [
        "EcomIndexSettings.INSERT",
        "EcomIndexSettings.MODIFY",
        "EcomIndexSettings.REMOVE",
        "Merchandising.INSERT",
    ]
    first, second = (
        {**key, "n": {"N": "1.5"}, "s": {"S": "ä€"}},
        {**key, "n": {"N": "2"}, "l": {"L": [{"BOOL": True}]}},
    )
    known = {"tableName": line.settings, "keys": key}
    assert made["detail"] == {"eventName": "INSERT", **known, "newImage": first}
    assert changed["detail"] == {"eventName": "MODIFY", **known, "newImage": second, "oldImage": first}
    assert gone["detail"] == {"eventName": "REMOVE", **known, "oldImage": second}
    assert {each["Prefer"] for each in line.receiver.headers} == {"respond-async"}
    assert {each["X-Hippodrome-Origin"] for each in line.receiver.headers} == {"streams"}


def test_a_proof_of_each_table_is_on_its_way_at_once(line: Line) -> None:
    line.start()
    assert until(lambda: len(line.receiver.taken) >= 2, Deadline(PATIENCE_S))
    assert {each["detail"]["tableName"] for each in line.receiver.taken} == {line.settings, line.rules}
    assert {each["User-Agent"] for each in line.receiver.headers} == {"hippodrome-probe/1"}
    assert until(lambda: set(line.health()["proof_age_s"]) == {line.settings, line.rules}, Deadline(PATIENCE_S))
    assert "PutItem" not in line.moto.log


def test_the_exporters_know_a_proof_by_the_same_key() -> None:
    assert exporting.PROOF == PROOF_PK


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGKILL])
def test_a_pump_that_was_ended_goes_on_where_it_was(line: Line, signal_: signal.Signals) -> None:
    line.start().put(line.settings, "a", "b")
    assert line.receiver.has("a", "b")
    assert until(lambda: _after(line) == _last_number(line), Deadline(PATIENCE_S))
    line.pump.end(signal_)
    line.put(line.settings, "c", "d")
    line.start().put(line.settings, "e")
    assert line.receiver.has("a", "b", "c", "d", "e")


def _after(line: Line) -> str:
    """How far the pump has come, as it has written it down."""
    kept = line.pump.data_dir / "checkpoints.json"
    return str(json.loads(kept.read_text()).get(line.settings, {}).get("after")) if kept.exists() else ""


def _last_number(line: Line) -> str:
    """Of the records of the settings' stream."""
    streams = boto3.client("dynamodbstreams", endpoint_url=line.moto.url, **KEYS)
    arn = line.dynamodb.describe_table(TableName=line.settings)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    asked = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = streams.get_shard_iterator(**asked)["ShardIterator"]
    return str(streams.get_records(ShardIterator=iterator)["Records"][-1]["dynamodb"]["SequenceNumber"])


def test_an_event_whose_answer_was_not_seen_comes_again_with_the_same_id(line: Line) -> None:
    line.start()
    line.receiver.gate.clear()
    line.put(line.settings, "a", "b")
    assert until(lambda: line.receiver.said == ["a"], Deadline(PATIENCE_S))
    line.pump.end(signal.SIGKILL)
    line.receiver.gate.set()
    line.start()
    assert line.receiver.has("a", "a", "b")
    first, again, _ = line.receiver.events
    assert first == again


def test_after_a_restart_of_moto_all_that_it_kept_is_announced_anew(line: Line) -> None:
    line.start().put(line.settings, "a", "b")
    assert line.receiver.has("a", "b")
    assert until(lambda: list((line.moto.data_dir / "tables").glob("*Settings*")), Deadline(PATIENCE_S))
    assert until(lambda: '"b"' in _kept_settings(line), Deadline(PATIENCE_S))
    line.moto.end(signal.SIGKILL)
    assert line.fails_with("moto at")
    line.moto.start()
    assert until(lambda: sorted(line.receiver.said) == ["a", "a", "b", "b"], Deadline(PATIENCE_S))
    assert {each["detail"]["eventName"] for each in line.receiver.events} == {"INSERT"}
    assert len({each["id"] for each in line.receiver.events}) == 4
    line.put(line.settings, "c")
    assert until(lambda: line.receiver.said[-1] == "c", Deadline(PATIENCE_S))
    assert line.is_well()


def _kept_settings(line: Line) -> str:
    (kept,) = (line.moto.data_dir / "tables").glob("*Settings*.json")
    return kept.read_text()


def test_while_the_relay_takes_nothing_events_wait_in_order(line: Line) -> None:
    line.start().put(line.settings, "a")
    assert line.receiver.has("a")
    names = [f"n{number:03}" for number in range(120)]  # more than are read at once
    away = line.receiver
    away.statuses = itertools.chain([202, 503, 500, 429, 408, 302], itertools.repeat(202))
    line.put(line.settings, *names[:60])
    assert until(lambda: len(away.refused) == 5, Deadline(PATIENCE_S))
    line.put(line.settings, *names[60:])
    assert away.has("a", *names)
    assert len({each["id"] for each in away.events}) == 121
    assert {each["detail"]["keys"]["sk"]["S"] for each in away.refused} == {"n001"}
    assert until(lambda: line.pump.log.count("INFO moto_events: events flow") == 2, Deadline(PATIENCE_S))
    assert line.is_well()


def test_a_relay_that_is_not_there_is_waited_for(line: Line) -> None:
    line.start()
    elsewhere = Receiver()
    line.pump.end()
    line.pump.launch(RELAY_URL=elsewhere.url)
    assert line.fails_with("the event relay at")
    line.put(line.settings, "a", "b")
    assert line.fails_with("the event relay at")
    with elsewhere.serving():
        assert elsewhere.has("a", "b")
        assert line.is_well()
    assert line.pump.log.count("WARNING moto_events: the event relay at") == 1


def test_what_the_relay_refuses_for_good_is_said_and_does_not_hold_up_the_rest(line: Line) -> None:
    line.receiver.statuses = itertools.chain([400], itertools.repeat(202))
    line.start().put(line.settings, "bad", "good")
    assert line.receiver.has("good")
    assert until(lambda: "refused, and not sent again: event=EcomIndexSettings.INSERT" in line.pump.log, Deadline(9))


def test_an_event_that_is_too_large_goes_without_its_images(line: Line) -> None:
    line.receiver.statuses = itertools.chain([413], itertools.repeat(202))
    line.start().put(line.settings, "large", s={"S": "x" * 100_000})
    assert line.receiver.has("large")
    assert line.receiver.events[0]["detail"].keys() == {"eventName", "tableName", "keys"}
    assert line.receiver.events[0]["id"] == line.receiver.refused[0]["id"]


def test_a_stream_that_is_switched_off_is_said_once_and_the_other_one_goes_on(line: Line) -> None:
    line.start()
    line.dynamodb.update_table(TableName=line.settings, StreamSpecification={"StreamEnabled": False})
    words = f"the stream of the table {line.settings} is switched off"
    assert line.fails_with(words)
    line.put(line.rules, "RULE#1")
    assert line.receiver.has("RULE#1")
    assert line.pump.log.count(words) == 1


def test_a_table_that_was_made_anew_is_read_from_its_first_record_on(line: Line) -> None:
    line.start().put(line.settings, "a", "b", "c")
    assert line.receiver.has("a", "b", "c")
    described = line.dynamodb.describe_table(TableName=line.settings)["Table"]
    line.dynamodb.delete_table(TableName=line.settings)
    line.dynamodb.create_table(
        TableName=line.settings,
        **{name: described[name] for name in ("KeySchema", "AttributeDefinitions", "StreamSpecification")},
        BillingMode="PAY_PER_REQUEST",
    )
    line.put(line.settings, "d")
    assert line.receiver.has("a", "b", "c", "d")


def test_a_transaction_that_fails_makes_it_deaf_for_nothing(line: Line) -> None:
    line.start().put(line.settings, "a")
    assert line.receiver.has("a")
    item = {"pk": {"S": "local"}, "sk": {"S": "b"}}
    put = {"TableName": line.settings, "Item": item}
    denied = {**put, "Item": {**item, "sk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)"}
    with pytest.raises(line.dynamodb.exceptions.TransactionCanceledException):
        line.dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Put": denied}])
    line.put(line.settings, "c")
    assert until(lambda: line.receiver.said[-1] == "c", Deadline(PATIENCE_S))


def test_without_moto_it_says_so_and_begins_when_it_comes(line: Line) -> None:
    line.moto.end()
    line.pump.launch(RELAY_URL=line.receiver.url)
    assert line.fails_with("moto at")
    line.moto.start()
    assert line.is_well()
    line.put(line.rules, "RULE#1")
    assert line.receiver.has("RULE#1")
    assert line.pump.log.count("WARNING moto_events: moto at") == 1


def test_a_checkpoint_that_cannot_be_read_costs_repeats_and_nothing_else(line: Line) -> None:
    line.start().put(line.settings, "a")
    assert line.receiver.has("a")
    line.pump.end()
    (line.pump.data_dir / "checkpoints.json").write_text("[{")
    line.start()
    assert line.receiver.has("a", "a")


def test_an_emulator_that_does_not_tell_when_there_is_something_is_asked_now_and_then(line: Line) -> None:
    port = free_port()
    argv = [sys.executable, "-m", "moto.server", "-p", str(port)]
    with subprocess.Popen(argv, stdout=-3, stderr=-3, start_new_session=True) as plain:
        try:
            url = f"http://127.0.0.1:{port}"
            dynamodb = boto3.client("dynamodb", endpoint_url=url, **KEYS)
            for table in (line.settings, line.rules):
                made = line.dynamodb.describe_table(TableName=table)["Table"]
                _create(dynamodb, made)
            line.pump.start(RELAY_URL=line.receiver.url, AWS_ENDPOINT_URL=url)
            for name in ("a", "b"):
                item = {"pk": {"S": "local"}, "sk": {"S": name}}
                dynamodb.put_item(TableName=line.settings, Item=item)
            assert line.receiver.has("a", "b")
        finally:
            end_group(plain.pid)


def _create(dynamodb: Any, made: dict[str, Any]) -> None:
    def does() -> bool:
        named = {
            name: made[name] for name in ("TableName", "KeySchema", "AttributeDefinitions", "StreamSpecification")
        }
        try:
            dynamodb.create_table(**named, BillingMode="PAY_PER_REQUEST")
        except boto3.exceptions.botocore.exceptions.EndpointConnectionError:
            return False
        return True

    assert until(does, Deadline(PATIENCE_S), pause_s=0.05)
