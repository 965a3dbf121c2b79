"""What each program waits for, and until when."""

from collections.abc import Iterator
from dataclasses import replace

from hippodrome.config.model import Dependency
from hippodrome.errors import Problem
from hippodrome.plan.draft import Draft
from hippodrome.plan.model import Condition, DependsOn, Program

_CONDITIONS: dict[str, Condition] = {
    "service_started": "started",
    "service_healthy": "healthy",
    "service_completed_successfully": "completed",
}


def settle_dependencies(draft: Draft) -> Draft:
    """`programs` know what they wait for. Nobody waits for a deployed cell; what is optional may be absent."""
    programs: dict[str, Program] = {}
    problems: list[Problem] = []
    for name, program in draft.programs.items():
        edges: dict[str, DependsOn] = {}
        for each in _edges(draft, name):
            if isinstance(each, Problem):
                problems.append(each)
            else:
                edges[each.program] = _stronger(edges.get(each.program), each)
        programs[name] = replace(program, depends_on=tuple(edges.values()))
    return replace(draft, programs=programs).reported(problems)


def _edges(draft: Draft, name: str) -> Iterator[DependsOn | Problem]:
    if draft.programs[name].is_external:  # it runs already, or not, whatever runs here
        return
    for needed, dependency in draft.services[name].depends_on.items():
        target = draft.meant(needed)
        if target is None or target in draft.broken:
            continue
        if target in draft.programs:
            yield DependsOn(target, _condition(draft.programs[target], dependency), dependency.required)
        elif dependency.required:
            yield _left_out(draft, name, needed, target)


def _condition(needed: Program, dependency: Dependency) -> Condition:
    """What is not said means healthy where that can be found out, else started."""
    if dependency.condition:
        return _CONDITIONS[dependency.condition]
    return "started" if needed.probe.kind == "none" else "healthy"


def _left_out(draft: Draft, name: str, needed: str, target: str) -> Problem:
    left = draft.left_out.get(target)
    what = f"`{name}` requires `{target}`, which is left out: {left.reason if left else 'no layer defines it'}"
    hint = f"Leave out `{name}` too, bring `{target}` back, or make it `required: false`."
    return Problem("required-left-out", what, hint, draft.place(f"services.{name}.depends_on.{needed}"))


_STRENGTH: tuple[Condition, ...] = ("started", "healthy", "completed")


def _stronger(one: DependsOn | None, other: DependsOn) -> DependsOn:
    """A service may be named twice, by its name and as the cell: both must hold."""
    if one is None:
        return other
    condition = max(one.condition, other.condition, key=_STRENGTH.index)
    return DependsOn(one.program, condition, one.is_required or other.is_required)
