"""The buffer's stores: in memory, and in a real Postgres."""

from collections.abc import Iterator

import pytest

from tests.postgres import Postgres, postgres_in


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with postgres_in(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def database(postgres: Postgres) -> str:
    """The URL of a database that nobody has used."""
    postgres.ask("DROP SCHEMA IF EXISTS ecom_ingest CASCADE")
    return postgres.url()
