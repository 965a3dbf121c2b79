"""Whether a plan became healthy, told from what happened after it was applied."""

import json
from pathlib import Path

import pytest

from hippodrome.control.verdict import Move, Verdict, at_its_end, judge, moves
from hippodrome.rundir import layout_of


def told(*moves: str) -> list[Move]:
    """From `MOMENT PROGRAM STATE [CAUSE]`."""
    parts = [each.split() for each in moves]
    return [Move(float(at), program, state, *(cause or [""])) for at, program, state, *cause in parts]


@pytest.mark.parametrize(
    ("happened", "verdict"),
    [
        ((), Verdict("pending")),
        (("11 a healthy",), Verdict("pending")),
        (("11 a healthy", "13 b running"), Verdict("healthy", 3.0)),
        (("11 a healthy", "12 a backoff crashed", "13 b running"), Verdict("pending", None, ("a",))),
        (("11 a healthy", "12 a backoff crashed", "13 b running", "14 a healthy"), Verdict("healthy", 4.0)),
        (("11 a exited", "12 b healthy"), Verdict("healthy", 2.0)),
        (("11 a exited crashed", "12 b healthy"), Verdict("failed", None, ("a",))),
        (("11 a failed gave-up", "12 b blocked blocked-by"), Verdict("failed", None, ("a",))),
        (("11 a unhealthy start-timeout", "12 b healthy"), Verdict("failed", None, ("a",))),
        (("11 other failed", "12 a healthy", "12 b healthy"), Verdict("healthy", 2.0)),
    ],
)
def test_all_that_is_required_must_be_ready_at_one_moment(happened: tuple[str, ...], verdict: Verdict) -> None:
    assert judge(("a", "b"), (), told(*happened), since=10.0) == verdict


def test_what_was_ready_already_counts_until_it_is_no_longer() -> None:
    assert judge(("a", "b"), ("a", "b"), (), since=10.0) == Verdict("healthy", 0.0)
    assert judge(("a", "b"), ("a",), told("12 b healthy"), since=10.0) == Verdict("healthy", 2.0)
    assert judge(("a", "b"), ("a",), told("11 a unhealthy", "12 b healthy"), since=10.0).word == "failed"


def test_what_ended_before_anybody_could_say_was_replaced_or_had_failed() -> None:
    assert at_its_end(Verdict("pending")).word == "replaced"
    assert at_its_end(Verdict("pending", None, ("a",))) == Verdict("failed", None, ("a",))
    assert at_its_end(Verdict("healthy", 1.0)) == Verdict("healthy", 1.0)


def test_only_what_happened_since_then_is_read_also_across_a_turned_file(tmp_path: Path) -> None:
    layout = layout_of(tmp_path)
    lines = [json.dumps({"at": at, "program": "a", "state": "healthy", "cause": ""}) for at in range(6)]
    layout.events.with_name("events.jsonl.1").write_text("\n".join(lines[:3]) + "\n")
    layout.events.write_text("\n".join(lines[3:]) + "\nnonsense\n")
    assert [move.at for move in moves(layout, 2.0)] == [2.0, 3.0, 4.0, 5.0]
    assert [move.at for move in moves(layout, 2.0, until=4.0)] == [2.0, 3.0]
    assert moves(layout_of(tmp_path / "nowhere"), 0.0) == []
