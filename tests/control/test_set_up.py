"""What a start makes of set-up that fails."""

from hippodrome.control.set_up import without
from hippodrome.plan.model import DependsOn
from tests.control.plans import plan, program


def test_dependents_of_what_is_left_out_are_left_out_too() -> None:
    needs = (DependsOn("a", "healthy"),)
    likes = (DependsOn("a", "healthy", is_required=False), DependsOn("d", "started"))
    made = plan(
        program("a"),
        program("b", depends_on=needs),
        program("c", depends_on=(DependsOn("b", "started"),)),
        program("d"),
        program("e", depends_on=likes),
    )
    found = without(made, {"a": "its set-up failed: no network"})
    assert found.names == ("d", "e")
    assert found.program("e").depends_on == (DependsOn("d", "started"),)
    assert {left.name: left.reason for left in found.left_out} == {
        "a": "its set-up failed: no network",
        "b": "it requires a, which is left out",
        "c": "it requires b, which is left out",
    }
