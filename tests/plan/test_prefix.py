"""The table prefix, from branches as people name them."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hippodrome.plan.git import Head
from hippodrome.plan.prefix import LONGEST, prefix_of
from hippodrome.plan.surroundings import Settled
from tests.plan.building import HOME, compiled, config, problems, service


@pytest.mark.parametrize(
    ("head", "prefix"),
    [
        (Head("main"), "dev-main-"),
        (Head("feature/search box"), "dev-feature-search-box-"),
        (Head("release_1.2"), "dev-release_1.2-"),
        (Head("1a2b3c4", is_detached=True), "dev-1a2b3c4-"),
        (None, "dev-local-"),
    ],
)
def test_the_prefix_is_the_branch_made_safe(head: Head | None, prefix: str) -> None:
    assert prefix_of(head) == prefix


@given(st.text(min_size=1))
def test_any_branch_gives_a_prefix_that_dynamodb_takes(branch: str) -> None:
    assert re.fullmatch(r"dev-[a-zA-Z0-9_.-]+-", prefix_of(Head(branch)))
    assert len(prefix_of(Head(branch))) <= LONGEST


def test_long_branches_that_begin_alike_keep_apart() -> None:
    one, other = (prefix_of(Head("feature/a-very-long-name-that-goes-on-and-on-" + end)) for end in ("one", "two"))
    assert one != other
    assert one.startswith("dev-feature-a-very-long-name-")


def test_an_explicit_prefix_is_taken_as_it_is() -> None:
    assert compiled(config({}, table_prefix="mine.")).table_prefix == "mine."


@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("my tables/", "what table names may not have: a space /"),
        ("é-", "what table names may not have: é"),
        ("x" * 41, "has 41 characters, 40 is the most"),
    ],
)
def test_a_bad_explicit_prefix_is_an_error_where_it_stands(prefix: str, said: str) -> None:
    (problem,) = problems(config({}, table_prefix=prefix, places={"table_prefix": "2:15"}))
    assert said in problem.what
    assert (problem.code, str(problem.place)) == ("bad-table-prefix", "hippodrome.yaml:2:15")


def test_a_running_instance_keeps_its_prefix_and_says_so_when_the_branch_has_moved() -> None:
    here = replace(HOME, settled=Settled(table_prefix="dev-main-"), head=Head("other"))
    plan = compiled(config({"api": service()}), here=here)
    assert plan.table_prefix == "dev-main-"
    assert plan.notices == (
        "the tables keep the prefix `dev-main-` they were started with; now it would be `dev-other-`: "
        "`hd down` and `hd up`, or `--table-prefix dev-other-`, change it",
    )
    ended = compiled(
        config({"api": service()}), here=replace(here, settled=Settled(table_prefix="dev-main-", is_ended=True))
    )
    assert ended.table_prefix == "dev-other-"
    assert ended.notices == (
        "the prefix of tables is `dev-other-` now, and was `dev-main-` before `hd down`: "
        "`--table-prefix dev-main-` takes that again",
    )
    unmoved = compiled(config({"api": service()}), here=replace(here, head=Head("main")))
    assert unmoved.notices == ()
    assert unmoved.digest == plan.digest
