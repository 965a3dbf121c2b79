"""Clocks that jump, and machines that sleep."""

import itertools
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hippodrome.control import orphans
from hippodrome.logs.read import tail
from hippodrome.rundir import read_record
from hippodrome.wait import Deadline
from tests.rounds import faketime
from tests.stack import Stack, http, kill, running, service, sleeper, wait_until

pytestmark = pytest.mark.faults
COUNTS = "import time\nn = 0\nwhile True:\n    print('line', n, flush=True); n += 1; time.sleep(0.02)"
SLEEP_S = 4.0


class Clocked(Stack):
    """supervisord and the warden see a wall clock that `turn` sets; the services and this process do not."""

    @property
    def _offset(self) -> Path:
        return self.folder / "offset"

    def turn(self, seconds: int) -> None:
        staging = self._offset.with_suffix(".new")
        staging.write_text(f"{seconds:+d}s\n")
        staging.replace(self._offset)

    def interpreter(self) -> Path:
        """Stands for ours where supervisord is started. Its environment is cleared there, so this is given twice."""
        self.turn(0)
        script = self.folder / "python"
        lines = (f"export {name}='{value}'" for name, value in self.variables.items())
        text = "\n".join(["#!/bin/sh", *lines, f"export LD_PRELOAD={faketime()}", f'exec {sys.executable} "$@"', ""])
        script.write_text(text)
        script.chmod(0o700)
        return script

    @property
    def variables(self) -> dict[str, str]:
        return {"FAKETIME_TIMESTAMP_FILE": str(self._offset), "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"}


@pytest.fixture
def clocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clocked]:
    made = Clocked(tmp_path)
    monkeypatch.setenv("PATH", os.environ["PATH"])
    programs = service("api"), service("web")  # whose interpreter is the true one
    with running(made):
        with monkeypatch.context() as patched:
            for name, value in made.variables.items():
                patched.setenv(name, value)
            patched.setattr("hippodrome.control.daemon.sys.executable", str(made.interpreter()))
            patched.setattr("tests.stack.BASE_NAMES", ("PATH", "HOME", "LANG", *made.variables))
            made.start(*programs)
        yield made


@pytest.mark.slow
@pytest.mark.needs("libfaketime")
@pytest.mark.parametrize("jump_s", [-7200, 7200], ids=["back", "ahead"])
def test_a_clock_that_jumps_restarts_nothing_and_delays_nothing(clocked: Clocked, jump_s: int) -> None:
    clocked.apply(*clocked.plan.programs, sleeper("counts", COUNTS))
    clocked.wait_until_ready()
    before = {status.name: status.pid for status in clocked.supervisor.status().statuses}
    wait_until(lambda: "line 20" in clocked.log("counts"))
    clocked.turn(jump_s)
    began = time.monotonic()
    wait_until(lambda: "line 200" in clocked.log("counts"))
    assert {status.name: status.pid for status in clocked.supervisor.status().statuses} == before
    victim = before["api"]
    assert victim
    kill(victim)
    clocked.wait_for("api", "healthy", and_that=lambda status: status.pid != victim)
    assert time.monotonic() - began < 30.0
    assert clocked.status("web").pid == before["web"]
    assert (clocked.events[-1]["at"] > time.time() + 7000) is (jump_s > 0)
    lines = tail(clocked.instance.layout, ["counts"], 10_000)
    numbers = [int(line.text.split()[1]) for line in lines]
    assert numbers == list(range(len(numbers)))
    assert all(later.at >= earlier.at for earlier, later in itertools.pairwise(lines))


@pytest.mark.slow
def test_a_machine_that_slept_finds_its_stack_as_it_was(stack: Stack) -> None:
    """SIGSTOP and SIGCONT of all processes; the checks and their limits are much shorter than the sleep."""
    quick = {"interval_s": 0.2, "timeout_s": 0.5, "retries": 2}
    api, web = service("api"), service("web")
    programs = [each.__class__(**{**vars(each), "probe": http(each.ports["http"], **quick)}) for each in (api, web)]
    stack.start(*programs, service("crashes", "crash=3"))
    stack.wait_for("api", "healthy")
    stack.wait_for("web", "healthy")
    before = {name: stack.status(name).pid for name in ("api", "web")}
    record = read_record(stack.instance.layout)
    assert record
    slept = orphans.find(record.stack_id)
    for number, pause_s in ((signal.SIGSTOP, SLEEP_S), (signal.SIGCONT, 0.0)):
        for pid in slept:
            os.kill(pid, number)
        time.sleep(pause_s)
    woken = Deadline(2.0)
    while not woken.is_over:
        assert {name: stack.status(name).state for name in before} == dict.fromkeys(before, "healthy")
        time.sleep(0.05)
    assert {name: stack.status(name).pid for name in before} == before
    stack.wait_for("crashes", "healthy", and_that=lambda status: status.restarts > 0)
