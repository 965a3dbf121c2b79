"""Start order: dependencies first, and of what may start, that on which the longest chain of dependents waits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from heapq import heapify, heappop, heappush

from hippodrome.errors import Problem
from hippodrome.plan.draft import Draft

Edges = Mapping[str, Sequence[str]]  # name → what it depends on; every name that occurs is a key


def put_in_start_order(draft: Draft) -> Draft:
    """`order` is settled for all programs that are in no cycle, nor behind one."""
    edges = {name: [each.program for each in program.depends_on] for name, program in draft.programs.items()}
    problems = [_problem(draft, cycle) for cycle in cycles(edges)]
    return replace(draft, order=start_order(edges)).reported(problems)


def start_order(edges: Edges) -> tuple[str, ...]:
    """Stable: what is equal otherwise keeps its order in `edges`. What is in a cycle or behind one is left out."""
    dependents = _reversed(edges)
    some_order = _sorted(edges, dependents, dict.fromkeys(edges, 0))
    height: dict[str, int] = {}
    for name in reversed(some_order):
        height[name] = 1 + max((height[each] for each in dependents[name] if each in height), default=0)
    return _sorted(edges, dependents, height)


def cycles(edges: Edges) -> list[tuple[str, ...]]:
    """Names that wait for each other, each cycle from the name that comes first; of cycles that touch, one."""
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    for start in edges:
        path: dict[str, None] = {}  # in order, and quick to ask
        waiting = [(start, False)]
        while waiting:
            name, is_left = waiting.pop()
            if is_left:
                del path[name]
                done.add(name)
            elif name in path:
                names = [*path]
                found.append(_from_first((*names[names.index(name) :],), edges))
            elif name not in done:
                path[name] = None
                waiting.append((name, True))
                waiting.extend((each, False) for each in reversed(edges[name]))
    return _apart(found)


def _sorted(edges: Edges, dependents: Edges, height: Mapping[str, int]) -> tuple[str, ...]:
    rank = {name: position for position, name in enumerate(edges)}
    missing = {name: len(needed) for name, needed in edges.items()}
    ready = [(-height.get(name, 0), rank[name], name) for name, count in missing.items() if count == 0]
    heapify(ready)
    order = []
    while ready:
        name = heappop(ready)[2]
        order.append(name)
        for each in dependents[name]:
            missing[each] -= 1
            if missing[each] == 0:
                heappush(ready, (-height.get(each, 0), rank[each], each))
    return tuple(order)


def _reversed(edges: Edges) -> dict[str, list[str]]:
    dependents: dict[str, list[str]] = {name: [] for name in edges}
    for name, needed in edges.items():
        for each in needed:
            dependents[each].append(name)
    return dependents


def _from_first(cycle: tuple[str, ...], edges: Edges) -> tuple[str, ...]:
    """Turned so that it begins with the name that is configured first, whatever way it was found."""
    order = [name for name in edges if name in cycle]
    at = cycle.index(order[0])
    return (*cycle[at:], *cycle[:at])


def _apart(found: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    kept: list[tuple[str, ...]] = []
    for cycle in found:
        if not any(set(cycle) & set(other) for other in kept):
            kept.append(cycle)
    return kept


def _problem(draft: Draft, cycle: tuple[str, ...]) -> Problem:
    first, second = cycle[0], cycle[1 % len(cycle)]
    what = f"these wait for each other: {' → '.join((*cycle, cycle[0]))}"
    hint = "Take one of these dependencies away; `required: false` does not help, for it still orders the start."
    return Problem("dependency-cycle", what, hint, draft.place(f"services.{first}.depends_on.{second}"))
