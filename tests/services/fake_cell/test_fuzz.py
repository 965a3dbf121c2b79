"""Requests by the thousand, made up from what the cell says of itself and from what it takes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings

from tests.services.conftest import Service, pair_in
from tests.services.described import ask_all
from tests.services.fake_cell.conftest import Index
from tests.services.fake_cell.hostile import requests_made_up

BODIES = 10_000
HANG_S = 20
GROWTH_MIB = 100  # what a search leaves behind is reused; what a request leaves would be more, and go on
SWEEP = 500  # requests after which all that was made is deleted


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Service]:
    """A cell that no other test depends on, which keeps nothing on disk."""
    with pair_in(tmp_path) as pair:
        yield pair.cell.start(FAKE_CELL_EPHEMERAL="1")


def test_whatever_its_description_lets_one_ask_is_answered(alone: Service) -> None:
    asked = ask_all(alone.url, many=10, is_wanted=lambda name: "__fake" not in name)
    assert {"POST /indexes/{index}/search", "GET /models", "POST /indexes/{index}/embed"} <= set(asked)
    assert "Traceback" not in alone.log


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ten_thousand_hostile_bodies_leave_it_as_it_was(alone: Service) -> None:
    index, session, sizes, count = Index(alone, "hostile"), requests.Session(), list[float](), 0

    def fresh() -> None:
        for each in alone.ask("GET", "/indexes").json()["results"]:
            alone.ask("DELETE", f"/indexes/{each['indexName']}")
        index.ask("POST", json={"model": "random/small"})
        index.add({"_id": "1", "title": "still here"}, {"_id": "2", "note": "bare"}, tensor_fields=("title",))
        sizes.append(memory_mib(alone))

    @settings(
        max_examples=BODIES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(made_up=requests_made_up())
    def ask(made_up: tuple[str, str, Any]) -> None:
        nonlocal count
        if count % SWEEP == 0:
            fresh()
        count += 1
        method, path, body = made_up
        answer = session.request(method, alone.url + path, data=json.dumps(body), timeout=HANG_S)
        assert answer.status_code < 500, (made_up, answer.text)
        session.delete(alone.url + "/__fake/faults", timeout=HANG_S)

    ask()
    assert count >= BODIES
    fresh()
    assert index.found("still here", limit=1) == ["1"]
    assert sizes[-1] - sizes[2] < GROWTH_MIB, sizes  # the first thousand fill what is kept for the next
    assert "Traceback" not in alone.log


def memory_mib(service: Service) -> float:
    assert service.process
    lines = Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
