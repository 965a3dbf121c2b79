"""What only the store in Postgres has: a schema with a version, and a server that may go and come back."""

import signal
import threading

import psycopg
import pytest

from hippodrome.services.ecom_ingest.migrations import STEPS, migrate
from hippodrome.services.ecom_ingest.postgres import PostgresStore
from hippodrome.services.ecom_ingest.store import StoreDownError
from tests.postgres import Postgres
from tests.services.ecom_ingest.test_sorting import batch
from tests.services.ecom_ingest.test_stores import chunks, said, upserts
from tests.stack import free_port


def versions(postgres: Postgres) -> list[tuple[object, ...]]:
    return postgres.ask("SELECT version FROM ecom_ingest.schema_version ORDER BY version")


def test_the_schema_is_brought_to_its_version_once_though_two_start_together(
    postgres: Postgres, database: str
) -> None:
    failures: list[Exception] = []

    def start() -> None:
        try:
            with psycopg.connect(database, autocommit=True) as connection:
                migrate(connection)
        except psycopg.Error as error:
            failures.append(error)

    starts = [threading.Thread(target=start) for _ in range(4)]
    for each in starts:
        each.start()
    for each in starts:
        each.join()
    assert not failures
    assert versions(postgres) == [(number,) for number in range(1, len(STEPS) + 1)]


def test_a_step_that_fails_leaves_the_version_before_it(
    postgres: Postgres, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "hippodrome.services.ecom_ingest.migrations.STEPS", (*STEPS, "CREATE TABLE half (); SELECT nope")
    )
    with psycopg.connect(database, autocommit=True) as connection, pytest.raises(psycopg.errors.UndefinedColumn):
        migrate(connection)
    assert postgres.ask("SELECT count(*) FROM pg_namespace WHERE nspname = 'ecom_ingest'") == [(0,)]


def test_a_later_schema_is_kept_and_its_content_brought_along(
    postgres: Postgres, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PostgresStore(database, 100)
    store.add("a-x", upserts("1"))
    store.close()
    step = "ALTER TABLE ecom_ingest.chunks ADD COLUMN extra text"
    monkeypatch.setattr("hippodrome.services.ecom_ingest.migrations.STEPS", (*STEPS, step))
    newer = PostgresStore(database, 100)
    assert newer.fill().waiting == 1
    newer.close()
    assert versions(postgres)[-1] == (len(STEPS) + 1,)
    monkeypatch.undo()
    with pytest.raises(StoreDownError, match="this release knows"):
        PostgresStore(database, 100).fill()


def test_what_was_taken_is_there_for_the_next_life_in_whatever_state_it_was(database: str) -> None:
    first = PostgresStore(database, 100)
    first.add("a-x", upserts("1"))
    [sent] = chunks(first)
    first.add("a-x", upserts("2"))
    first.cut()
    [named] = first.unsent()
    first.add("a-x", upserts("3"))  # no close: it was killed
    second = PostgresStore(database, 100)
    assert [label.name for label in second.sent()] == [sent.label.name]
    assert [each.label.name for each in second.unsent()] == [named.label.name]
    assert second.add("a-x", upserts("1", "2", "3")).duplicates == 3
    assert [said(each) for each in chunks(second)] == [[("upsert", "2", 1)], [("upsert", "3", 1)]]
    first.close()
    second.close()


def test_a_server_that_was_killed_is_waited_for_and_has_lost_nothing(postgres: Postgres, database: str) -> None:
    store = PostgresStore(database, 1000)
    for number in range(20):
        store.add("a-x", upserts(str(number)))
    postgres.end(signal.SIGKILL)
    try:
        with pytest.raises(StoreDownError) as caught:
            store.add("a-x", upserts("late"))
        assert caught.value.status == 503
    finally:
        postgres.start()
    assert store.add("a-x", upserts("late")).accepted == 1
    taken = [name for chunk in chunks(store) for _, name, _ in said(chunk)]
    assert taken == [*map(str, range(20)), "late"]
    store.close()


def test_a_connection_that_died_while_nothing_was_asked_is_not_noticed(postgres: Postgres, database: str) -> None:
    store = PostgresStore(database, 100)
    store.add("a-x", upserts("1"))
    postgres.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ecom_ingest'")
    assert store.add("a-x", batch(("patch", "1", 2))).accepted == 1
    store.close()


def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    with pytest.raises(StoreDownError) as caught:
        PostgresStore(f"postgres://ada:hunter2@127.0.0.1:{free_port()}/x", 100).fill()
    assert "hunter2" not in caught.value.message
    assert "\n" not in caught.value.message
