"""Order and readiness under a real supervisord: what depends on what, and when it may start."""

from dataclasses import replace
from pathlib import Path

import pytest

from hippodrome.plan.model import Program, Restart
from tests.stack import Stack, is_alive, kill, needs, program, service, sleeper, task

NEVER = Restart("no")
CONDITIONS = ("started", "healthy", "completed")


def test_each_starts_once_what_it_needs_is_healthy(stack: Stack) -> None:
    cell = service("cell", "delay=0.3")
    stack.start(cell, service("api", depends_on=needs("cell")), service("page", depends_on=needs("api")))
    snapshot = stack.wait_until_ready()
    cell_at, api_at, page_at = (snapshot.status(name) for name in ("cell", "api", "page"))
    assert api_at.started_at and cell_at.healthy_at and api_at.started_at >= cell_at.healthy_at
    assert page_at.started_at and api_at.healthy_at and page_at.started_at >= api_at.healthy_at
    assert stack.states_of("page") == ["waiting", "starting", "healthy"]


def test_a_dependency_that_fails_fast_never_lets_its_dependents_start(stack: Stack) -> None:
    broken = program("broken", "sh", "-c", "exit 3", restart=Restart("on-failure", 1))
    dependents = [sleeper(each, depends_on=needs("broken", condition=each)) for each in CONDITIONS]
    stack.start(broken, *dependents)
    stack.wait_for("broken", "failed")
    for name in CONDITIONS:
        stack.wait_for(name, "blocked")
        assert "starting" not in stack.states_of(name)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_what_is_dead_blocks_all_that_require_it_however_far_down(stack: Stack, condition: str) -> None:
    dead = (
        program("ended", "false", restart=NEVER),  # no Python, which may take a second to end on a busy machine
        program("missing", "/nowhere/to/be/found"),
        service("brief", "exit=0", restart=NEVER),
    )
    stack.start(*dead, sleeper("free"), *(each for one in dead for each in _chain_on(one.name, condition)))
    for name in ("ended", "missing", "brief"):
        last = stack.wait_for(f"{name}-3", "blocked")
        assert (last.cause, last.waits_for) == ("blocked-by", (f"{name}-2",))
        causes = [stack.status(f"{name}-{number}").detail["program"] for number in (1, 2, 3)]
        assert causes == [name, f"{name}-1", f"{name}-2"]
        assert not any("starting" in stack.states_of(f"{name}-{number}") for number in (1, 2, 3))
    assert stack.wait_for("free", "running").pid


def _chain_on(dead: str, condition: str) -> list[Program]:
    return [
        sleeper(f"{dead}-1", depends_on=needs(dead, condition=condition)),
        sleeper(f"{dead}-2", depends_on=needs(f"{dead}-1")),
        sleeper(f"{dead}-3", depends_on=needs(f"{dead}-2", condition="completed")),
    ]


def test_what_is_left_out_blocks_what_requires_it_and_is_named(stack: Stack) -> None:
    stack.start(sleeper("api", depends_on=needs("cell")), sleeper("page", depends_on=needs("api")))
    api = stack.wait_for("api", "blocked")
    assert (api.cause, api.detail) == ("left-out", {"program": "cell"})
    assert stack.wait_for("page", "blocked").detail == {"program": "api"}


def test_a_dependency_that_one_can_do_without_holds_nobody_up(stack: Stack) -> None:
    dead = task("dead", "raise SystemExit(1)")
    stack.start(dead, sleeper("able", depends_on=needs("dead", "missing", is_required=False)))
    assert stack.wait_for("able", "running").pid


def test_a_dependency_that_dies_for_good_takes_its_dependents_with_it(stack: Stack) -> None:
    chain = service("api", depends_on=needs("cell")), service("page", depends_on=needs("api"))
    stack.start(service("cell", restart=NEVER), *chain)
    snapshot = stack.wait_until_ready()
    pids = [snapshot.status(name).pid or 0 for name in ("api", "page")]
    kill(snapshot.status("cell").pid or 0)
    assert stack.wait_for("api", "blocked").detail == {"program": "cell"}
    assert stack.wait_for("page", "blocked").detail == {"program": "api"}
    assert not any(map(is_alive, pids))
    stack.supervisor.start(["cell"])
    assert stack.wait_for("page", "healthy").pid not in pids


def test_a_dependency_that_comes_back_after_a_crash_leaves_its_dependents_alone(stack: Stack) -> None:
    stack.start(service("cell"), sleeper("api", depends_on=needs("cell")))
    before = stack.wait_until_ready()
    kill(before.status("cell").pid or 0)
    stack.wait_for("cell", "healthy", and_that=lambda cell: cell.restarts == 1)
    assert stack.status("api").pid == before.status("api").pid
    assert stack.states_of("api") == ["waiting", "starting", "running"]


def test_a_dependency_that_is_healthy_only_after_its_own_restart_releases_its_dependents(
    stack: Stack, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    stack.start(service("cell", f"needs={ready}"), sleeper("api", depends_on=needs("cell")))
    stack.wait_for("cell", "backoff")
    assert stack.status("api").state == "waiting"
    ready.touch()
    assert stack.wait_for("api", "running").started_at
    cell = stack.status("cell")
    assert cell.restarts >= 1 and cell.healthy_at


def test_a_check_that_comes_late_still_releases_dependents(stack: Stack, tmp_path: Path) -> None:
    sick = tmp_path / "sick"
    sick.touch()
    cell = service("cell", f"sick={sick}")
    cell = replace(cell, probe=replace(cell.probe, start_period_s=0.3))
    stack.start(cell, sleeper("api", depends_on=needs("cell")))
    late = stack.wait_for("cell", "unhealthy")
    assert (late.cause, late.detail) == ("start-timeout", {"seconds": 0.3, "probe": "HTTP 503"})
    assert stack.status("api").state == "waiting"
    sick.unlink()
    assert stack.wait_for("api", "running").pid


def test_a_service_that_was_updated_is_judged_by_its_new_life(stack: Stack) -> None:
    cell = service("cell")
    stack.start(cell, sleeper("api", depends_on=needs("cell")))
    stack.wait_until_ready()
    broken = replace(cell, argv=(*cell.argv, "exit=3"), restart=Restart("on-failure", 0))
    stack.apply(broken, sleeper("api", depends_on=needs("cell")))
    assert stack.wait_for("cell", "failed").healthy_at is None
    assert stack.wait_for("api", "blocked").detail == {"program": "cell"}
    stack.apply(cell, sleeper("api", depends_on=needs("cell")))
    assert stack.wait_for("cell", "healthy").cause == ""
    stack.wait_for("api", "running")


def test_a_stop_cancels_waiting(stack: Stack, tmp_path: Path) -> None:
    stack.start(service("cell", f"needs={tmp_path / 'ready'}"), sleeper("api", depends_on=needs("cell")))
    stack.wait_for("api", "waiting", and_that=lambda api: api.waits_for == ("cell",))
    stack.supervisor.stop(["api"])
    assert stack.status("api").state == "stopped"
    (tmp_path / "ready").touch()
    stack.wait_for("cell", "healthy")
    assert stack.status("api").state == "stopped"
    stack.supervisor.start(["api"])
    stack.wait_for("api", "running")
    assert stack.states_of("api") == ["waiting", "stopped", "waiting", "starting", "running"]


@pytest.mark.parametrize("call", ["stop and start", "restart", "start"])
def test_what_is_asked_while_waiting_neither_wedges_nor_doubles(stack: Stack, tmp_path: Path, call: str) -> None:
    note = f"open({str(tmp_path / 'pids')!r}, 'a').write('x')"
    stack.start(service("cell", f"needs={tmp_path / 'ready'}"), sleeper("api", note, depends_on=needs("cell")))
    stack.wait_for("api", "waiting", and_that=lambda api: api.waits_for)
    for _ in range(3):
        match call:
            case "stop and start":
                stack.supervisor.stop(["api"])
                stack.supervisor.start(["api"])
            case "restart":
                stack.supervisor.restart(["api"], "impatience")
            case "start":
                stack.supervisor.start(["api"])
    (tmp_path / "ready").touch()
    stack.wait_for("api", "running")
    assert (tmp_path / "pids").read_text() == "x"


def test_a_task_that_ended_well_counts_as_healthy_and_is_not_run_again_by_others(stack: Stack) -> None:
    stack.start(
        task("migrate"),
        sleeper("api", depends_on=needs("migrate")),
        sleeper("worker", depends_on=needs("migrate", condition="completed")),
    )
    snapshot = stack.wait_until_ready()
    assert snapshot.status("migrate").state == "exited" and snapshot.status("migrate").cause == ""
    stack.supervisor.restart(["api"], "")
    stack.wait_for("api", "running", and_that=lambda api: api.restarts == 1)
    assert stack.status("migrate").restarts == 0
    stack.supervisor.start(["migrate"])
    stack.wait_for("migrate", "exited", and_that=lambda migrate: migrate.restarts == 1)


def test_a_start_of_what_runs_touches_no_process(stack: Stack) -> None:
    stack.start(service("cell"), sleeper("api", depends_on=needs("cell")), task("seed"))
    before = stack.wait_until_ready()
    stack.supervisor.start(["cell", "api"])
    assert stack.supervisor.start(["api"]) == before


def test_a_start_of_one_starts_what_it_requires(stack: Stack) -> None:
    stack.start(service("cell"), service("api", depends_on=needs("cell")), service("other"))
    stack.wait_until_ready()
    stack.supervisor.stop(["cell", "other"])
    assert stack.wait_for("api", "blocked").detail == {"program": "cell"}
    stack.supervisor.start(["api"])
    stack.wait_for("api", "healthy")
    assert stack.status("other").state == "stopped"


def test_a_restart_says_why_and_counts(stack: Stack) -> None:
    stack.start(service("cell"), sleeper("api", depends_on=needs("cell")))
    before = stack.wait_until_ready()
    stack.supervisor.restart(["cell"], "app.py changed")
    cell = stack.wait_for("cell", "healthy", and_that=lambda cell: cell.restarts == 1)
    assert cell.restart_reason == "app.py changed" and cell.pid != before.status("cell").pid
    assert stack.status("api").pid == before.status("api").pid
    reasons = {event["reason"] for event in stack.events if event["program"] == "cell"}
    assert "app.py changed" in reasons


def test_a_failing_check_is_told_and_a_passing_one_too(stack: Stack, tmp_path: Path) -> None:
    sick = tmp_path / "sick"
    stack.start(service("cell", f"sick={sick}"))
    pid = stack.wait_until_ready().status("cell").pid
    sick.touch()
    unhealthy = stack.wait_for("cell", "unhealthy")
    assert (unhealthy.cause, unhealthy.detail) == ("unhealthy", {"probe": "HTTP 503", "failures": 3})
    sick.unlink()
    healthy = stack.wait_for("cell", "healthy")
    assert (healthy.pid, healthy.cause, healthy.last_probe) == (pid, "", "")
