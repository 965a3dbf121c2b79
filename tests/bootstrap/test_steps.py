"""What a plan lacks is found, made in the right order, and told when it cannot be had."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hippodrome.bootstrap import cache, steps
from hippodrome.bootstrap.steps import Failure, Job, Progress, pending
from hippodrome.plan.model import Program, SetupStep
from hippodrome.wait import Deadline, until
from tests.control.plans import plan, program
from tests.core.conftest import ROOT

PATIENCE_S = 60.0


def step(product: Path, kind: Any = "command", code: str = "", **more: Any) -> SetupStep:
    """One that runs Python `code` in the product's folder."""
    made = SetupStep(kind, str(product.parent), (), "key", str(product), is_shared=False)
    return replace(made, argv=(sys.executable, "-c", code), **more)


def needing(name: str, *needed: SetupStep) -> Program:
    return program(name, setup=needed)


@pytest.fixture
def folder(tmp_path: Path, cache_home: Path) -> Path:
    (tmp_path / "a project").mkdir()
    return tmp_path / "a project"


@pytest.fixture
def run(folder: Path) -> Callable[..., tuple[Failure, ...]]:
    """Runs jobs; progress goes to the list that is given."""

    def run_jobs(jobs: tuple[Job, ...], told: list[Progress] | None = None) -> tuple[Failure, ...]:
        report = told.append if told is not None else lambda _: None
        return steps.run(jobs, report, lambda name: folder / "logs" / f"{name}.log")

    return run_jobs


def test_one_product_that_two_programs_need_is_one_job(folder: Path) -> None:
    shared = step(folder / "shared")
    jobs = pending(plan(needing("a", shared), needing("b", shared, step(folder / "own"))))
    assert [(job.step.product, job.programs) for job in jobs] == [
        (str(folder / "shared"), ("a", "b")),
        (str(folder / "own"), ("b",)),
    ]


def test_what_is_made_is_not_pending_until_its_inputs_change(folder: Path, run: Callable[..., object]) -> None:
    wanted = step(folder / "made")
    run(pending(plan(needing("a", wanted))))
    assert pending(plan(needing("a", wanted))) == ()
    assert len(pending(plan(needing("a", replace(wanted, key="other"))))) == 1


@pytest.mark.parametrize("kind", ["venv", "npm"])
def test_what_its_owner_made_in_a_component_is_used_as_it_is(folder: Path, kind: str) -> None:
    product = folder / "product"
    product.mkdir()
    assert pending(plan(needing("a", step(product, kind)))) == ()
    assert len(pending(plan(needing("a", step(product, kind, is_shared=True))))) == 1


def test_checkouts_share_what_is_made_for_a_component(
    folder: Path, run: Callable[..., tuple[Failure, ...]], wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    wanted = []
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "requirements.txt").write_text("click\n")
        made = step(folder / name / ".venv", "venv", inputs=("requirements.txt",), is_cloned=True)
        assert run(pending(plan(needing(name, made)))) == ()
        wanted.append(made)
    assert [cache.is_complete(Path(each.product), "key") for each in wanted] == [True, True]
    assert "pip install" in (folder / "logs" / "one.log").read_text()
    assert not (folder / "logs" / "two.log").exists(), "nothing was installed a second time"


@pytest.mark.parametrize("kind", ["venv", "npm"])
def test_what_a_killed_set_up_left_in_a_component_is_not_taken_for_its_owners(folder: Path, kind: str) -> None:
    product = folder / "product"
    code = """
import os, signal, sys
from pathlib import Path
from hippodrome.bootstrap.cache import ensure
def make():
    Path(sys.argv[1]).mkdir()
    os.kill(os.getpid(), signal.SIGKILL)
ensure(Path(sys.argv[1]), "key", make)
"""
    killed = subprocess.run([sys.executable, "-c", code, product], env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert killed.returncode == -signal.SIGKILL
    assert product.is_dir()
    assert len(pending(plan(needing("a", step(product, kind))))) == 1


def test_what_failed_in_a_component_is_told_and_tried_again(
    folder: Path, run: Callable[..., tuple[Failure, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "npm").write_text("#!/bin/sh\nmkdir node_modules\necho npm error ECONNREFUSED\nexit 1\n")
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    wanted = plan(needing("web", step(folder / "node_modules", "npm")))
    (failure,) = run(pending(wanted))
    log = folder / "logs" / "web.log"
    again = f"`hd setup web` tries again; all of its output is in {log}."
    assert failure == Failure(
        kind="npm",
        programs=("web",),
        cause="`npm ci …` exited with 1",
        lines=("npm error ECONNREFUSED",),
        mend=f"Does npm reach its registry here? {again}",
    )
    assert "npm error ECONNREFUSED" in log.read_text()
    assert len(pending(wanted)) == 1


def test_progress_has_a_beginning_and_an_end_for_each(folder: Path, run: Callable[..., tuple[Failure, ...]]) -> None:
    told: list[Progress] = []
    good, bad = step(folder / "good"), step(folder / "bad", code="raise SystemExit(1)")
    failures = run(pending(plan(needing("a", good), needing("b", bad))), told)
    assert [failure.programs for failure in failures] == [("b",)]
    assert {(each.job.programs[0], each.state) for each in told} == {
        ("a", "started"), ("a", "done"), ("b", "started"), ("b", "failed"),
    }  # fmt: skip
    assert {each.job.label for each in told} == {"a: set-up", "b: set-up"}


def test_jobs_run_side_by_side(folder: Path, run: Callable[..., tuple[Failure, ...]]) -> None:
    """Each ends only once the other has begun."""
    wait_for = (
        "import pathlib, time\npathlib.Path('{0}').touch()\nwhile not pathlib.Path('{1}').exists(): time.sleep(.01)"
    )
    pair = [step(folder / f"made-{a}", code=wait_for.format(a, b)) for a, b in (("x", "y"), ("y", "x"))]
    assert run(pending(plan(needing("a", pair[0]), needing("b", pair[1])))) == ()


def test_what_needs_a_fetched_node_waits_for_it_and_finds_it_first_on_its_path(
    folder: Path, run: Callable[..., tuple[Failure, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_node(product: Path, *_: object) -> None:
        (product / "bin").mkdir(parents=True)
        (product / "bin" / "npm").write_text("#!/bin/sh\nmkdir node_modules\necho $0 >node_modules/by\n")
        (product / "bin" / "npm").chmod(0o755)

    monkeypatch.setattr("hippodrome.bootstrap.node.make_node", make_node)
    node = step(folder / "node", "node", is_shared=True)
    assert run(pending(plan(needing("web", node, step(folder / "node_modules", "npm"))))) == ()
    assert (folder / "node_modules" / "by").read_text() == f"{folder}/node/bin/npm\n"
    assert cache.is_complete(folder / "node_modules", "key")


def test_without_the_node_what_needs_it_fails_for_the_same_cause_and_the_rest_is_made(
    folder: Path, run: Callable[..., tuple[Failure, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hippodrome.bootstrap.node.make_node", _no_network)
    node, modules = step(folder / "node", "node", is_shared=True), step(folder / "node_modules", "npm")
    failures = run(pending(plan(needing("web", node, modules), needing("api", step(folder / "api")))))
    assert {(failure.kind, failure.programs, failure.cause) for failure in failures} == {
        ("node", ("web",), "no network")
    }
    assert not (folder / "node_modules").exists()
    assert cache.is_complete(folder / "api", "key")


def _no_network(*_: object) -> None:
    raise OSError("no network")


def test_ctrl_c_ends_the_tools_and_what_they_were_making_is_gone(folder: Path) -> None:
    code = """
import sys
from pathlib import Path
from hippodrome.bootstrap import steps
from hippodrome.plan.model import SetupStep
folder = Path(sys.argv[1])
made = SetupStep("npm", str(folder), (), "key", str(folder / "node_modules"), is_shared=False)
steps.run([steps.Job(made, ("web",))], lambda _: None, lambda name: folder / name)
"""
    (folder / "npm").write_text("#!/bin/sh\nmkdir node_modules\necho $$ >node_modules/pid\nsleep 600\n")
    (folder / "npm").chmod(0o755)
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{folder}:{os.environ['PATH']}"}
    child = subprocess.Popen([sys.executable, "-c", code, folder], env=environ, stderr=subprocess.PIPE, text=True)
    told = folder / "node_modules" / "pid"
    assert until(lambda: told.exists() and told.read_text(), Deadline(PATIENCE_S))
    pid = int(told.read_text())
    child.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in child.communicate(timeout=PATIENCE_S)[1]
    assert not (folder / "node_modules").exists()
    assert not Path(f"/proc/{pid}").exists()
