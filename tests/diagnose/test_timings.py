"""Runs of `hd up` as they are kept and compared."""

from pathlib import Path

from hippodrome.diagnose.timings import KEPT, Run, Step, compared, keep, runs
from tests.logs.writing import layout_in


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


def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    assert runs(layout) == ()
    keep(layout, run(1.0))
    (layout.timings / "000000000002000.json").write_text("{")
    (layout.timings / "000000000003000.json").write_text('{"format": 99}')
    assert [each.began_at for each in runs(layout)] == [1.0]


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
