"""The buffer in Postgres: what was taken is there after whatever becomes of this process, or of the server."""

import json
import uuid
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, TypeVar

import psycopg

from hippodrome.services.ecom_ingest.migrations import NewerSchemaError, migrate
from hippodrome.services.ecom_ingest.operations import Batch, Taken
from hippodrome.services.ecom_ingest.sorting import Seen, Sorted, sort_out
from hippodrome.services.ecom_ingest.store import (
    CHUNK_MAX,
    REMEMBERED,
    BufferFullError,
    Chunk,
    Fill,
    Label,
    StoreDownError,
)

AT_ONCE, LABELS_AT_ONCE = 4, 50
WRITERS = 0x656373  # lock of those who add or cut: positions must be seen in their order
ANSWER_S = 10

T = TypeVar("T")
Connection = psycopg.Connection[tuple[Any, ...]]
Work = Callable[[Connection], T]


class PostgresStore:
    """See Store. One connection, which is made when it is needed and again when it is lost."""

    kind = "postgres"
    is_durable = True

    def __init__(self, url: str, capacity: int) -> None:
        self._url, self._capacity = url, capacity
        self._lock = Lock()
        self._connection: Connection | None = None

    def add(self, index_id: str, batch: Batch) -> Taken:
        return self._run(lambda connection: self._add(connection, index_id, batch))

    def cut(self) -> None:
        self._run(_cut)

    def unsent(self) -> Sequence[Chunk]:
        return self._run(_unsent)

    def mark_sent(self, name: str) -> None:
        self._run(lambda connection: connection.execute(MARK_SENT, [name]))

    def sent(self) -> Sequence[Label]:
        return self._run(
            lambda connection: [
                Label(name, index_id, tuple(jobs))
                for name, index_id, jobs in connection.execute(SENT, [LABELS_AT_ONCE])
            ]
        )

    def let_go(self, name: str) -> None:
        self._run(lambda connection: connection.execute("DELETE FROM ecom_ingest.chunks WHERE name = %s", [name]))

    def send_again(self, index_id: str) -> None:
        self._run(lambda connection: connection.execute(SEND_AGAIN, [index_id]))

    def fill(self) -> Fill:
        return self._run(lambda connection: Fill(*_only(connection.execute(FILL).fetchone())))

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _run(self, work: Work[T]) -> T:
        """The outcome of a transaction. Tried twice, for the connection may be a dead one; all can be repeated."""
        with self._lock:
            try:
                return self._try(work)
            except psycopg.OperationalError:
                self._drop()
            try:
                return self._try(work)
            except psycopg.OperationalError as error:
                self._drop()
                raise StoreDownError(" ".join(str(error).split())) from error

    def _try(self, work: Work[T]) -> T:
        if self._connection is None:
            self._connection = self._connected()
        with self._connection.transaction():
            return work(self._connection)

    def _connected(self) -> Connection:
        connection = psycopg.connect(self._url, autocommit=True, connect_timeout=3, application_name="ecom_ingest")
        try:
            connection.execute(f"SET statement_timeout = '{ANSWER_S}s'")
            migrate(connection)
        except NewerSchemaError as error:
            connection.close()
            raise StoreDownError(str(error)) from error
        except psycopg.Error:
            connection.close()
            raise
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _add(self, connection: Connection, index_id: str, batch: Batch) -> Taken:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS])
        found = sort_out(batch, _known(connection, index_id, batch))
        (held,) = _only(connection.execute("SELECT count(*) FROM ecom_ingest.operations").fetchone())
        if held + len(found.entries) > self._capacity:
            raise BufferFullError(self._capacity)
        _keep(connection, index_id, found)
        return found.taken


def _known(connection: Connection, index_id: str, batch: Batch) -> dict[str, list[Seen]]:
    names = sorted({json.dumps(each.id) for each in batch.operations})
    known = dict[str, list[Seen]]()
    for name, version, job_id, is_whole in connection.execute(KNOWN, [index_id, names]):
        seen = Seen(json.loads(name), version, job_id, is_whole)
        known.setdefault(seen.id, []).append(seen)
    return known


def _keep(connection: Connection, index_id: str, found: Sorted) -> None:
    with connection.cursor() as cursor:
        with cursor.copy("COPY ecom_ingest.operations (index_id, job_id, body) FROM STDIN") as rows:
            for entry in found.entries:
                rows.write_row((index_id, entry["jobId"], json.dumps(entry)))
        with cursor.copy("COPY ecom_ingest.seen (index_id, id, version, job_id, is_whole) FROM STDIN") as rows:
            for each in found.seen:
                rows.write_row((index_id, json.dumps(each.id), each.version, each.job_id, each.is_whole))


def _cut(connection: Connection) -> None:
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS])
    waiting = connection.execute(WAITING).fetchall()
    for (index_id,) in waiting:
        while rows := connection.execute(FIRST_WAITING, [index_id, CHUNK_MAX]).fetchall():
            jobs = [*dict.fromkeys(job for _, job in rows)]
            (number,) = _only(connection.execute(NEW_CHUNK, [uuid.uuid4().hex, index_id, jobs]).fetchone())
            positions = [position for position, _ in rows]
            connection.execute(
                "UPDATE ecom_ingest.operations SET chunk = %s WHERE position = ANY(%s)", [number, positions]
            )
    if waiting:
        connection.execute(FORGET, [REMEMBERED])


def _unsent(connection: Connection) -> list[Chunk]:
    chunks = connection.execute(UNSENT, [AT_ONCE]).fetchall()
    return [
        Chunk(Label(name, index_id, tuple(jobs)), _operations(connection, number), sends)
        for number, name, index_id, jobs, sends in chunks
    ]


def _operations(connection: Connection, chunk: int) -> tuple[dict[str, Any], ...]:
    rows = connection.execute("SELECT body FROM ecom_ingest.operations WHERE chunk = %s ORDER BY position", [chunk])
    return tuple(json.loads(body) for (body,) in rows)


def _only(row: tuple[Any, ...] | None) -> tuple[Any, ...]:
    assert row is not None, "an aggregate, or an INSERT … RETURNING, always has a row"
    return row


KNOWN = """
    SELECT id, version, job_id, is_whole FROM ecom_ingest.seen WHERE index_id = %s AND id = ANY(%s)
"""
WAITING = """
    SELECT index_id FROM ecom_ingest.operations WHERE chunk IS NULL GROUP BY index_id ORDER BY min(position)
"""
FIRST_WAITING = """
    SELECT position, job_id FROM ecom_ingest.operations WHERE chunk IS NULL AND index_id = %s
    ORDER BY position LIMIT %s
"""
NEW_CHUNK = """
    INSERT INTO ecom_ingest.chunks (name, index_id, jobs) VALUES (%s, %s, %s) RETURNING number
"""
FORGET = """
    DELETE FROM ecom_ingest.seen WHERE position <= (SELECT max(position) FROM ecom_ingest.seen) - %s
"""
UNSENT = """
    SELECT number, name, index_id, jobs, sends FROM ecom_ingest.chunks WHERE NOT is_sent ORDER BY number LIMIT %s
"""
SENT = """
    SELECT name, index_id, jobs FROM ecom_ingest.chunks WHERE is_sent ORDER BY number LIMIT %s
"""
MARK_SENT = """
    UPDATE ecom_ingest.chunks SET is_sent = true WHERE name = %s
"""
SEND_AGAIN = """
    UPDATE ecom_ingest.chunks SET is_sent = false, sends = sends + 1 WHERE is_sent AND index_id = %s
"""
FILL = """
    SELECT count(*) FILTER (WHERE is_sent IS NOT TRUE),
           count(*) FILTER (WHERE is_sent),
           coalesce(extract(epoch FROM now() - min(taken_at) FILTER (WHERE is_sent IS NOT TRUE)), 0)::float8
    FROM ecom_ingest.operations LEFT JOIN ecom_ingest.chunks ON chunk = number
"""
