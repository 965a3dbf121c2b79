"""PostgreSQL as the stack runs it: made once, kept through kill -9, and clear where it cannot run."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hippodrome.bootstrap import steps
from hippodrome.plan.model import Plan
from hippodrome.services.common.environment import Environment
from hippodrome.services.postgres.__main__ import choose_programs, start_command
from hippodrome.services.postgres.account import UnableError
from hippodrome.services.postgres.cluster import Cluster
from hippodrome.services.postgres.programs import Programs, find_programs
from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, Service, plan_in, services_in, set_up
from tests.stack import free_port

STORE = {"HIPPODROME_ECOM_INGEST_STORE": "postgres"}


def connected(url: str) -> Any:
    """A connection, as soon as there can be one."""

    def connect() -> Any:
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            return None

    found = until(connect, Deadline(PATIENCE_S), pause_s=0.05)
    assert found, "nobody answers"
    return found


def url_of(service: Service) -> str:
    return f"postgres://ecom_ingest@{service.program.host}:{service.program.port}/ecom_ingest?sslmode=disable"


def url_of_plan(plan: Plan) -> str:
    return f"postgres://ecom_ingest@127.0.0.1:{plan.program('postgres').port}/ecom_ingest?sslmode=disable"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with services_in(tmp_path_factory.mktemp("postgres"), "postgres", **STORE) as found:
        found["postgres"].launch()
        yield found["postgres"]


def test_it_is_there_only_for_those_who_ask_for_it_and_then_the_buffer_uses_it(tmp_path: Path) -> None:
    own = {"HIPPODROME_ECOM_INGEST_DATABASE_URL": "postgres://ada@db.example/shop"}
    url = "HIPPODROME_ECOM_INGEST_DATABASE_URL"
    for variables, is_there in (({}, False), (STORE, True), ({**STORE, **own}, False)):
        plan = plan_in(tmp_path, profile="ecom", **variables)
        assert ("postgres" in plan) == is_there
        given = plan.program("ecom_ingest").environment.get(url, "")
        assert given == (url_of_plan(plan) if is_there else variables.get(url, ""))


def test_what_was_committed_outlives_a_kill_and_the_lock_that_it_leaves(server: Service) -> None:
    with connected(url_of(server)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    server.end(signal.SIGKILL)
    lock = server.data_dir / "cluster" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")  # the number is another's by now
    server.launch()
    with connected(url_of(server)) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]


def test_it_ends_at_once_when_asked_though_a_client_is_there(server: Service) -> None:
    with connected(url_of(server)):
        assert server.program.stop_signal == "SIGINT"
        assert server.end(signal.SIGINT) == 0
    server.launch()
    connected(url_of(server)).close()


def test_nobody_gets_in_but_the_owner_of_the_one_database_who_is_no_superuser(server: Service) -> None:
    with connected(url_of(server)) as connection:
        assert connection.execute("SELECT usesuper FROM pg_user WHERE usename = current_user").fetchone() == (False,)
    for other in (
        url_of(server).replace("ecom_ingest@", "postgres@"),
        url_of(server).replace("/ecom_ingest?", "/postgres?"),
    ):
        with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
            psycopg.connect(other)


def test_without_a_program_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UnableError, match="hd setup postgres"):
        choose_programs([], Cluster(tmp_path))


def test_data_of_another_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "PG_VERSION").write_text("9\n")
    script = "from hippodrome.services.postgres.__main__ import main; main()"
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "PORT": str(free_port())}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "was made by PostgreSQL 9, and here is" in done.stderr
    assert "Traceback" not in done.stderr


def test_programs_of_the_version_that_made_the_data_are_preferred(tmp_path: Path) -> None:
    old, new = Programs(Path("/old"), 15), Programs(Path("/new"), 18)
    assert choose_programs([new, old], Cluster(tmp_path)) == new
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "PG_VERSION").write_text("15\n")
    assert choose_programs([new, old], Cluster(tmp_path)) == old


@pytest.mark.slow
def test_a_machine_without_postgres_runs_the_one_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "hippodrome.yaml").write_text(
        "services: {postgres: {sources: [{reference: postgres, setup: [{venv: requirements.txt}],"
        ' command: ["${python}", -P, -m, hippodrome.services.postgres]}]}}\n'
    )
    plan = plan_in(tmp_path, "postgres", profile="ecom", **STORE)
    set_up(plan, tmp_path)
    assert not steps.pending(plan)
    path = f"{plan.program('postgres').setup[-1].product}/bin"
    [programs] = find_programs(path, debian=tmp_path / "none")
    environment = Environment(free_port(), "127.0.0.1", "INFO", tmp_path / "data")
    argv = start_command(programs, Cluster(tmp_path / "data"), environment)
    process = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
    try:
        with connected(f"postgres://ecom_ingest@127.0.0.1:{environment.port}/ecom_ingest") as connection:
            assert connection.info.server_version // 10000 == programs.major
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
