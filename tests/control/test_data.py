"""Snapshots of data, under services that write while they run."""

import json
import sys
from pathlib import Path

import pytest

from hippodrome.control import data
from hippodrome.errors import UserError
from hippodrome.plan.model import Origin, Program
from tests.control.plans import plan, program
from tests.control.stacks import Stack

# adds a line to its file ten times a second, and a last one when it is told to end
WRITER = """
import pathlib, signal, sys, time
file = pathlib.Path(sys.argv[1]); file.parent.mkdir(parents=True, exist_ok=True)
def end(*_):
    file.open('a').write('end\\n'); sys.exit(0)
signal.signal(signal.SIGTERM, end)
while True:
    file.open('a').write('line\\n'); time.sleep(0.1)
"""


def silent(_: str) -> None:
    return


def writer(stack: Stack, name: str) -> Program:
    return program(name, argv=(sys.executable, "-c", WRITER, str(file_of(stack, name))))


def file_of(stack: Stack, name: str) -> Path:
    return stack.layout.data_of(name) / "lines"


def test_what_was_saved_comes_back_and_only_services_with_data_were_stopped(stack: Stack) -> None:
    stack.up(writer(stack, "writer"), program("other"))
    stack.eventually(lambda: file_of(stack, "writer").exists())
    other = stack.pids["other"]
    made = data.save(stack.instance, "first", is_replacing=False, say=stack.said.append)
    assert made.services == ("writer",)
    assert made.size > 0
    assert "Stopping writer for a moment." in stack.said
    stack.eventually(lambda: "end\nline" in file_of(stack, "writer").read_text())  # it has gone on since
    data.load(stack.instance, "first", silent)
    stack.eventually(lambda: set(stack.pids) == {"writer", "other"})
    assert file_of(stack, "writer").read_text().count("end") == 1
    assert stack.pids["other"] == other


def test_what_a_snapshot_does_not_have_is_gone_after_it_is_loaded(stack: Stack) -> None:
    stack.up(program("idle"))
    data.save(stack.instance, "empty", is_replacing=False, say=silent)
    stack.layout.data_of("idle").mkdir()
    (stack.layout.data_of("idle") / "late").write_text("x")
    data.load(stack.instance, "empty", silent)
    assert data.holders(stack.layout) == ()


def test_a_stack_that_does_not_run_can_be_saved_loaded_and_emptied(stack: Stack) -> None:
    file = file_of(stack, "kept")
    file.parent.mkdir(parents=True)
    file.write_text("kept")
    data.save(stack.instance, "cold", is_replacing=False, say=silent)
    data.reset(stack.instance, ["kept"], silent)
    assert not file.exists()
    file.parent.mkdir()  # as a service does at its start
    data.load(stack.instance, "cold", silent)
    assert file.read_text() == "kept"
    assert [each.name for each in data.saved(stack.layout)] == ["cold"]
    data.delete(stack.layout, "cold")
    assert data.saved(stack.layout) == ()


def test_a_name_that_is_taken_stays_until_it_is_to_be_replaced(stack: Stack) -> None:
    file = file_of(stack, "kept")
    file.parent.mkdir(parents=True)
    file.write_text("first")
    data.save(stack.instance, "one", is_replacing=False, say=silent)
    file.write_text("second")
    with pytest.raises(UserError, match="there is a snapshot `one` already"):
        data.save(stack.instance, "one", is_replacing=False, say=silent)
    data.save(stack.instance, "one", is_replacing=True, say=silent)
    file.write_text("third")
    data.load(stack.instance, "one", silent)
    assert file.read_text() == "second"


@pytest.mark.parametrize("name", ["", "../up", ".hidden", "a/b", "x" * 65])
def test_a_name_that_could_be_a_path_is_refused(stack: Stack, name: str) -> None:
    with pytest.raises(UserError, match="cannot name a snapshot"):
        data.save(stack.instance, name, is_replacing=False, say=silent)


def test_an_unknown_snapshot_is_told_with_the_nearest(stack: Stack) -> None:
    data.save(stack.instance, "morning", is_replacing=False, say=silent)
    with pytest.raises(UserError, match="Did you mean `morning`"):
        data.load(stack.instance, "mornin", silent)


@pytest.mark.faults
@pytest.mark.parametrize("more", [{}, {"of_later": 1, "services": {"a": 1}}], ids=["number", "form"])
def test_a_snapshot_of_another_version_is_listed_and_refused(stack: Stack, more: dict[str, object]) -> None:
    file = file_of(stack, "kept")
    file.parent.mkdir(parents=True)
    file.write_text("as it was")
    data.save(stack.instance, "old", is_replacing=False, say=silent)
    (path,) = stack.layout.run_dir.rglob("snapshot.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99, **more}))
    assert [(each.name, each.format) for each in data.saved(stack.layout)] == [("old", 99)]
    with pytest.raises(UserError, match="snapshot `old` was made by another version of hd"):
        data.load(stack.instance, "old", silent)
    assert file.read_text() == "as it was"
    data.delete(stack.layout, "old")
    assert data.saved(stack.layout) == ()


def test_services_run_again_when_saving_failed(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.up(writer(stack, "writer"))
    stack.eventually(lambda: file_of(stack, "writer").exists())
    monkeypatch.setenv("PATH", "/nonexistent")  # there is no `cp`
    with pytest.raises((UserError, OSError)):
        data.save(stack.instance, "never", is_replacing=False, say=silent)
    stack.eventually(lambda: "writer" in stack.pids)
    assert data.saved(stack.layout) == ()


def test_data_fits_where_its_services_are_configured_and_of_the_same_code(stack: Stack) -> None:
    file = file_of(stack, "notes")
    file.parent.mkdir(parents=True)
    file.write_text("kept")
    real = program("notes", origin=Origin("path", "/notes", "./notes"))
    stack.layout.plan.write_text(plan(real).to_json())
    data.check_fits(plan(real), {"notes"}, stack.instance, "")
    data.check_fits(plan(), {"notes"}, stack.instance, "")  # a profile that leaves it out
    with pytest.raises(UserError, match="has data of `notes`, which no service is called here"):
        data.check_fits(plan(), {"other"}, stack.instance, "")
    reference = program("notes", origin=Origin("reference", "/reference", "reference"))
    with pytest.raises(UserError, match=r"written by \./notes, and here it is reference"):
        data.check_fits(plan(reference), {"notes"}, stack.instance, "")
