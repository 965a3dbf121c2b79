"""With its store in Postgres, what was answered with 202 arrives, whoever is killed meanwhile."""

import signal
from pathlib import Path

import pytest

from hippodrome.wait import Deadline, until
from tests.postgres import Postgres
from tests.services.conftest import PATIENCE_S, services_in
from tests.services.ecom_indexer_service.test_chain import Stack, report, upsert


def post(stack: Stack, job: str, *names: str) -> int:
    body = {"jobId": job, "tensorFields": [], "operations": [upsert(name) for name in names]}
    return stack["ecom_ingest"].ask("POST", "/ingest/local-shop", json=body).status_code


@pytest.mark.slow
def test_what_was_taken_outlives_the_service_and_the_server(
    tmp_path: Path, postgres: Postgres, database: str
) -> None:
    store = {"HIPPODROME_ECOM_INGEST_STORE": "postgres", "HIPPODROME_ECOM_INGEST_DATABASE_URL": database}
    with services_in(tmp_path, "ecom_ingest", "ecom_indexer_service", **store) as stack:
        assert "postgres" not in stack
        ingest = stack["ecom_ingest"].start()
        assert post(stack, "early", *(f"a{number}" for number in range(300))) == 202  # nothing can leave yet
        ingest.end(signal.SIGKILL)
        postgres.end(signal.SIGKILL)
        ingest.launch()
        assert until(lambda: _is_failing(stack), Deadline(PATIENCE_S), pause_s=0.05)
        postgres.start()
        assert until(ingest.is_healthy, Deadline(PATIENCE_S), pause_s=0.05)
        for name in ("moto", "fake_cell"):
            stack[name].start()
        assert stack["fake_cell"].ask("POST", "/indexes/local-shop", json={"model": "random/small"}).ok
        assert post(stack, "late", "b") == 202
        stack["ecom_indexer_service"].start()
        ingest.restart(signal.SIGKILL)
        assert until(lambda: report(stack, "early") == (300, 0), Deadline(PATIENCE_S), pause_s=0.05)
        assert until(lambda: report(stack, "late") == (1, 0), Deadline(PATIENCE_S), pause_s=0.05)
        assert stack["fake_cell"].ask("GET", "/indexes/local-shop/stats").json()["numberOfDocuments"] == 301


def _is_failing(stack: Stack) -> bool:
    """Its health says so, and why; a batch is to be sent again."""
    try:
        told = stack["ecom_ingest"].ask("GET", "/health")
    except OSError:
        return False
    answer = stack["ecom_ingest"].ask("POST", "/ingest/local-shop", json={"jobId": "x", "operations": [upsert("x")]})
    return (told.status_code, answer.status_code) == (503, 503) and "Retry-After" in answer.headers
