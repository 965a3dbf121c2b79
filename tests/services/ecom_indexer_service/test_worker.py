"""What becomes of messages that cannot be worked off, against a real queue."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from hippodrome.services.common import aws
from hippodrome.services.common.outgoing import Upstream
from hippodrome.services.ecom_indexer_service import worker as module
from hippodrome.services.ecom_indexer_service.worker import Worker
from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, services_in
from tests.services.ecom_indexer_service.test_applying import change
from tests.services.ecom_indexer_service.test_chain import Stack, report


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with services_in(tmp_path_factory.mktemp("worker"), "moto", "fake_cell") as found:
        for service in found.values():
            service.start()
        yield found


@pytest.fixture
def worker(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """One that loses no time between its attempts."""
    variables = {"AWS_ENDPOINT_URL": stack["moto"].url, "AWS_DEFAULT_REGION": "us-east-1"}
    variables |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "BACK_OFF_S", (0, 0, 0, 0))
    aws.client.cache_clear()
    aws.dynamodb.cache_clear()
    cell = Upstream("cell", stack["fake_cell"].url)
    made = Worker(aws.Names(stack["moto"].environment["TABLE_PREFIX"]), cell)
    made.start()
    yield made
    made.stop()
    for client in (cell, aws.dynamodb(), *map(aws.client, ("s3", "sqs"))):
        client.close()
    aws.client.cache_clear()
    aws.dynamodb.cache_clear()


def send(stack: Stack, index: str, chunk: str | None, **content: Any) -> str:
    """Puts a chunk into the queue; one of None is not in the bucket. Returns its name."""
    names, name = aws.Names(stack["moto"].environment["TABLE_PREFIX"]), uuid.uuid4().hex
    said = {"bucket": names.bucket, "key": f"chunks/{index}/{name}.json", "indexId": index, "chunk": name}
    if chunk is not None:
        body = json.dumps({"chunk": name, "indexId": index, **content}) if chunk == "good" else chunk
        aws.client("s3").put_object(Bucket=names.bucket, Key=said["key"], Body=body.encode())
    url = aws.client("sqs").get_queue_url(QueueName=names.queue)["QueueUrl"]
    facts = {"MessageGroupId": index, "MessageDeduplicationId": name}
    aws.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(said), **facts)
    return name


def dead(stack: Stack) -> list[str]:
    """Names of the chunks that were given up."""
    url = aws.client("sqs").get_queue_url(QueueName=aws.Names(stack["moto"].environment["TABLE_PREFIX"]).dead_queue)
    told = aws.client("sqs").receive_message(QueueUrl=url["QueueUrl"], MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [json.loads(message["Body"])["chunk"] for message in told.get("Messages", ())]


def eventually(question: Any) -> None:
    assert until(question, Deadline(PATIENCE_S), pause_s=0.05)


def test_after_five_attempts_a_chunk_is_dead_and_reported_and_the_next_goes_on(stack: Stack, worker: Worker) -> None:
    for name in ("local-sick", "local-well"):
        assert stack["fake_cell"].ask("POST", f"/indexes/{name}", json={"model": "random/small"}).ok
    fault = {"status": 500, "count": 5, "path": "/indexes/local-sick/documents"}
    stack["fake_cell"].ask("POST", "/__fake/faults", json=fault)
    sick = send(stack, "local-sick", "good", operations=[change("1", job="sick")], duplicates={"sick": 2})
    send(stack, "local-sick", "good", operations=[change("2", job="next")])
    send(stack, "local-well", "good", operations=[change("1", job="well")], duplicates={"other": 3})
    eventually(lambda: report(stack, "next") == report(stack, "well") == (1, 0))
    assert report(stack, "other") == (3, 0)
    assert report(stack, "sick") == (2, 1)
    eventually(lambda: sick in dead(stack))
    assert worker.counts.given_up == 1


def test_a_chunk_that_cannot_be_read_is_dead_and_holds_up_nobody(
    stack: Stack, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HOLD_S", 0)
    names = [send(stack, "local-broken", "{"), send(stack, "local-broken", "good", operations=[{"op": "upsert"}])]
    send(stack, "local-none", "good", operations=[change("1", job="held")])
    eventually(lambda: report(stack, "held") == (0, 1))  # no such index
    eventually(lambda: set(names) <= set(dead(stack)))


def test_a_chunk_that_was_applied_before_is_done(stack: Stack, worker: Worker) -> None:
    send(stack, "local-again", None)
    send(stack, "local-again", "good", operations=[change("1", job="after")])
    eventually(lambda: report(stack, "after") == (0, 1))
