"""An instance's folder stays within the bounds that docs/faults.md states."""

import os
import signal
import time
from pathlib import Path

import pytest

from hippodrome.bootstrap import tools
from hippodrome.control import warden
from hippodrome.control.bounds import remove_staged, tidy
from hippodrome.control.rpc import is_running
from hippodrome.logs.stamps import SLACK
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import LogLimits
from tests.control.plans import plan, program
from tests.control.stacks import Stack

SIZE, FILES = 64 << 10, 3
READ = 128 << 10  # supervisord reads so much at once, and turns a log over after it
LINES = f"""
import sys, time
for n in range(40): sys.stdout.write(f"line {{n}} " + "x" * {SIZE // 4} + "\\n"); sys.stdout.flush()
for n in range(20_000): sys.stdout.write(f"{{n}}\\n"); n % 10 or sys.stdout.flush()
print("the end", flush=True)
time.sleep(999)
"""
OWN = 1 << 20  # of supervisord's own log, plans and the rest, in a start and a flood


def size_of(folder: Path, pattern: str = "**/*") -> int:
    return sum(path.lstat().st_size for path in folder.glob(pattern) if path.is_file())


def ends(logs: Path, name: str) -> bool:
    """Whether the last line has come, be it in a part that was full with it."""
    parts = [logs / f"{name}.log", logs / f"{name}.log.1"]
    return any(b"the end\n" in path.read_bytes() for path in parts if path.exists())


def test_a_flood_leaves_each_service_and_the_whole_within_their_bounds(stack: Stack) -> None:
    flooding = [program(name, code=LINES, log=LogLimits(SIZE, FILES)) for name in ("a", "b")]
    stack.up(*flooding)
    logs = stack.layout.logs
    stack.eventually(lambda: all(ends(logs, name) for name in ("a", "b")))
    parts = [path for path in logs.glob("a.log*") if ".times" not in path.name]
    assert len(parts) == FILES
    written, index = FILES * SIZE + READ, (FILES + 1) * (SIZE + SLACK) + READ
    for name in ("a", "b"):
        assert size_of(logs, f"{name}.log*") <= written + index
        assert sum(path.stat().st_size for path in logs.glob(f"{name}.log*") if ".times" not in path.name) <= written
    assert size_of(stack.layout.run_dir) <= 2 * (written + index) + OWN


def log_of(layout: Layout, name: str, *, age_days: float = 0) -> Path:
    path = layout.logs / name
    path.write_text("x")
    then = time.time() - age_days * 86400
    os.utime(path, (then, then))
    return path


def test_surplus_parts_and_logs_of_what_is_long_gone_are_removed(tmp_path: Path) -> None:
    layout = Layout(tmp_path, tmp_path)
    layout.logs.mkdir()
    kept = ["a.log", "a.log.1", "a.log.times", "a.log.times.1", "a.log.times.2", "a.setup.log", "a.setup.log.1"]
    kept += ["a.b.log.7", "notes.txt"]
    gone = ["a.log.2", "a.log.3", "a.log.times.3"]
    for name in (*kept, *gone):
        log_of(layout, name)
    log_of(layout, "old.log", age_days=29)
    for name in ("older.log", "older.log.1", "older.log.times", "older.setup.log"):
        log_of(layout, name, age_days=31)
    tidy(layout, plan(program("a", log=LogLimits(SIZE, 2))))
    assert {path.name for path in layout.logs.iterdir()} == {*kept, "old.log"}


def test_what_was_left_half_written_is_removed(tmp_path: Path) -> None:
    layout = Layout(tmp_path, tmp_path)
    layout.plans.mkdir()
    for path in (tmp_path / ".plan.json.0a1b2c3d.new", layout.plans / ".1.json.0a1b2c3d.new", tmp_path / "my.new"):
        path.write_text("x")
    remove_staged(layout)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"my.new"}


def test_the_log_of_a_set_up_is_turned_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "LOG_MAX", 10_000)
    log = tmp_path / "a.setup.log"
    for _ in range(2):
        tools.Tools(log=log).run(["sh", "-c", "seq 1 8000; echo end"])
    assert {path.name for path in tmp_path.iterdir()} == {log.name, f"{log.name}.1"}
    assert size_of(tmp_path) < 2 * 10_000 + 2_000
    assert log.read_text().endswith("end\n")


def test_what_supervisord_says_in_a_long_life_is_cut_at_its_next_start(stack: Stack) -> None:
    stack.up(program("a"))
    with stack.layout.warden_log.open("ab") as file:
        file.truncate(warden.LOG_MAX + 1)
    before = stack.supervisord
    os.kill(before, signal.SIGKILL)
    stack.eventually(lambda: stack.layout.warden_log.stat().st_size < 10_000)
    stack.eventually(lambda: is_running(stack.layout))
    assert "supervisord is started again" in stack.layout.warden_log.read_text()
