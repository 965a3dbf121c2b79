"""Runs of `hd up` as they are kept and compared."""

import json
from pathlib import Path

from hippodrome.diagnose.timings import KEPT, Run, Step, Stopwatch, compared, keep, measured, of_another_version, runs
from hippodrome.plan.conditions import State
from hippodrome.plan.layout import Layout
from tests.logs.writing import layout_in
from tests.stack import needs, plan_of, sleeper


def run(at: float, *steps: Step) -> Run:
    return Run(at, 5.0, "core", is_well=True, is_first=True, steps=steps)


def step(name: str, seconds: float) -> Step:
    return Step(name, "set-up", (), 1.0, 1.0 + seconds)


def test_the_newest_are_kept_and_read_newest_first(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    for number in range(KEPT + 3):
        keep(layout, run(1000.0 + number, step("npm ci (console)", 1.0)))
    found = runs(layout)
    assert [each.began_at for each in found] == [1000.0 + number for number in range(KEPT + 2, 2, -1)]
    assert found[0] == run(1000.0 + KEPT + 2, step("npm ci (console)", 1.0))
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in layout.timings.iterdir())


def test_what_cannot_be_read_is_passed_over_and_counted(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    assert runs(layout) == ()
    keep(layout, run(1.0))
    (layout.timings / "000000000002000.json").write_text("{")
    (layout.timings / "000000000003000.json").write_text('{"format": 99}')
    assert [each.began_at for each in runs(layout)] == [1.0]
    assert of_another_version(layout) == 2


def test_a_place_that_cannot_be_written_to_costs_the_figures_alone(tmp_path: Path) -> None:
    keep(layout_in(tmp_path / "not there"), run(1.0))


def test_what_became_slower_comes_first_and_noise_is_left_out() -> None:
    before = run(1.0, step("npm ci (console)", 2.0), step("api: spawn", 0.5), step("old", 1.0), step("same", 1.0))
    now = run(2.0, step("npm ci (console)", 5.1), step("api: spawn", 0.1), step("new", 0.7), step("same", 1.05))
    found = compared(now, before)
    assert [(each.name, round(each.seconds, 1)) for each in found] == [
        ("npm ci (console)", 3.1),
        ("new", 0.7),
        ("api: spawn", -0.4),
        ("old", -1.0),
    ]
    assert (found[1].before_s, found[3].now_s) == (None, None)


def journal(layout: Layout, *told: tuple[float, str, State]) -> None:
    lines = (json.dumps({"at": at, "program": program, "state": state}) for at, program, state in told)
    layout.events.write_text("".join(f"{line}\n" for line in lines))


def test_a_crash_on_the_way_belongs_to_the_way_and_what_waited_waited_for_it(tmp_path: Path) -> None:
    layout, watch = layout_in(tmp_path), Stopwatch()
    watch.began_at, watch.compiled_at = 100.0, 100.5
    plan = plan_of(sleeper("cell"), sleeper("api", depends_on=needs("cell")), sleeper("aside", is_required=False))
    journal(
        layout,
        (99.0, "cell", "healthy"),  # of an earlier stack
        (101.0, "cell", "starting"),
        (101.0, "api", "waiting"),
        (101.0, "aside", "starting"),
        (102.0, "cell", "backoff"),
        (103.0, "cell", "starting"),
        (104.0, "cell", "healthy"),
        (104.1, "api", "starting"),
        (106.0, "api", "healthy"),
        (109.0, "aside", "running"),
    )
    run = measured(watch, plan, layout, is_well=True, is_first=True)
    assert run
    steps = {step.name: (round(step.begins_s, 1), round(step.ends_s, 1)) for step in run.steps}
    assert steps == {
        "compile": (0.0, 0.5),
        "supervisord": (0.5, 1.0),
        "cell: spawn": (1.0, 1.0),
        "cell: until healthy": (1.0, 4.0),
        "aside: spawn": (1.0, 1.0),
        "aside: until healthy": (1.0, 9.0),
        "api: waiting": (1.0, 4.0),
        "api: spawn": (4.0, 4.1),
        "api: until healthy": (4.1, 6.0),
    }
    critical = [step.name for step in run.steps if step.is_critical]
    assert critical == [
        "compile",
        "supervisord",
        "cell: spawn",
        "cell: until healthy",
        "api: spawn",
        "api: until healthy",
    ]


def test_where_nothing_started_there_is_no_run(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    journal(layout, (99.0, "cell", "healthy"))
    assert measured(Stopwatch(), plan_of(sleeper("cell")), layout, is_well=True, is_first=False) is None
