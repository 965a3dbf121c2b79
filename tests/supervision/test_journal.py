"""The event file."""

import json
from pathlib import Path

import pytest

from hippodrome.plan.conditions import Status
from hippodrome.supervision.actions import Record
from hippodrome.supervision.journal import Journal

STATUS = Status("api", "failed", since=5.0, cause="port-taken", detail={"port": 9001, "user": "bøb\n"})


def _lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_state_is_one_line_with_its_cause_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    Journal(path).append([Record(STATUS, "by hand", 12.3456789)])
    assert _lines(path) == [
        {
            "at": 12.345679,
            "program": "api",
            "state": "failed",
            "cause": "port-taken",
            "detail": {"port": 9001, "user": "bøb\n"},
            "reason": "by hand",
        }
    ]
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_to_tell_makes_no_file(tmp_path: Path) -> None:
    Journal(tmp_path / "events.jsonl").append([])
    assert list(tmp_path.iterdir()) == []


def test_a_full_file_turns_over_once_and_no_line_is_torn_or_lost(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    journal = Journal(path, size_max=1000)
    for number in range(100):
        journal.append([Record(STATUS, str(number), float(number))])
    kept = [*_lines(tmp_path / "events.jsonl.1"), *(_lines(path) if path.exists() else [])]
    numbers = [int(str(line["reason"])) for line in kept]
    assert numbers == list(range(numbers[0], 100))
    assert all(file.stat().st_size < 1300 for file in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) <= 2


@pytest.mark.faults
def test_a_place_that_cannot_be_written_to_costs_events_and_nothing_else(tmp_path: Path) -> None:
    Journal(tmp_path / "no-folder" / "events.jsonl").append([Record(STATUS, "", 1.0)])
    assert list(tmp_path.iterdir()) == []
