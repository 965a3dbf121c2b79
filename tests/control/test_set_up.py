"""What a start makes of set-up that fails."""

import sys
from pathlib import Path
from typing import Any

import pytest

from hippodrome.control.set_up import without
from hippodrome.errors import ExitCode, UserError
from hippodrome.plan.model import DependsOn, Program, SetupStep
from tests.control.plans import plan, program
from tests.control.stacks import Stack


def with_set_up(name: str, folder: Path, code: str, **facts: Any) -> Program:
    """A program whose set-up runs Python `code` in `folder`."""
    product = str(folder / f"made-{name}")
    step = SetupStep("command", str(folder), (), "key", product, is_shared=False, argv=(sys.executable, "-c", code))
    return program(name, setup=(step,), **facts)


def test_what_is_missing_is_made_before_the_start_and_once(stack: Stack, tmp_path: Path) -> None:
    made = with_set_up("a", tmp_path, "open('times', 'a').write('x')")
    stack.up(made)
    stack.up(made)
    assert (tmp_path / "times").read_text() == "x"


def test_what_cannot_be_set_up_is_left_out_with_what_requires_it_and_the_rest_runs(
    stack: Stack, tmp_path: Path
) -> None:
    bad = with_set_up("bad", tmp_path, "import sys; sys.exit('no such package')")
    applied = stack.up(bad, program("needs", depends_on=(DependsOn("bad", "started"),)), program("fine"), count=1)
    assert set(stack.pids) == {"fine"}
    assert applied.plan.names == ("fine",)
    assert [failure.programs for failure in applied.setup_failures] == [("bad",)]
    assert applied.lost == ("bad", "needs")
    assert any(line.startswith("bad is left out: its set-up failed") for line in stack.said)
    assert "needs is left out: it requires bad, which is left out." in stack.said
    assert "no such package" in stack.layout.setup_log("bad").read_text()


def test_strictly_a_failed_set_up_starts_nothing(stack: Stack, tmp_path: Path) -> None:
    bad = with_set_up("bad", tmp_path, "import sys; sys.exit(1)")
    with pytest.raises(UserError, match="set-up of bad failed") as caught:
        stack.up(bad, program("fine"), is_strict=True)
    assert caught.value.exit_code == ExitCode.SETUP_FAILED
    assert not stack.marked


def test_a_running_service_is_not_stopped_because_its_new_set_up_fails(stack: Stack, tmp_path: Path) -> None:
    stack.up(program("a"), program("b"))
    before = stack.pids
    with pytest.raises(UserError, match="set-up of a failed"):
        stack.up(with_set_up("a", tmp_path, "import sys; sys.exit(1)"))
    assert stack.pids == before


def test_dependents_of_what_is_left_out_are_left_out_too() -> None:
    needs = (DependsOn("a", "healthy"),)
    likes = (DependsOn("a", "healthy", is_required=False), DependsOn("d", "started"))
    made = plan(
        program("a"),
        program("b", depends_on=needs),
        program("c", depends_on=(DependsOn("b", "started"),)),
        program("d"),
        program("e", depends_on=likes),
    )
    found = without(made, {"a": "its set-up failed: no network"})
    assert found.names == ("d", "e")
    assert found.program("e").depends_on == (DependsOn("d", "started"),)
    assert {left.name: left.reason for left in found.left_out} == {
        "a": "its set-up failed: no network",
        "b": "it requires a, which is left out",
        "c": "it requires b, which is left out",
    }
