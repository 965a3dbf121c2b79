"""Things that happen between one turn of supervisord's loop and the next."""

from dataclasses import replace

import pytest

from hippodrome.plan.model import Probe, Program, Restart
from hippodrome.supervision.actions import Kill, Spawn
from tests.stack import needs, plan_of, program
from tests.supervision.world import World

CHECK = Probe("http", "http://127.0.0.1:1/")


def _program(name: str, *required: str, **facts: object) -> Program:
    given = {"probe": CHECK, "depends_on": needs(*required), "restart": Restart("no")}
    return program(name, name, **{**given, **facts})


def _up(*programs: Program) -> World:
    world = World(plan_of(*programs))
    world.settle()
    return world


def _state(world: World, name: str) -> str:
    return world.scheduler.status(name).state


def test_a_dependency_that_ends_in_the_turn_in_which_it_becomes_healthy_lets_nothing_start() -> None:
    world = World(plan_of(_program("cell"), _program("api", "cell")))
    world.tell("cell", world.scheduler.passed)
    world.end("cell", code=1)
    world.pump()
    assert _state(world, "api") == "blocked"
    assert list(world.processes) == []


def test_what_was_to_be_started_is_not_when_its_dependency_is_stopped_in_the_same_turn() -> None:
    world = World(plan_of(_program("cell"), _program("api", "cell")))
    world.tell("cell", world.scheduler.passed)
    world.stop_by_hand("cell")
    world.pump()
    assert Spawn("api") in world.done
    assert "api" not in world.processes


@pytest.mark.faults
def test_a_machine_that_slept_gives_time_between_asking_and_killing() -> None:
    world = _up(_program("cell"), _program("api", "cell"))
    world.deaf |= {"api", "cell"}
    world.scheduler.stop(["cell"], world.now)
    world.sleep(3600.0)
    world.pump()
    assert world.asked == {"cell"}
    assert Kill("cell") not in world.done
    world.pass_time(5.0)
    assert Kill("cell") in world.done
    assert not world.processes


def test_what_is_started_by_hand_while_all_ends_is_stopped() -> None:
    world = _up(_program("cell"), _program("api"))
    world.scheduler.shutdown(world.now)
    world.pump()
    world.obey("cell")
    world.start_by_hand("cell")
    world.settle()
    assert world.scheduler.is_at_rest
    assert not world.processes


def test_what_is_started_by_hand_as_it_leaves_is_stopped_and_forgotten() -> None:
    world = _up(_program("cell"), _program("api"))
    world.scheduler.stop(["api"], world.now)
    world.settle()
    world.start_by_hand("api")
    world.replan(plan_of(_program("cell")))
    world.settle()
    assert "api" not in world.scheduler
    assert list(world.processes) == list(world.taken_up) == ["cell"]


def test_what_is_started_by_hand_as_it_leaves_and_ends_at_once_is_forgotten() -> None:
    world = World(plan_of(_program("cell"), _program("api", "cell")))
    world.start_by_hand("api")
    world.end("api", code=0)
    world.replan(plan_of(_program("cell")))
    assert "api" not in world.scheduler
    assert list(world.taken_up) == ["cell"]


def test_what_is_started_by_hand_as_it_changes_runs_as_it_should() -> None:
    world = _up(_program("api"))
    world.scheduler.stop(["api"], world.now)
    world.settle()
    world.start_by_hand("api")
    changed = replace(_program("api"), environment={"NEW": "1"})
    world.replan(plan_of(changed))
    world.settle()
    assert _state(world, "api") == "healthy"
    assert world.scheduler.status("api").fingerprint == changed.fingerprint


@pytest.mark.parametrize("is_by_hand", [False, True])
def test_a_stop_during_a_restart_is_heard_by_dependents_at_once(is_by_hand: bool) -> None:
    world = _up(_program("cell"), _program("api", "cell"))
    world.scheduler.restart(["cell"], "", world.now)
    world.pump()
    assert _state(world, "api") == "healthy"
    if is_by_hand:
        world.stop_by_hand("cell")
    else:
        world.scheduler.stop(["cell"], world.now)
    world.pump()
    assert _state(world, "api") == "stopping"


def test_what_is_dead_is_so_before_it_is_swept() -> None:
    world = _up(_program("cell", restart=Restart("always")), _program("api", "cell"))
    world.messy.add("cell")
    world.end("cell", signal=11)
    world.pump()
    assert _state(world, "api") == "healthy"
    world.scheduler.stop(["cell"], world.now)
    world.pump()
    assert _state(world, "api") == "stopping"


def test_nothing_is_started_beside_what_the_last_life_left() -> None:
    world = _up(_program("cell", restart=Restart("always")))
    world.messy.add("cell")
    world.end("cell", signal=11)
    world.pass_time(60.0)
    assert "cell" not in world.processes
    world.sweep_ends("cell")
    world.pump()
    assert "cell" in world.processes


def test_a_restart_comes_in_its_time_by_itself() -> None:
    world = World(plan_of(_program("cell", restart=Restart("always"))))
    world.end("cell", code=1)
    world.pump()
    assert world.scheduler.next_alarm == pytest.approx(world.now + 0.2)
    world.pass_time(0.19)
    assert "cell" not in world.processes
    world.pass_time(0.02)
    assert "cell" in world.processes


def test_what_stopped_for_its_dependency_comes_back_with_it() -> None:
    world = _up(_program("cell"), _program("api", "cell"), _program("page", "api"))
    world.scheduler.stop(["cell"], world.now)
    world.settle()
    assert [_state(world, name) for name in ("cell", "api", "page")] == ["stopped", "blocked", "blocked"]
    world.scheduler.start(["cell"], world.now)
    world.settle()
    assert [_state(world, name) for name in ("cell", "api", "page")] == ["healthy"] * 3


def test_dependents_are_stopped_first_but_not_waited_for_long() -> None:
    world = _up(_program("cell"), _program("api", "cell"))
    world.deaf.add("api")
    world.scheduler.shutdown(world.now)
    world.pump()
    assert world.asked == {"api"}
    world.pass_time(1.1)
    assert world.asked == {"api", "cell"}


def test_another_check_is_taken_up_without_a_restart() -> None:
    world = _up(_program("cell"))
    pid = world.processes["cell"]
    world.replan(plan_of(_program("cell", probe=replace(CHECK, target="http://127.0.0.1:1/other"))))
    assert (world.processes, world.watched) == ({"cell": pid}, {"cell": pid})
    world.replan(plan_of(_program("cell", probe=Probe("none"))))
    assert (world.processes, world.watched, _state(world, "cell")) == ({"cell": pid}, {}, "running")


def test_a_plan_that_comes_while_all_ends_changes_nothing() -> None:
    world = _up(_program("cell"))
    plan = world.scheduler.plan
    world.scheduler.shutdown(world.now)
    world.replan(plan_of(_program("cell"), _program("late")))
    assert world.scheduler.plan == plan
    assert "late" not in world.scheduler
