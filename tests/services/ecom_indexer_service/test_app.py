"""The indexer's API: what it has done, and why nothing moves."""

import signal
from pathlib import Path

from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, services_in
from tests.services.described import ask_all


def test_without_aws_and_cell_it_is_well_says_what_it_lacks_and_ends_when_asked(tmp_path: Path) -> None:
    with services_in(tmp_path, "ecom_indexer_service") as found:
        indexer = found["ecom_indexer_service"].start()
        trouble = until(lambda: indexer.ask("GET", "/status").json()["trouble"], Deadline(PATIENCE_S))
        assert "Could not connect" in str(trouble)
        told = indexer.ask("GET", "/status").json()
        assert {name: told[name] for name in ("chunks", "documents", "failed", "givenUp")} == dict.fromkeys(
            ("chunks", "documents", "failed", "givenUp"), 0
        )
        assert told["cell"] == found["fake_cell"].url
        assert set(ask_all(indexer.url)) == {"GET /status", "GET /health"}
        assert indexer.end() == -signal.SIGTERM  # uvicorn ends by the signal itself, when it has ended all else
