"""`hd up` with the ingest buffer in Postgres: looked at before anything starts, or brought along."""

import psycopg
import pytest

from hippodrome.errors import ExitCode
from tests.cli.conftest import Project, is_open
from tests.stack import free_port

STORE, URL = "HIPPODROME_ECOM_INGEST_STORE", "HIPPODROME_ECOM_INGEST_DATABASE_URL"


def test_nothing_starts_where_the_database_is_not_there_and_no_password_is_shown(project: Project) -> None:
    url = f"postgres://ada:hunter2@127.0.0.1:{free_port()}/shop"
    port = project.server("buffer", environment={STORE: None, URL: None})
    done = project.hd("up", "-d", **{STORE: "postgres", URL: url})
    assert done.returncode == ExitCode.FAILED
    assert "no Postgres answers at 127.0.0.1:" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout
    assert not is_open(port)
    assert not project.pids()
    assert project.hd("up", "-d", **{STORE: "memory", URL: url}).returncode == ExitCode.OK


@pytest.mark.parametrize(("url", "store"), [("shop", "postgres"), ("", "postgres"), ("", "sqlite")])
def test_a_mistake_in_the_variables_is_one_of_the_configuration(project: Project, url: str, store: str) -> None:
    project.server("buffer", environment={STORE: None, URL: None})
    done = project.hd("up", "-d", **{STORE: store, URL: url})
    assert done.returncode == ExitCode.CONFIGURATION
    assert len(done.stderr.strip().splitlines()) == 3  # the line, its hint, and where there is more


def test_the_stacks_own_postgres_comes_with_the_variable_and_keeps_its_data_from_one_stack_to_the_next(
    project: Project,
) -> None:
    port = free_port()
    (project.folder / "hippodrome.yaml").write_text(f"services: {{postgres: {{port: {port}}}}}\n")
    url = f"postgres://ecom_ingest@127.0.0.1:{port}/ecom_ingest"
    for statement in ("CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1)", "DROP TABLE kept"):
        done = project.hd("up", "-d", "--profile", "ecom", "postgres", **{STORE: "postgres"})
        assert done.returncode == ExitCode.OK, done.stdout + done.stderr
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())
        assert project.hd("down").returncode == ExitCode.OK
        assert not is_open(port)
    done = project.hd("up", "-d", "--profile", "ecom", "postgres")
    assert done.returncode != ExitCode.OK
    assert f"only runs with {STORE} `postgres`" in done.stderr
