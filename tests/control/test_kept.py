"""The plans that an instance ran."""

import json
from pathlib import Path

import pytest

from hippodrome.control import kept
from hippodrome.control.change import Change, compared
from hippodrome.control.delta import Delta
from hippodrome.control.kept import Cause, Kept
from hippodrome.control.set_up import check_made
from hippodrome.control.verdict import Word
from hippodrome.errors import UserError
from hippodrome.plan.model import DependsOn, SetupStep
from hippodrome.rundir import layout_of
from tests.control.plans import plan, program
from tests.control.stacks import Stack


def entry(number: int, verdict: Word, digest: str = "", back_to: int | None = None) -> Kept:
    return Kept(
        number=number,
        at=float(number),
        command="hd up",
        digest=digest or str(number),
        profile="core",
        cell="local",
        change=Change(delta=Delta()),
        required=("a",),
        verdict=verdict,
        back_to=back_to,
    )


@pytest.mark.parametrize(
    ("entries", "number"),
    [
        ((), None),
        ((entry(1, "healthy"),), None),
        ((entry(1, "healthy"), entry(2, "failed")), 1),
        ((entry(1, "healthy"), entry(2, "healthy")), 1),
        ((entry(1, "healthy"), entry(2, "failed"), entry(3, "replaced"), entry(4, "pending")), 1),
        ((entry(1, "healthy"), entry(2, "healthy"), entry(3, "healthy", "2")), 1),
        ((entry(1, "healthy"), entry(2, "healthy"), entry(3, "failed"), entry(4, "healthy", "2", back_to=2)), 1),
    ],
)
def test_one_goes_back_to_the_last_other_plan_that_was_healthy_and_from_there_further(
    entries: tuple[Kept, ...], number: int | None
) -> None:
    found = kept.earlier_healthy(entries)
    assert (found.number if found else None) == number


def test_an_entry_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    layout = layout_of(tmp_path)
    before = plan(program("a"))
    after = plan(program("a", environment={"A": "1"}), program("b"), cell="staging")
    change = compared(before, after, Delta(add=("b",), change=("a",)))
    kept.begin(
        layout,
        after,
        change,
        Cause(command="hd up", choice={"only": ["a"]}, back_to=3, files=("a.env",)),
        ready=("a",),
    )
    (found,) = kept.read_all(layout)
    assert found.change == change
    assert (found.command, found.choice, found.back_to, found.ready) == ("hd up", {"only": ["a"]}, 3, ("a",))
    assert found.files == ("a.env",)
    assert kept.plan_of(layout, 1) == after


def test_an_entry_of_before_files_were_kept_is_read(tmp_path: Path) -> None:
    layout = layout_of(tmp_path)
    kept.begin(layout, plan(program("a")), Change(delta=Delta(add=("a",))), Cause(command="hd up"))
    path = layout.plans / "000001.json"
    told = json.loads(path.read_text())
    del told["files"]
    path.write_text(json.dumps(told))
    assert [each.files for each in kept.read_all(layout)] == [()]


def test_what_another_version_or_nobody_has_written_is_passed_over(tmp_path: Path) -> None:
    layout = layout_of(tmp_path)
    change = Change(delta=Delta(add=("a",)))
    kept.begin(layout, plan(program("a")), change, Cause())
    (layout.plans / "000000.json").write_text('{"number": 0}')
    (layout.plans / ".000009.json.1.new").write_text("half")
    assert [each.number for each in kept.read_all(layout)] == [1]
    assert kept.of_another_version(layout) == 1
    path = layout.plans / "000001.plan.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 0'))
    with pytest.raises(UserError, match="made by another version"):
        kept.to_go_back_to(layout, 1)


@pytest.mark.faults
def test_an_entry_of_another_format_is_counted_and_not_written_over(tmp_path: Path) -> None:
    layout = layout_of(tmp_path)
    first, second = (plan(program("a", environment={"A": value})) for value in "12")
    kept.begin(layout, first, Change(delta=Delta(add=("a",))), Cause())
    path = layout.plans / "000001.json"
    assert json.loads(path.read_text())["format"] == 1
    path.write_text(text := path.read_text().replace('"format": 1', '"format": 99'))
    assert kept.read_all(layout) == ()
    assert kept.of_another_version(layout) == 1
    with pytest.raises(UserError, match="plan 1 was made by another version"):
        kept.to_go_back_to(layout, 1)
    kept.begin(layout, second, Change(delta=Delta(change=("a",))), Cause())
    assert [each.number for each in kept.read_all(layout)] == [2]
    assert path.read_text() == text


@pytest.mark.faults
def test_an_entry_from_before_there_was_a_number_is_read(tmp_path: Path) -> None:
    layout = layout_of(tmp_path)
    kept.begin(layout, plan(program("a")), Change(delta=Delta(add=("a",))), Cause())
    path = layout.plans / "000001.json"
    told = json.loads(path.read_text())
    del told["format"]
    path.write_text(json.dumps(told))
    assert [each.number for each in kept.read_all(layout)] == [1]


def test_a_folder_that_cannot_be_written_to_keeps_nobody_from_changing_a_stack(stack: Stack) -> None:
    stack.layout.run_dir.mkdir(parents=True)
    stack.layout.plans.write_text("in the way")
    assert stack.up(program("a")).has_started
    assert kept.settle(stack.layout) is None


def test_a_line_that_moved_makes_no_other_plan(stack: Stack) -> None:
    stack.up(program("a"))
    before = stack.pids
    stack.up(program("a", declared_at="hippodrome.yaml:9"))
    assert [each.number for each in kept.read_all(stack.layout)] == [1]
    assert kept.last(stack.layout).digest == stack.supervisor.status().plan_digest  # type: ignore[union-attr]
    assert stack.pids == before


def test_a_change_that_is_refused_is_not_kept(stack: Stack) -> None:
    stack.up(program("a"))
    with pytest.raises(UserError, match="secret-unreadable"):
        stack.up(program("a"), program("b", secrets={"T": ("no-such-command",)}))
    assert [each.number for each in kept.read_all(stack.layout)] == [1]


def test_a_task_that_is_run_again_takes_along_who_waited_for_its_end_and_nobody_else() -> None:
    after_task = (DependsOn("task", "completed"),)
    programs = (
        program("more", depends_on=after_task),
        program("web", depends_on=(DependsOn("more", "completed"),)),
        program("other", depends_on=(DependsOn("more", "started"), DependsOn("task", "started"))),
    )
    before = plan(program("task"), *programs)
    after = plan(program("task", environment={"A": "1"}), *programs)
    change = compared(before, after, Delta(change=("task", "more", "web"), keep=("other",)))
    assert change.follows == {"more": "task", "web": "more"}


def test_what_an_earlier_plan_was_set_up_with_must_still_be_there(tmp_path: Path) -> None:
    step = SetupStep("venv", str(tmp_path), ("requirements.txt",), "k1", str(tmp_path / "gone"), is_shared=True)
    check_made(plan(program("a")), "plan 1")
    with pytest.raises(UserError, match="what plan 1 was set up with is gone"):
        check_made(plan(program("a", setup=(step,))), "plan 1")
