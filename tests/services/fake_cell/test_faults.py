"""Faults on purpose: asked for, played as often as said, gone when cleared."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.services.conftest import Service
from tests.services.fake_cell.conftest import assert_refused


@pytest.fixture
def faulty(cell: Service) -> Iterator[Service]:
    yield cell
    cell.ask("DELETE", "/__fake/faults")


def fault(cell: Service, **said: Any) -> None:
    assert cell.ask("POST", "/__fake/faults", json=said).ok


def statuses(cell: Service, *paths: str) -> list[int]:
    return [cell.ask("GET", path).status_code for path in paths]


def test_a_fault_is_answered_as_often_as_asked_for_then_all_is_well(faulty: Service) -> None:
    fault(faulty, status=503, count=2)
    assert statuses(faulty, "/indexes", "/health", "/indexes") == [503, 503, 200]


def test_a_fault_has_the_form_of_an_error_that_is_not_the_clients(faulty: Service) -> None:
    fault(faulty, status=500)
    told = faulty.ask("GET", "/indexes").json()
    assert (told["code"], told["type"], told["link"]) == ("injected_fault", "internal", None)


def test_a_fault_below_a_path_spares_the_others(faulty: Service) -> None:
    fault(faulty, status=502, path="/indexes/a")
    assert statuses(faulty, "/indexes", "/health", "/indexes/ab/settings", "/indexes/ab/settings") == [
        200,
        200,
        502,
        404,
    ]


def test_faults_that_fit_are_played_in_the_order_they_were_asked_for(faulty: Service) -> None:
    fault(faulty, status=500)
    fault(faulty, status=503)
    assert statuses(faulty, "/", "/", "/") == [500, 503, 200]


def test_a_delay_without_a_status_only_delays(faulty: Service) -> None:
    fault(faulty, delay=0.3)
    began = time.monotonic()
    assert statuses(faulty, "/indexes") == [200]
    assert time.monotonic() - began >= 0.3


def test_cleared_faults_are_played_no_more_and_nothing_hinders_the_clearing(faulty: Service) -> None:
    fault(faulty, status=500, count=1000)
    assert faulty.ask("DELETE", "/__fake/faults").json() == {"faults": 0}
    assert statuses(faulty, "/indexes") == [200]


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"status": 99}, "status"),
        ({"status": 200}, "status"),
        ({"status": 100_000}, "status"),
        ({"status": "any"}, "status"),
        ({"delay": -1}, "delay"),
        ({"delay": 1e9}, "delay"),
        ({"path": [1]}, "path"),
        ({"code": "unheard_of"}, "code"),
        ({"code": "internal", "status": 500}, "code"),
        ({"speed": 1}, "speed"),
    ],
)
def test_a_fault_that_cannot_be_played_is_refused(faulty: Service, said: dict[str, Any], word: str) -> None:
    assert_refused(faulty.ask("POST", "/__fake/faults", json=said), 422, "unprocessable_entity", word)
    assert statuses(faulty, "/indexes") == [200]
