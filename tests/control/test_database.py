"""The database of the ingest buffer, before anything starts: there, made, or a line that says why not."""

from collections.abc import Iterator

import pytest

from hippodrome.control.database import STORE, URL, check_database
from hippodrome.errors import ExitCode, UserError
from hippodrome.plan.model import Plan
from tests.postgres import PASSWORD, QUOTED, Postgres, postgres_in
from tests.stack import free_port, plan_of, program


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with postgres_in(tmp_path_factory.mktemp("database")) as made:
        made.ask("CREATE ROLE ada LOGIN PASSWORD 'lovelace'")
        made.ask("CREATE DATABASE closed")
        made.ask("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
        yield made


def plan(url: str | None, store: str = "postgres") -> Plan:
    environment = {STORE: store} if url is None else {STORE: store, URL: url}
    return plan_of(program("moto", "true"), program("ecom_ingest", "true", environment=environment))


def refusal(url: str | None, store: str = "postgres") -> UserError:
    with pytest.raises(UserError) as caught:
        check_database(plan(url, store))
    assert len(caught.value.problems) == 1
    assert "\n" not in caught.value.problems[0].what
    assert caught.value.problems[0].hint
    for secret in (PASSWORD, QUOTED, "lovelace", "hunter2"):
        assert secret not in str(caught.value)
    return caught.value


def test_the_memory_store_needs_nothing() -> None:
    assert check_database(plan("nonsense", store="memory")) == ""
    assert check_database(plan_of(program("api", "true"))) == ""


def test_a_database_that_is_missing_is_made_once(server: Postgres) -> None:
    assert check_database(plan(server.url('new-"one'.replace('"', "%22")))) == (
        f'Postgres: new-"one at 127.0.0.1:{server.port}, made just now'
    )
    assert server.ask("SELECT count(*) FROM pg_database WHERE datname = 'new-\"one'") == [(1,)]
    assert check_database(plan(server.url("new-%22one"))) == f'Postgres: new-"one at 127.0.0.1:{server.port}'


def test_a_wrong_password_is_one_line(server: Postgres) -> None:
    error = refusal(server.url(password="hunter2"))
    assert error.exit_code == ExitCode.FAILED
    assert error.problems[0].code == "database-refused"
    assert 'password authentication failed for user "postgres"' in error.problems[0].what


@pytest.mark.parametrize(("name", "reason"), [("closed", "permission denied"), ("unmade", "permission denied")])
def test_a_user_who_may_not_use_or_make_the_database_is_told(server: Postgres, name: str, reason: str) -> None:
    error = refusal(server.url(name, user="ada", password="lovelace"))
    assert error.problems[0].code == "database-refused"
    assert reason in error.problems[0].what


def test_no_server_is_one_line() -> None:
    port = free_port()
    error = refusal(f"postgres://ada:hunter2@127.0.0.1:{port}/shop")
    assert (error.exit_code, error.problems[0].code) == (ExitCode.FAILED, "no-database-server")
    assert f"127.0.0.1:{port}: Connection refused" in error.problems[0].what


def test_an_unknown_host_is_one_line() -> None:
    assert "no-such-host.invalid:5432" in refusal("postgres://ada:hunter2@no-such-host.invalid/shop").problems[0].what


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (None, "is not set"),
        ("mysql://ada:hunter2@here/shop", "does not begin with postgres://"),
        ("postgres://ada:hunter2@here", "names no database"),
        ("postgres://ada:hunter2@here:hunter2/shop", "is no URL|has no number"),
        ("postgres://ada:hunter2@here/shop?hunter2=1", "is no URL"),
        ("postgres://ada:hunter2@[here/shop", "is no URL"),
    ],
)
def test_a_url_that_is_none_is_a_mistake_of_the_configuration(url: str | None, says: str) -> None:
    error = refusal(url)
    assert (error.exit_code, error.problems[0].code) == (ExitCode.CONFIGURATION, "bad-database-url")
    assert any(each in error.problems[0].what for each in says.split("|"))


def test_a_store_that_does_not_exist_is_a_mistake_of_the_configuration() -> None:
    error = refusal(None, store="sqlite")
    assert (error.exit_code, error.problems[0].code) == (ExitCode.CONFIGURATION, "bad-ingest-store")


def test_the_stacks_own_postgres_is_not_looked_for_before_it_starts() -> None:
    port = free_port()
    own = program("postgres", "true", ports={"main": port}, host="127.0.0.1")
    user = program("ecom_ingest", "true", environment={STORE: "postgres", URL: f"postgres://a@127.0.0.1:{port}/a"})
    assert check_database(plan_of(own, user)) == ""
