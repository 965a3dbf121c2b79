"""Following logs while they are written and rotated."""

import itertools
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

from hippodrome.logs.follow import Follower, follow
from hippodrome.logs.read import Choice, Line, matching, window
from hippodrome.plan.layout import Layout
from hippodrome.wait import Deadline
from tests.logs.writing import Writer, layout_in


def follower(layout: Layout, *programs: str, limit_bytes: int | None = None) -> Follower:
    ends = window(layout, programs, Choice(count=0)).ends
    return Follower({name: layout.log(name) for name in programs}, ends, limit_bytes=limit_bytes)


def looks_until(following: Follower, is_enough: Callable[[list[Line]], bool]) -> list[Line]:
    lines: list[Line] = []
    deadline = Deadline(20)
    while not is_enough(lines) and not deadline.is_over:
        lines += following.look().lines
        time.sleep(0.01)
    return lines


def test_only_what_is_new_is_followed(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a") as a:
        a.write("old\n")
        following = follower(layout, "a", "later")
        a.write("INFO new\n  more\n")
        with Writer(layout, "later") as later:
            later.write("first\n")
            lines = looks_until(following, lambda lines: len(lines) == 3)
    assert [(line.program, line.text, line.level) for line in lines] == [
        ("a", "INFO new", "info"),
        ("a", "  more", "info"),
        ("later", "first", None),
    ]
    assert following.look().lines == ()


def test_no_line_is_lost_or_torn_while_parts_rotate_away(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a", part_bytes=3000) as a:
        following = follower(layout, "a")
        lines: list[Line] = []
        for number in range(2000):
            a.write(f"line {number}\n")
            if number % 300 == 0:
                lines += following.look().lines
        lines += looks_until(following, lambda found: bool(found) and found[-1].text == "line 1999")
    assert [line.text for line in lines] == [f"line {number}" for number in range(2000)]


def test_services_that_answer_each_other_are_followed_in_order(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a") as a, Writer(layout, "b") as b:
        following = follower(layout, "b", "a")

        def talk() -> None:
            for number in range(60):
                (a if number % 2 else b).write(f"{number}\n")
                time.sleep(0.011)

        talking = threading.Thread(target=talk)
        talking.start()
        lines = looks_until(following, lambda lines: len(lines) == 60)
        talking.join()
    spoken = [int(line.text) for line in lines]
    assert sum(later < earlier for earlier, later in itertools.pairwise(spoken)) == 0
    assert len(spoken) == 60


def test_a_line_without_its_newline_is_shown_when_nothing_comes_after_it(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a") as a:
        following = follower(layout, "a")
        a.write("whole\nPassword: ")
        assert [line.text for line in following.look().lines] == ["whole"]
        assert [line.text for line in looks_until(following, bool)] == ["Password: "]
        a.write("accepted\n")
        assert [line.text for line in looks_until(following, bool)] == ["accepted"]


def test_a_flood_is_passed_over_and_said(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a") as a:
        following = follower(layout, "a", limit_bytes=1000)
        a.write("".join(f"line {number:05}\n" for number in range(1000)))
        news = following.look()
    assert news.lines[-1].text == "line 00999"
    assert news.lines[0].text.startswith("line 009")
    assert news.skipped == {"a": 10_000}


def test_following_begins_with_the_newest_lines_and_misses_none(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with Writer(layout, "a") as a:
        a.write("keep 1\ndrop\nkeep 2\nkeep 3\n")
        lines = follow(layout, ["a"], 2, keep=matching(re.compile("keep")))
        first = [next(lines).text]
        a.write("drop\nkeep 4\n")
        assert first + [next(lines).text for _ in range(2)] == ["keep 2", "keep 3", "keep 4"]
