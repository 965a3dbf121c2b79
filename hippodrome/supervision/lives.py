"""All programs as the scheduler keeps them, and how they depend on each other."""

from collections.abc import Iterable

from hippodrome.plan.conditions import Status, Verdict, verdict
from hippodrome.plan.model import DependsOn, Plan
from hippodrome.supervision.life import Life


class Lives(dict[str, Life]):
    """By name, in the plan's order; what is leaving comes last."""

    def __init__(self) -> None:
        super().__init__()
        self._ranks: dict[str, int] = {}

    def take_in(self, plan: Plan, *, is_configured: bool) -> None:
        """Makes it the plan's programs, those that are known with their lives, and what is leaving."""
        known = self.copy()
        leaving = {name: life for name, life in known.items() if name not in plan}
        self.clear()
        for program in plan.programs:
            fresh = Life(program, Status(program.name, "waiting"), is_configured=is_configured)
            life = known.get(program.name, fresh)
            if life.is_leaving:
                life.is_leaving, life.is_configured, life.is_wanted = False, False, True
            life.program = program
            life.dependents = set()
            self[program.name] = life
        self.update(leaving)
        for life in self.values():
            for dependency in life.program.depends_on:
                if other := self.get(dependency.program):
                    other.dependents.add(life.name)
        self._rank()

    def in_order(self, names: Iterable[str]) -> list[Life]:
        """Of these, those there are; first what the longest chain of others waits for."""
        return [self[name] for name in sorted(names, key=lambda each: self._ranks.get(each, 0)) if name in self]

    def held_by(self, life: Life, now: float) -> tuple[list[str], list[str]]:
        """Dependencies that can never be as they should, and those that are not yet so."""
        dead: list[str] = []
        pending: list[str] = []
        for dependency in life.program.depends_on:
            found = self._verdict(dependency, now)
            if found == "never" and dependency.is_required:
                dead.append(dependency.program)
            elif found == "not yet":
                pending.append(dependency.program)
        return dead, pending

    def required_by(self, names: Iterable[str]) -> list[str]:
        """What these require, however far down, without themselves."""
        found: dict[str, None] = dict.fromkeys(names)
        named = len(found)
        for name in (queue := list(found)):
            for dependency in self[name].program.depends_on:
                if dependency.is_required and dependency.program in self and dependency.program not in found:
                    found[dependency.program] = None
                    queue.append(dependency.program)
        return list(found)[named:]

    def has_ending_dependents(self, life: Life) -> bool:
        """Whether what depends on it is being stopped, and should end first."""
        others = (self[name] for name in life.dependents if name in self)
        return any(other.status.state == "stopping" for other in others)

    def _verdict(self, dependency: DependsOn, now: float) -> Verdict:
        other = self.get(dependency.program)
        if other is None:
            return "never"
        if dependency.condition == "started" and other.may_fail_at_once(now):
            return "not yet"  # one that does lets nothing start
        return verdict(dependency.condition, other.outlook)

    def _rank(self) -> None:
        heights: dict[str, int] = {}
        for name in reversed(list(self)):  # dependents come after what they depend on
            heights[name] = 1 + max((heights.get(other, 0) for other in self[name].dependents), default=0)
        self._ranks = {name: -height for name, height in heights.items()}
