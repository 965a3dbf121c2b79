"""What carries events, checked against a real moto, one fault at a time."""

import pytest

from hippodrome.events.validate import verdict
from tests.events.conftest import RULES, SETTINGS, Moto


def test_what_the_stacks_own_moto_is_seeded_with_is_well(moto: Moto) -> None:
    checks = moto.checks()
    assert [check.name for check in checks.values()] == [
        f"{name}"
        for feed in (SETTINGS, RULES)
        for name in (
            f"table {feed.table} streams new images",
            f"pipe {feed.pipe} is RUNNING",
            f"pipe {feed.pipe} reads that stream",
            f"pipe {feed.pipe} feeds that bus",
            f"bus {feed.bus} exists",
        )
    ]
    assert verdict(checks.values()) == "ok"
    assert not any(check.mend or check.commands for check in checks.values())


def test_a_missing_bus_is_one_failed_check(moto: Moto) -> None:
    moto.client("events").delete_event_bus(Name=RULES.bus)
    assert moto.failed() == {f"bus {RULES.bus} exists": "it is missing in us-east-1"}


def test_a_missing_pipe_is_one_failed_check(moto: Moto) -> None:
    moto.client("pipes").delete_pipe(Name=SETTINGS.pipe)
    assert moto.failed() == {f"pipe {SETTINGS.pipe} is": "it is missing in us-east-1"}


def test_a_missing_table_is_one_failed_check(moto: Moto) -> None:
    moto.client("dynamodb").delete_table(TableName=SETTINGS.table)
    assert moto.failed() == {f"table {SETTINGS.table} streams": "it is missing in us-east-1"}


def test_a_stopped_pipe_fails(moto: Moto) -> None:
    moto.client("pipes").stop_pipe(Name=RULES.pipe)
    assert moto.failed() == {f"pipe {RULES.pipe} is": "it is STOPPED"}


def test_a_pipe_that_reads_another_tables_stream_fails(moto: Moto) -> None:
    other = moto.client("pipes").describe_pipe(Name=RULES.pipe)["Source"]
    moto.pipe(SETTINGS.pipe, Source=other)
    assert moto.failed() == {f"pipe {SETTINGS.pipe} reads": f"it reads {other.split(':', 5)[-1]}"}


def test_a_pipe_that_reads_a_stream_that_was_made_anew_fails(moto: Moto) -> None:
    old = moto.client("pipes").describe_pipe(Name=SETTINGS.pipe)["Source"]
    earlier = old.rpartition("/")[0] + "/2020-01-01T00:00:00.000"
    moto.pipe(SETTINGS.pipe, Source=earlier)
    found = moto.failed()[f"pipe {SETTINGS.pipe} reads"]
    assert found == f"it reads an older stream of the table, {earlier.split(':', 5)[-1]}"


def test_a_pipe_that_feeds_another_bus_fails(moto: Moto) -> None:
    other = moto.client("events").describe_event_bus(Name=SETTINGS.bus)["Arn"]
    moto.pipe(RULES.pipe, Target=other)
    assert moto.failed() == {f"pipe {RULES.pipe} feeds": f"it feeds event-bus/{SETTINGS.bus}"}


def test_a_stream_that_is_off_is_one_failed_check(moto: Moto) -> None:
    moto.view(RULES.table, "")
    assert moto.failed() == {f"table {RULES.table} streams": "its stream is off"}


@pytest.mark.parametrize("view", ["KEYS_ONLY", "OLD_IMAGE"])
def test_a_stream_without_new_images_fails(moto: Moto, view: str) -> None:
    moto.view(RULES.table, view)
    assert moto.failed()[f"table {RULES.table} streams"] == f"it streams {view}"


def test_a_stream_of_new_images_alone_will_do(moto: Moto) -> None:
    moto.view(RULES.table, "NEW_IMAGE")
    assert moto.checks()[f"table {RULES.table} streams"].outcome == "ok"
