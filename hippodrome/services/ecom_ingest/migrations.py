"""The schema of the Postgres store, a step a version. What has been released is never changed: add a step."""

from typing import TYPE_CHECKING, LiteralString

if TYPE_CHECKING:
    import psycopg

LOCK = 0x65636F6D  # of everybody who migrates this database
STEPS: tuple[LiteralString, ...] = (
    """
    CREATE TABLE ecom_ingest.chunks (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL UNIQUE,
        index_id text NOT NULL,
        jobs text[] NOT NULL,
        is_sent boolean NOT NULL DEFAULT false,
        sends integer NOT NULL DEFAULT 0
    );
    CREATE TABLE ecom_ingest.operations (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        index_id text NOT NULL,
        job_id text NOT NULL,
        body text NOT NULL, -- JSON that nobody looks into here: jsonb would refuse what documents may hold
        taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        chunk bigint REFERENCES ecom_ingest.chunks ON DELETE CASCADE
    );
    CREATE INDEX operations_of_chunk ON ecom_ingest.operations (chunk, position);
    CREATE TABLE ecom_ingest.seen (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        index_id text NOT NULL,
        id text NOT NULL, -- as JSON, for an id may hold what text cannot
        version bigint NOT NULL,
        job_id text NOT NULL,
        is_whole boolean NOT NULL,
        UNIQUE (index_id, id, version)
    );
    """,
)


class NewerSchemaError(Exception):
    """The database was used by a later release."""


def migrate(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Brings the schema to this release's version, in one transaction. Two at once do it once.

    Raises NewerSchemaError, psycopg.Error.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        connection.execute("CREATE SCHEMA IF NOT EXISTS ecom_ingest")
        connection.execute("CREATE TABLE IF NOT EXISTS ecom_ingest.schema_version (version integer NOT NULL)")
        row = connection.execute("SELECT max(version) FROM ecom_ingest.schema_version").fetchone()
        version = int(str(row[0])) if row and row[0] is not None else 0
        if version > len(STEPS):
            raise NewerSchemaError(f"the schema has version {version}, and this release knows {len(STEPS)}")
        for number, step in enumerate(STEPS[version:], version + 1):
            connection.execute(step)
            connection.execute("INSERT INTO ecom_ingest.schema_version VALUES (%s)", [number])
