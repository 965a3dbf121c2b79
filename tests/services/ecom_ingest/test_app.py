"""The buffer's API, on its own: what it takes, refuses, and says of itself while nothing can leave it."""

from collections.abc import Iterator
from typing import Any

import pytest

from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, Service, services_in
from tests.services.described import ask_all


def upserts(*names: str) -> list[dict[str, Any]]:
    return [{"op": "upsert", "id": name, "version": 1, "document": {"title": name}} for name in names]


@pytest.fixture(scope="module")
def buffer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With room for three, and without AWS."""
    with services_in(tmp_path_factory.mktemp("ingest"), "ecom_ingest", ECOM_INGEST_CAPACITY="3") as found:
        yield found["ecom_ingest"].start()


def status(buffer: Service) -> dict[str, Any]:
    told: dict[str, Any] = buffer.ask("GET", "/status").json()
    return told


def test_it_takes_what_has_room_though_nothing_can_leave_and_refuses_the_rest_whole(buffer: Service) -> None:
    body = {"jobId": "j", "operations": upserts("1", "2")}
    answer = buffer.ask("POST", "/ingest/local-x", json=body)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "duplicates": 0})
    full = buffer.ask("POST", "/ingest/local-y", json={"jobId": "k", "operations": upserts("3", "4")})
    assert (full.status_code, full.json()["code"], full.headers["Retry-After"]) == (429, "buffer_full", "1")
    assert buffer.ask("POST", "/ingest/local-x", json=body).json() == {"accepted": 0, "duplicates": 2}
    told = status(buffer)
    assert (told["store"], told["durable"], told["capacity"]) == ("memory", False, 3)
    assert (told["buffered"], told["unconfirmed"], told["flushed"]) == (2, 0, 0)
    assert status(buffer)["oldestSeconds"] >= told["oldestSeconds"] > 0


def test_it_has_data_for_those_who_restart_what_has_when_they_empty_it(buffer: Service) -> None:
    assert [each.name for each in buffer.data_dir.iterdir()] == ["in-memory"]


def test_aws_that_is_away_is_said_and_is_no_illness(buffer: Service) -> None:
    buffer.ask("POST", "/ingest/local-x", json={"jobId": "j", "operations": upserts("1")})
    assert until(lambda: "Could not connect" in (status(buffer)["trouble"] or ""), Deadline(PATIENCE_S))
    assert buffer.ask("GET", "/health").ok


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"jobId": "j", "operations": [{"op": "upsert", "id": "1", "version": 1}]}, "operations"),
        ({"jobId": "j", "operations": [{"op": "delete", "id": "1", "version": 1, "document": {}}]}, "operations"),
        ({"jobId": "j", "operations": [{**upserts("1")[0], "document": {"_id": "2"}}]}, "operations"),
        ({"jobId": "a\u0000", "operations": upserts("1")}, "jobId"),
        ({"jobId": "j", "operations": upserts(*map(str, range(1001)))}, "operations"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(buffer: Service, body: dict[str, Any], field: str) -> None:
    answer = buffer.ask("POST", "/ingest/local-x", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "unprocessable_entity")
    assert field in answer.json()["message"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_json_has_not_are_refused(buffer: Service, number: str) -> None:
    document = f'{{"op": "upsert", "id": "1", "version": 1, "document": {{"price": {number}}}}}'
    body = f'{{"jobId": "j", "operations": [{document}]}}'
    answer = buffer.ask("POST", "/ingest/local-x", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_an_index_id_names_account_and_index(buffer: Service) -> None:
    for name in ("local", "Local-x", "local-X"):
        body = {"jobId": "j", "operations": upserts("1")}
        assert buffer.ask("POST", f"/ingest/{name}", json=body).status_code == 422


def test_nothing_that_its_description_allows_makes_it_fail(buffer: Service) -> None:
    assert set(ask_all(buffer.url)) == {"POST /ingest/{index_id}", "GET /status", "GET /health"}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"HIPPODROME_ECOM_INGEST_STORE": "sqlite"}, "it can be memory or postgres"),
        ({"HIPPODROME_ECOM_INGEST_STORE": "postgres"}, "must say where Postgres is"),
    ],
)
def test_a_store_that_cannot_be_ends_it_with_a_line(
    buffer: Service, environment: dict[str, str], said: str, tmp_path: Any
) -> None:
    other = Service(buffer.program, buffer.environment, tmp_path / "log")
    other.launch(**environment)
    assert other.process
    assert other.process.wait(PATIENCE_S) == 1
    assert said in other.log
    assert "Traceback" not in other.log
