"""A plan as people may see it: without the values that are secrets, and those whose names say so."""

from dataclasses import replace

from hippodrome.plan.model import Plan, Program, SetupStep
from hippodrome.plan.withheld import spelled
from hippodrome.secret import MASK, is_secret_name, masked, redacted


def masked_environment(program: Program) -> dict[str, str]:
    """All that is declared for it, by name."""
    return masked(program.environment, program.secrets)


def masked_plan(plan: Plan) -> Plan:
    """The same plan to look at; its digest is another's."""
    return plan.with_programs(tuple(map(masked_program, plan.programs)))


def masked_program(program: Program) -> Program:
    """Its environment, and what its commands say aloud."""
    return replace(
        program,
        argv=_words(program.argv),
        environment=masked(program.environment),
        secrets={name: _words(argv) for name, argv in program.secrets.items()},
        probe=replace(program.probe, target=redacted(program.probe.target, {}), argv=_words(program.probe.argv)),
        setup=tuple(_step(step) for step in program.setup),
    )


def _step(step: SetupStep) -> SetupStep:
    return replace(step, argv=_words(step.argv))


def _words(argv: tuple[str, ...]) -> tuple[str, ...]:
    """`--api-key=x` and passwords of URLs; what follows `--api-key` as a word of its own, too."""
    hidden = [redacted(spelled(word), {}) for word in argv]
    for index, word in enumerate(hidden[:-1]):
        follows = hidden[index + 1]
        if word.startswith("--") and "=" not in word and is_secret_name(word[2:]) and not follows.startswith("-"):
            hidden[index + 1] = MASK
    return tuple(hidden)
