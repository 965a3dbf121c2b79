"""Which way events come, and whether that was proven, in a person's words."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from hippodrome.events.proof import OLD_S, Proof, Record
from hippodrome.events.source import announced, look
from hippodrome.plan.model import EventsVia, Plan
from tests.dashboard.plans import plan, program

TAKER = program("ecom_settings_exporter", port=9010)


def running(via: EventsVia, **more: object) -> Plan:
    return replace(plan(TAKER), events=via, **more)  # type: ignore[arg-type]


def proven(path: Path, age_s: float, origin: str = "streams") -> Path:
    Record(path).note(Proof(time.time() - age_s, origin, "EcomIndexSettings.MODIFY", "ecom_settings_exporter", 200))
    return path


def test_a_recent_proof_is_told_with_its_age(tmp_path: Path) -> None:
    found = look(running("streams"), proven(tmp_path / "p", 12), time.time())
    assert found.is_proven and found.sentence == "Events come from moto's streams, proven 12 s ago."


def test_an_old_proof_means_that_something_is_broken(tmp_path: Path) -> None:
    found = look(running("streams"), proven(tmp_path / "p", OLD_S + 60), time.time())
    assert not found.is_proven and found.sentence.endswith("the last proof is 4 min old, so something is broken.")


def test_a_proof_of_another_way_proves_nothing(tmp_path: Path) -> None:
    found = look(running("tunnel"), proven(tmp_path / "p", 1), time.time())
    assert not found.is_proven and found.sentence == "Events come from the AWS account, by a tunnel; not proven yet."


def test_where_data_is_real_no_proof_is_missed(tmp_path: Path) -> None:
    found = look(running("sqs", is_data_real=True), tmp_path / "none", time.time())
    assert found.is_proven and "nothing of ours is sent" in found.sentence


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (running("streams"), "Events, such as changes of settings, come from moto's streams."),
        (running("none"), "Events come by hand alone: `hd events send`."),
        (
            running("none", aws="account"),
            "Events come by hand alone: `hd events send` (`--enable-events` brings those of the account).",
        ),
        (replace(plan(program("api")), events="none"), ""),
    ],
)
def test_the_start_says_which_way_they_come(made: Plan, said: str) -> None:
    assert announced(made) == said
