"""Whatever happens, in whatever order: what must hold of order, health and restarts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hippodrome.plan.conditions import LIVING, SETTLED, verdict
from hippodrome.plan.model import Condition, DependsOn, Plan, Probe, Program, Restart
from hippodrome.supervision.actions import Record
from tests.examples import examples
from tests.stack import plan_of, program
from tests.supervision.world import World

NAMES = ("a", "b", "c", "d")
LEFT_OUT = "z"
GRACE_S = 5.0
names = st.sampled_from(NAMES)
some_names = st.sets(names, min_size=1, max_size=2)


@dataclass(frozen=True)
class Wish:
    """A program in few words."""

    name: str
    kind: str
    restart: str
    needs: tuple[tuple[str, Condition, bool], ...]  # program, condition, whether it is required
    version: int

    @property
    def program(self) -> Program:
        retries = 1 if self.restart == "on-failure" else None
        restart = Restart(self.restart, retries) if self.kind != "task" else Restart("no")  # type: ignore[arg-type]
        return program(
            self.name,
            self.name,
            restart=restart,
            probe=Probe("http", "http://127.0.0.1:1/") if self.kind == "checked" else Probe("none"),
            depends_on=tuple(DependsOn(*each) for each in self.needs),
            environment={"VERSION": str(self.version)},
            stop_grace_s=GRACE_S,
        )


@st.composite
def wishes(draw: st.DrawFn) -> tuple[Wish, ...]:
    """Programs that depend on those before them, and now and then on one that is left out."""
    earlier: dict[str, str] = {}
    made: list[Wish] = []
    for name in draw(st.sets(names, min_size=2).map(sorted)):
        kind = draw(st.sampled_from(["checked", "checked", "unchecked", "task"]))
        restart = draw(st.sampled_from(["always", "on-failure", "no"]))
        others = [*earlier, LEFT_OUT] if draw(st.integers(0, 5)) == 0 else [*earlier]
        needed = draw(st.sets(st.sampled_from(others), min_size=1, max_size=2)) if others else set()
        needs = tuple((other, *_terms(draw, earlier.get(other, ""))) for other in sorted(needed))
        made.append(Wish(name, kind, restart, needs, draw(st.integers(1, 2))))
        earlier[name] = kind
    return tuple(made)


def _terms(draw: st.DrawFn, kind: str) -> tuple[Condition, bool]:
    """`completed` is for tasks: others need not ever end."""
    conditions: list[Condition] = ["started", "healthy"]
    if kind == "task":
        conditions.append("completed")
    return draw(st.sampled_from(conditions)), draw(st.sampled_from([True, True, False]))


def plan_for(wanted: tuple[Wish, ...]) -> Plan:
    return plan_of(*(wish.program for wish in wanted))


def fingerprints(programs: Iterable[Program]) -> dict[str, str]:
    return {each.name: each.fingerprint for each in programs}


class Life(RuleBasedStateMachine):
    world: World

    @initialize(wanted=wishes(), is_up=st.booleans())
    def begin(self, wanted: tuple[Wish, ...], is_up: bool) -> None:
        self.world = World(plan_for(wanted))
        if is_up:
            self.world.settle()

    # what people want

    def _known(self, wanted: set[str]) -> list[str]:
        return sorted(name for name in wanted if name in self.world.scheduler)

    @rule(wanted=some_names)
    def start(self, wanted: set[str]) -> None:
        self.world.scheduler.start(self._known(wanted), self.world.now)
        self.world.pump()

    @rule(wanted=some_names)
    def stop(self, wanted: set[str]) -> None:
        self.world.scheduler.stop(self._known(wanted), self.world.now)
        self.world.pump()

    @rule(wanted=some_names)
    def restart(self, wanted: set[str]) -> None:
        self.world.scheduler.restart(self._known(wanted), "wanted", self.world.now)
        self.world.pump()

    @rule(name=names)
    def lend(self, name: str) -> None:
        if name in self.world.scheduler:
            self.world.scheduler.lend(name, ("stand-in",), self.world.now)
            self.world.pump()

    @rule(wanted=wishes())
    def replan(self, wanted: tuple[Wish, ...]) -> None:
        self.world.replan(plan_for(wanted))

    @rule(name=names)
    def start_by_hand(self, name: str) -> None:
        if name in self.world.taken_up and name not in {*self.world.processes, *self.world.sweeping}:
            self.world.start_by_hand(name)

    @rule(name=names)
    def stop_by_hand(self, name: str) -> None:
        if name in self.world.processes:
            self.world.stop_by_hand(name)

    # what happens

    @rule(seconds=st.sampled_from([0.01, 0.3, 1.0, 6.0, 70.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @rule()
    def the_machine_sleeps(self) -> None:
        self.world.sleep(3600.0)

    @rule()
    def a_turn(self) -> None:
        self.world.pump()

    @rule(name=names, end=st.sampled_from([{"code": 0}, {"code": 1}, {"signal": 9}]))
    def a_process_ends(self, name: str, end: dict[str, int]) -> None:
        if name in self.world.processes:
            self.world.end(name, **end)

    @rule(name=names)
    def a_process_obeys(self, name: str) -> None:
        if name in self.world.processes and name in self.world.asked - self.world.deaf:
            self.world.obey(name)

    @rule(name=names, trait=st.sampled_from(["deaf", "messy", "refused"]), has_it=st.booleans())
    def a_program_changes_its_ways(self, name: str, trait: str, has_it: bool) -> None:
        traits: set[str] = getattr(self.world, trait)
        (traits.add if has_it else traits.discard)(name)

    @rule(name=names)
    def a_sweep_ends(self, name: str) -> None:
        if name in self.world.sweeping:
            self.world.sweep_ends(name)

    def _tell(self, name: str, happened: Callable[[str, int, float], None]) -> None:
        if name in self.world.watched:
            self.world.tell(name, happened)

    @rule(name=names)
    def a_check_passes(self, name: str) -> None:
        self._tell(name, self.world.scheduler.passed)

    @rule(name=names, times=st.integers(1, 3))
    def checks_fail(self, name: str, times: int) -> None:
        for _ in range(times):
            self._tell(name, lambda name, pid, now: self.world.scheduler.missed(name, pid, "HTTP 503", now))

    @rule(name=names)
    def a_stranger_holds_the_port(self, name: str) -> None:
        self._tell(name, lambda name, pid, now: self.world.scheduler.misplaced(name, pid, "port-taken", {}, now))

    @rule(name=names)
    def a_command_cannot_be_run(self, name: str) -> None:
        self._tell(name, lambda name, pid, now: self.world.scheduler.failed_to_start(name, pid, "couldn't exec", now))

    # what must hold

    @rule()
    def the_same_again_touches_nothing(self) -> None:
        self.world.pump()
        before = self.world.processes.copy()
        self.world.replan(self.world.plan)
        scheduler = self.world.scheduler
        wanted = [each.name for each in scheduler.statuses if each.pid and self._runs_as_wanted(each.name)]
        scheduler.start(wanted, self.world.now)
        assert [action for action in scheduler.take() if not isinstance(action, Record)] == []
        assert self.world.processes == before

    def _runs_as_wanted(self, name: str) -> bool:
        """It, and what it requires."""
        status = self.world.scheduler.status(name)
        required = [each.program for each in self.world.scheduler.program(name).depends_on if each.is_required]
        return (status.state in LIVING or status.has_completed) and all(map(self._runs_as_wanted, required))

    @invariant()
    def nothing_runs_on_what_is_dead_for_good(self) -> None:
        statuses = {status.name: status for status in self.world.scheduler.statuses}
        for name, status in statuses.items():
            if status.state in LIVING:
                for each in self.world.scheduler.program(name).depends_on:
                    assert not each.is_required or verdict(each.condition, statuses[each.program]) != "never"

    @invariant()
    def what_is_stopped_is_gone_within_its_grace(self) -> None:
        for status in self.world.scheduler.statuses:
            if status.state == "stopping" and status.name in self.world.processes:
                assert self.world.now < max(status.since, self.world.slept_until) + GRACE_S

    @invariant()
    def processes_are_those_that_are_told(self) -> None:
        if self.world.inbox:
            return
        told = {each.name: each.pid for each in self.world.scheduler.statuses if each.pid is not None}
        assert told == self.world.processes

    @rule()
    def everything_settles(self) -> None:
        self.world.settle()
        self._everything_has_settled()

    @rule()
    def everything_ends(self) -> None:
        self.world.scheduler.shutdown(self.world.now)
        self.world.pump()
        self.world.settle()
        assert self.world.scheduler.is_at_rest
        assert not self.world.processes
        self.world = World(self.world.plan)

    def _everything_has_settled(self) -> None:
        scheduler = self.world.scheduler
        assert not scheduler.has_swaps
        assert fingerprints(self.world.taken_up.values()) == fingerprints(self.world.plan.programs)
        for status in scheduler.statuses:
            assert status.state in {"running", "healthy"} | SETTLED, status
            if status.state == "blocked":
                required = [each for each in scheduler.program(status.name).depends_on if each.is_required]
                assert any(self._is_never(each) for each in required), status

    def _is_never(self, dependency: DependsOn) -> bool:
        if dependency.program not in self.world.scheduler:
            return True
        return verdict(dependency.condition, self.world.scheduler.status(dependency.program)) == "never"


class Ending(Life):
    """The same while everything is told to end."""

    @rule()
    def shut_down(self) -> None:
        self.world.scheduler.shutdown(self.world.now)
        self.world.pump()


PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)  # explaining takes minutes
TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=examples(200), stateful_step_count=40, phases=PHASES, report_multiple_bugs=False
)
TestEnding = Ending.TestCase
TestEnding.settings = settings(TestLife.settings, max_examples=examples(50))
