"""From the buffer through S3 and SQS to the data plane, and what becomes of it when one of them is away."""

import signal
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import requests

from hippodrome.services.common.aws import Names
from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, Service, services_in
from tests.services.moto.test_moto import client

NUMBERS = count()
Stack = dict[str, Service]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with services_in(tmp_path_factory.mktemp("chain"), "ecom_ingest", "ecom_indexer_service") as found:
        for name in ("moto", "fake_cell", "ecom_ingest", "ecom_indexer_service"):
            found[name].start()
        yield found


@pytest.fixture
def index(chain: Stack) -> str:
    name = f"local-i{next(NUMBERS)}"
    assert chain["fake_cell"].ask("POST", f"/indexes/{name}", json={"model": "random/small"}).ok
    return name


def post(chain: Stack, index: str, job: str, *changes: dict[str, Any], **more: Any) -> requests.Response:
    body = {"jobId": job, "tensorFields": ["title"], "operations": changes, **more}
    return chain["ecom_ingest"].ask("POST", f"/ingest/{index}", json=body)


def upsert(name: str, version: int = 1, **fields: Any) -> dict[str, Any]:
    return {"op": "upsert", "id": name, "version": version, "document": {"title": f"title {name}", **fields}}


def document(chain: Stack, index: str, name: str) -> dict[str, Any] | None:
    answer = chain["fake_cell"].ask("GET", f"/indexes/{index}/documents/{name}")
    told: dict[str, Any] | None = answer.json() if answer.ok else None
    return told


def report(chain: Stack, job: str) -> tuple[int, int]:
    """How many were done and how many failed, over all chunks."""
    moto = chain["moto"]
    items = client(moto, "dynamodb").query(
        TableName=Names(moto.environment["TABLE_PREFIX"]).jobs,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"JOB#{job}"}},
    )["Items"]
    return sum(int(item["done"]["N"]) for item in items), sum(int(item["failed"]["N"]) for item in items)


def buffered(chain: Stack) -> int:
    """How many operations have not left the buffer."""
    return int(chain["ecom_ingest"].ask("GET", "/status").json()["buffered"])


def eventually(question: Any) -> None:
    assert until(question, Deadline(PATIENCE_S), pause_s=0.02)


def test_documents_are_added_changed_and_deleted_in_order_and_each_job_hears_of_its_own(
    chain: Stack, index: str
) -> None:
    assert post(chain, index, "one", upsert("1", price=1), upsert("2"), upsert("3")).json()["accepted"] == 3
    patch = {"op": "patch", "id": "1", "version": 2, "document": {"price": 9}}
    delete = {"op": "delete", "id": "2", "version": 2}
    assert post(chain, index, "two", patch, delete).ok
    eventually(lambda: report(chain, "two") == (2, 0))
    assert report(chain, "one") == (3, 0)
    assert document(chain, index, "1") == {"_id": "1", "title": "title 1", "price": 9}
    assert document(chain, index, "2") is None
    new = {"op": "patch", "id": "3", "version": 2, "document": {"color": "red", "tags": ["a"]}}
    assert post(chain, index, "three", new).ok
    eventually(lambda: report(chain, "three") == (1, 0))
    assert document(chain, index, "3") == {"_id": "3", "title": "title 3", "color": "red", "tags": ["a"]}
    eventually(lambda: chain["ecom_ingest"].ask("GET", "/status").json()["unconfirmed"] == 0)


def test_a_document_that_the_data_plane_refuses_is_reported_and_the_rest_goes_on(chain: Stack, index: str) -> None:
    bad = {"op": "upsert", "id": "bad", "version": 1, "document": {"no-dashes": 1}}
    post(chain, index, "mixed", upsert("1"), bad, upsert("2"))
    eventually(lambda: report(chain, "mixed") == (2, 1))
    assert document(chain, index, "2")


def test_an_index_that_is_gone_fails_its_job_and_no_other(chain: Stack, index: str) -> None:
    post(chain, "local-gone", "lost", upsert("1"))
    post(chain, index, "kept", upsert("1"))
    eventually(lambda: report(chain, "lost") == (0, 1))
    eventually(lambda: report(chain, "kept") == (1, 0))


def test_nothing_is_lost_while_the_data_plane_is_away(chain: Stack, index: str) -> None:
    chain["fake_cell"].end(signal.SIGKILL)
    post(chain, index, "patient", *(upsert(str(number)) for number in range(300)))
    chain["fake_cell"].start()
    eventually(lambda: report(chain, "patient") == (300, 0))


def test_what_the_data_plane_cannot_take_now_is_tried_again(chain: Stack, index: str) -> None:
    fault = {"status": 503, "count": 2, "path": f"/indexes/{index}/documents"}
    assert chain["fake_cell"].ask("POST", "/__fake/faults", json=fault).ok
    post(chain, index, "again", upsert("1"))
    eventually(lambda: report(chain, "again") == (1, 0))


def test_a_repetition_counts_as_done_for_each_job_that_asked_for_it_and_once(chain: Stack, index: str) -> None:
    assert post(chain, index, "first", upsert("1"), upsert("2")).json() == {"accepted": 2, "duplicates": 0}
    assert post(chain, index, "first", upsert("1"), upsert("2")).json() == {"accepted": 0, "duplicates": 2}
    assert post(chain, index, "second", upsert("1"), upsert("3")).json() == {"accepted": 1, "duplicates": 1}
    eventually(lambda: report(chain, "second") == (2, 0))
    assert report(chain, "first") == (2, 0)


@pytest.mark.slow
def test_what_a_killed_aws_forgot_is_sent_again_in_its_order(chain: Stack, index: str) -> None:
    chain["ecom_indexer_service"].end()
    post(chain, index, "add", upsert("1", price=1))
    eventually(lambda: buffered(chain) == 0)
    post(chain, index, "change", {"op": "patch", "id": "1", "version": 2, "document": {"price": 2}})
    eventually(lambda: buffered(chain) == 0)
    chain["moto"].restart(signal.SIGKILL)  # and with it the queue
    post(chain, index, "more", {"op": "patch", "id": "1", "version": 3, "document": {"color": "red"}})
    chain["ecom_indexer_service"].start()
    eventually(lambda: [report(chain, job) for job in ("add", "change", "more")] == [(1, 0)] * 3)
    assert document(chain, index, "1") == {"_id": "1", "title": "title 1", "price": 2, "color": "red"}


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["moto", "ecom_indexer_service"])
def test_what_was_taken_survives_a_kill(chain: Stack, index: str, victim: str) -> None:
    for number in range(5):
        assert post(chain, index, f"{victim}{number}", *(upsert(f"{number}-{each}") for each in range(50))).ok
    chain[victim].restart(signal.SIGKILL)
    eventually(lambda: chain["fake_cell"].ask("GET", f"/indexes/{index}/stats").json()["numberOfDocuments"] == 250)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"operations": []}, "operations"),
        ({"operations": [{"op": "upsert", "id": "", "version": 1}]}, "id"),
        ({"operations": [{"op": "drop", "id": "1", "version": 1}]}, "op"),
        ({"operations": [{"op": "delete", "id": "1", "version": -1}]}, "version"),
        ({"operations": [{"op": "upsert", "id": "1", "version": 1, "document": {"a": "\ud800"}}]}, "document"),
        ({"jobId": "", "operations": [upsert("1")]}, "jobId"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_field(chain: Stack, body: dict[str, Any], field: str) -> None:
    answer = chain["ecom_ingest"].ask("POST", "/ingest/local-x", json={"jobId": "j", **body})
    assert answer.status_code == 422
    told = answer.json()
    assert field in told["message"]
    assert {"message", "code", "type", "link"} <= told.keys()


def test_what_a_buffer_in_memory_has_answered_is_in_the_queue_and_survives_it(chain: Stack, index: str) -> None:
    for number in range(3):
        assert post(chain, index, f"sure{number}", upsert(str(number))).status_code == 202
        chain["ecom_ingest"].restart(signal.SIGKILL)
    eventually(lambda: [report(chain, f"sure{number}") for number in range(3)] == [(1, 0)] * 3)
