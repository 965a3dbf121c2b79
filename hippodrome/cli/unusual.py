"""Services of a running stack that do not run as they are configured: under a debugger, or elsewhere."""

from collections.abc import Iterator

from hippodrome.plan.debugger import debugger_of
from hippodrome.plan.model import Plan, Program


def is_unusual(program: Program) -> bool:
    """Whether `hd up` was told to run it otherwise than it is configured."""
    return program.is_external or bool(debugger_of(program))


def endings(running: Plan | None, plan: Plan) -> Iterator[str]:
    """What ends with `plan`, as nobody asked for it again."""
    for before in running.programs if running else ():
        if before.name not in plan:
            continue
        after = plan.program(before.name)
        if debugger_of(before) and not debugger_of(after):
            yield f"{before.name} is debugged no longer: `--debug {before.name}` was not said again."
        if before.is_external and not after.is_external:
            yield f"{before.name} runs here again: `--external {before.name}={before.url}` was not said again."
