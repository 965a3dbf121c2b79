"""What would start, in which order and why, as rows that a person reads."""

from dataclasses import dataclass

from hippodrome.plan.model import DependsOn, Plan, Program, SetupStep

_UNTIL = {"started": "has started", "healthy": "is healthy", "completed": "has ended well"}
_MADE_FROM = {
    "venv": "Python environment from",
    "npm": "node_modules from",
    "command": "command, again when these change:",
}


@dataclass(frozen=True)
class Row:
    """One program. `place` counts from 1; programs with equal `place` may start at the same moment."""

    place: int
    name: str
    ports: tuple[int, ...]
    source: str
    waits_for: tuple[str, ...]  # `fake_cell is healthy`
    setup: tuple[str, ...]  # what it is made ready with, whether or not that has been done


def rows(plan: Plan) -> tuple[Row, ...]:
    """In start order."""
    places: dict[str, int] = {}
    for program in plan.programs:
        places[program.name] = 1 + max((places[each.program] for each in program.depends_on), default=0)
    return tuple(_row(program, places[program.name]) for program in plan.programs)


def _row(program: Program, place: int) -> Row:
    return Row(
        place=place,
        name=program.name,
        ports=tuple(program.ports.values()),
        source=program.origin.shown,
        waits_for=tuple(map(_wait, program.depends_on)),
        setup=tuple(map(_setup, program.setup)),
    )


def _wait(needed: DependsOn) -> str:
    return f"{needed.program} {_UNTIL[needed.condition]}" + ("" if needed.is_required else ", if it can be")


def _setup(step: SetupStep) -> str:
    if step.kind == "node":
        return f"Node {step.key}, for none here suits"
    return f"{_MADE_FROM[step.kind]} {', '.join(step.inputs)}".rstrip(" :")
