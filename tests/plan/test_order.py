"""Start order, over random graphs."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hippodrome.plan.order import cycles, start_order


@st.composite
def acyclic(draw: st.DrawFn) -> dict[str, list[str]]:
    """Names in any order; each depends on some that were drawn before it."""
    size = draw(st.integers(0, 14))
    edges = {
        f"s{at}": draw(st.lists(st.sampled_from([f"s{b}" for b in range(at)] or ["s0"]), unique=True))
        for at in range(size)
    }
    if "s0" in edges:
        edges["s0"] = []
    shuffled = draw(st.permutations(sorted(edges)))
    return {name: edges[name] for name in shuffled}


@given(acyclic())
def test_every_dependency_comes_before_its_dependents(edges: dict[str, list[str]]) -> None:
    order = start_order(edges)
    assert sorted(order) == sorted(edges)
    assert all(order.index(needed) < order.index(name) for name in edges for needed in edges[name])
    assert cycles(edges) == []


@given(acyclic())
def test_the_order_is_the_same_every_time(edges: dict[str, list[str]]) -> None:
    assert start_order(edges) == start_order({name: list(reversed(needed)) for name, needed in edges.items()})


@given(acyclic(), st.randoms())
def test_an_edge_backwards_is_reported_as_a_cycle(edges: dict[str, list[str]], chance: random.Random) -> None:
    pairs = [(name, needed) for name in edges for needed in edges[name]]
    if not pairs:
        return
    name, needed = chance.choice(pairs)
    edges[needed] = [*edges[needed], name]
    (cycle,) = cycles(edges)
    assert all(after in edges[before] for before, after in zip(cycle, (*cycle[1:], cycle[0]), strict=True))
    assert not set(start_order(edges)) & set(cycle)


def test_what_is_configured_first_starts_first_when_nothing_else_decides() -> None:
    assert start_order({"b": [], "a": [], "c": []}) == ("b", "a", "c")


def test_what_most_waits_for_starts_first() -> None:
    edges: dict[str, list[str]] = {"alone": [], "base": [], "middle": ["base"], "top": ["middle"], "side": ["base"]}
    assert start_order(edges) == ("base", "middle", "alone", "top", "side")


def test_a_chain_of_ten_thousand_is_ordered() -> None:
    edges = {f"s{at}": [f"s{at + 1}"] if at < 9_999 else [] for at in range(10_000)}
    assert start_order(edges)[0] == "s9999"
    edges["s9999"] = ["s0"]
    assert len(cycles(edges)[0]) == 10_000


@pytest.mark.parametrize(
    ("edges", "found"),
    [
        ({"a": ["a"]}, [("a",)]),
        ({"a": ["b"], "b": ["a"]}, [("a", "b")]),
        ({"x": ["c"], "a": ["b"], "b": ["c"], "c": ["a"]}, [("a", "b", "c")]),
        ({"a": ["b"], "b": ["a"], "c": ["d"], "d": ["c"]}, [("a", "b"), ("c", "d")]),
    ],
)
def test_each_cycle_is_told_once_from_its_first_name(
    edges: dict[str, list[str]], found: list[tuple[str, ...]]
) -> None:
    assert cycles(edges) == found
