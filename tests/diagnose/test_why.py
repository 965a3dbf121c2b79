"""The one sentence that every screen prints."""

import pytest

from hippodrome.diagnose.causes import likely_cause
from hippodrome.diagnose.why import CAUSES, why
from hippodrome.plan.conditions import Exit, Snapshot, Status
from hippodrome.plan.model import Plan

PLAN = Plan(project_root="/p", profile="core", cell="local", aws="moto", table_prefix="dev-", programs=())


def snapshot(*statuses: Status) -> Snapshot:
    return Snapshot(statuses=statuses, plan_digest="d", pid=1, started_at=0.0)


def test_a_taken_port_is_named_at_the_end_of_the_whole_chain() -> None:
    found = why(
        PLAN,
        snapshot(
            Status(
                "fake_cell",
                "failed",
                cause="port-taken",
                detail={"port": 9001, "pid": 812, "command": "python", "user": "bob"},
            ),
            Status("controller", "blocked", waits_for=("fake_cell",), cause="blocked-by"),
            Status("console", "waiting", waits_for=("controller",), cause="waiting-for"),
        ),
        "console",
    )
    assert found.sentence == ("waiting for controller ← fake_cell: port 9001 is held by pid 812 (python, user bob)")
    assert found.root == "fake_cell"
    assert "kill 812" in found.mend


def test_the_worst_of_several_dependencies_is_the_one_named() -> None:
    found = why(
        PLAN,
        snapshot(
            Status("slow", "starting", last_probe="connection refused"),
            Status("dead", "failed", cause="crashed", last_exit=Exit(3, None, 0.2, 0.0)),
            Status("app", "blocked", waits_for=("slow", "dead")),
        ),
        "app",
    )
    assert found.sentence == "blocked by dead: it exited with code 3"


def test_a_cycle_of_waits_ends() -> None:
    waits = (Status("a", "waiting", waits_for=("b",)), Status("b", "waiting", waits_for=("a",)))
    assert "waiting" in why(PLAN, snapshot(*waits), "a").sentence


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_every_cause_has_a_sentence_and_a_mend_even_with_no_facts(cause: str) -> None:
    facts = {"port": 1, "command": "x"}
    found = why(PLAN, snapshot(Status("api", "failed", cause=cause, detail=facts)), "api")
    assert found.sentence
    assert found.mend
    assert "spawn error" not in found.sentence


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ModuleNotFoundError: No module named 'yaml'", "Python module `yaml` is missing"),
        ("Error: Cannot find module 'vite'", "Node module `vite` is missing"),
        ("OSError: [Errno 98] Address already in use", "a port it wants is taken"),
        ("KeyError: 'DATABASE_URL'", "variable `DATABASE_URL` is not set"),
        ("all is well", ""),
    ],
)
def test_the_likely_cause_is_read_from_the_log(line: str, said: str) -> None:
    assert likely_cause("api", ["noise", line, "   "]).startswith(said)
