"""Windows of captured logs: merged, filtered, across rotated parts."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hippodrome.logs.captured import LONGEST, Captured
from hippodrome.logs.read import Choice, Line, matching, tail, window
from tests.logs.writing import START, Writer, layout_in


def texts(lines: list[Line] | tuple[Line, ...]) -> list[str]:
    return [line.text for line in lines]


def test_two_services_that_answer_each_other_come_out_in_the_order_in_which_they_spoke(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "asks") as asks, Writer(layout, "answers") as answers:
        for number in range(50):
            (asks if number % 2 == 0 else answers).write(f"{number}\n", at=number * 0.01)
    assert texts(tail(layout, ["answers", "asks"], 50)) == [str(number) for number in range(50)]
    assert tail(layout, ["asks"], 1)[0].at == pytest.approx(START + 0.48)


def test_the_newest_lines_are_taken_over_all_programs(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a") as a, Writer(layout, "b") as b:
        a.write("a old\n", at=1)
        b.write("b\n", at=2)
        a.write("a new\n", at=3)
    assert texts(tail(layout, ["a", "b"], 2)) == ["b", "a new"]
    assert texts(tail(layout, ["a", "b", "never-ran"], 0)) == []


@pytest.mark.faults
def test_earlier_always_loads_through_all_rotated_parts(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a", part_bytes=2000) as a:
        for number in range(700):
            a.write(f"line {number:04}\n", at=number)
    seen: list[str] = []
    page = window(layout, ["a"], Choice(count=97))
    while True:
        seen = texts(page.lines) + seen
        if not page.has_more:
            break
        page = window(layout, ["a"], Choice(count=97), page.starts)
    assert seen == [f"line {number:04}" for number in range(700 - len(seen), 700)]
    assert len(seen) > 600


def test_a_place_is_found_again_after_a_rotation(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a", part_bytes=100) as a:
        for number in range(5):
            a.write(f"line {number}\n", at=number)
        page = window(layout, ["a"], Choice(count=2))
        for number in range(5, 20):
            a.write(f"line {number}\n", at=number)
    assert texts(window(layout, ["a"], Choice(count=2), page.starts).lines) == ["line 1", "line 2"]


@pytest.mark.faults
def test_a_line_torn_by_a_rotation_is_whole(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a", part_bytes=10) as a:
        a.write("one\n", at=0)
        a.write("half of ", at=1)
        a.write("two\nthree\n", at=2)
    lines = tail(layout, ["a"], 9)
    assert texts(lines) == ["one", "half of two", "three"]
    assert [line.at - START for line in lines] == [0, 1, 2]


def test_since_and_grep_choose_lines(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a") as a:
        for number in range(10):
            a.write(f"\x1b[3{number % 8}mnumber\x1b[0m {number}\n", at=number)
    grep = re.compile(r"number [13579]")
    assert [line.text[-1] for line in tail(layout, ["a"], 9, since=START + 4, keep=matching(grep))] == ["5", "7", "9"]


def test_a_traceback_has_the_level_of_its_first_line(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a") as a:
        a.write('INFO fine\nTraceback (most recent call last):\n  File "x.py", line 1\n    x()\n', at=1)
        a.write("ValueError: bad\nplain\n", at=2)
    shown = window(layout, ["a"], Choice(at_least="warning")).lines
    assert [line.text.strip()[:9] for line in shown] == ["Traceback", 'File "x.p', "x()", "ValueErro"]


def test_a_window_with_a_budget_goes_on_where_it_stopped(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a") as a:
        a.write("needle\n" + "hay\n" * 200_000, at=1)
    choice = Choice(keep=matching(re.compile("needle")), budget_bytes=200_000)
    page, pages = window(layout, ["a"], choice), 1
    while not page.lines and page.has_more:
        page, pages = window(layout, ["a"], choice, page.starts), pages + 1
    assert texts(page.lines) == ["needle"]
    assert pages > 2


def test_a_last_line_without_its_newline_is_shown(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a") as a:
        a.write("one\r\nfatal", at=1)
    assert texts(tail(layout, ["a"], 5)) == ["one", "fatal"]


def test_an_endless_line_costs_no_more_than_its_beginning(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a") as a:
        a.write("before\n" + "x" * 3_000_000 + "\nafter\n", at=1)
    found = texts(tail(layout, ["a"], 5))
    assert [found[0], len(found[1]), found[2]] == ["before", LONGEST, "after"]


def test_a_log_without_an_index_has_the_time_of_its_file(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    layout.logs.mkdir()
    layout.log("a").write_text("one\n\xff\n", encoding="latin-1")
    lines = tail(layout, ["a"], 5)
    assert (texts(lines), lines[0].at) == (["one", "\N{REPLACEMENT CHARACTER}"], layout.log("a").stat().st_mtime)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\r", b"")), max_size=12), st.integers(1, 60))
def test_forwards_and_backwards_give_the_same_lines(chunks: list[bytes], part_bytes: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        layout = layout_in(Path(folder))
        with Writer(layout, "a", part_bytes=part_bytes) as a:
            for chunk in filter(None, chunks):
                a.write(chunk, at=1)
        with Captured(layout.log("a")) as log:
            whole = log.read(0, log.size)
            forwards = list(log.lines_after(0, log.size, is_last_whole=True))
            backwards = list(log.lines_before(log.size))
    assert forwards == backwards[::-1]
    assert [raw.text for raw in forwards] == whole.removesuffix(b"\n").split(b"\n")[: len(forwards)]
    assert b"".join(whole[raw.start : raw.end] for raw in forwards) == whole
