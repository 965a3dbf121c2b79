"""What it takes to bring a running instance to a plan."""

from dataclasses import replace
from typing import Any

import pytest

from hippodrome.control.delta import Delta, changed_fields, delta, fingerprints, with_followers
from hippodrome.plan.model import DependsOn, Link, Probe, SetupStep
from tests.control.plans import plan, program

STEP = SetupStep("venv", "/p", ("requirements.txt",), "k1", "/p/.venv", is_shared=False)


def test_nothing_is_to_be_done_for_the_same_plan() -> None:
    same = plan(program("a"), program("b"))
    found = delta(same, fingerprints(same))
    assert found.is_empty
    assert found.keep == ("a", "b")


def test_each_program_is_added_changed_kept_or_removed_in_the_order_of_starts_and_stops() -> None:
    before = plan(program("gone"), program("a"), program("b"), program("gone_too"))
    after = plan(program("new"), program("a", "print()"), program("b"), program("newer"))
    assert delta(after, fingerprints(before)) == Delta(
        add=("new", "newer"), remove=("gone_too", "gone"), change=("a",), keep=("b",)
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"environment": {"A": "2"}},
        {"argv": ("true",)},
        {"directory": "/tmp"},
        {"stop_signal": "INT"},
        {"secrets": {"TOKEN": ("pass", "token")}},
        {"setup": (STEP,)},
    ],
)
def test_what_a_process_was_started_with_needs_a_new_one_when_it_changes(changed: dict[str, Any]) -> None:
    before = program("a", environment={"A": "1"})
    found = delta(plan(replace(before, **changed)), fingerprints(plan(before)))
    assert found.change == ("a",)


@pytest.mark.parametrize(
    "changed",
    [
        {"description": "other"},
        {"links": (Link("docs", "http://x/"),)},
        {"probe": Probe("http", "http://127.0.0.1:1/")},
        {"depends_on": (DependsOn("b", "started"),)},
        {"declared_at": "elsewhere.yaml:1"},
    ],
)
def test_what_is_only_shown_or_watched_touches_no_process(changed: dict[str, Any]) -> None:
    before = program("a")
    assert delta(plan(replace(before, **changed)), fingerprints(plan(before))).is_empty


def test_differences_are_named_by_key_and_never_by_value() -> None:
    before = program("a", environment={"LOG_LEVEL": "info", "KEPT": "1", "OLD": "hush"})
    after = replace(before, environment={"LOG_LEVEL": "debug", "KEPT": "1", "NEW": "hush"}, stop_grace_s=9.0)
    found = changed_fields(before, replace(after, declared_at="elsewhere.yaml:9"))
    assert set(found) == {"environment.LOG_LEVEL", "environment.OLD", "environment.NEW", "stop_grace_s"}


def test_who_waited_for_the_end_of_a_task_begins_anew_with_it_and_who_waits_for_health_runs_on() -> None:
    web = program("web", depends_on=(DependsOn("migrate", "completed", is_required=False),))
    page = program("page", depends_on=(DependsOn("web", "healthy"), DependsOn("migrate", "started")))
    before, after = (plan(program("migrate", environment={"STEP": step}), web, page) for step in "12")
    found = with_followers(delta(after, fingerprints(before)), after)
    assert found == Delta(change=("migrate", "web"), keep=("page",))
    assert with_followers(delta(after, {}), after) == delta(after, {})
