"""The compiler: configuration, surroundings and selection in, a plan or all of its problems out. Pure."""

from collections.abc import Callable
from dataclasses import replace

from hippodrome.config.model import Config
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.checks import check_rules
from hippodrome.plan.choose import choose_services
from hippodrome.plan.debugging import attach_debuggers
from hippodrome.plan.dependencies import settle_dependencies
from hippodrome.plan.draft import Draft, Selection
from hippodrome.plan.events import settle_events
from hippodrome.plan.model import Plan
from hippodrome.plan.order import put_in_start_order
from hippodrome.plan.ports import assign_ports
from hippodrome.plan.prefix import settle_table_prefix
from hippodrome.plan.programs import make_programs
from hippodrome.plan.setup import settle_setup
from hippodrome.plan.sources import resolve_sources
from hippodrome.plan.surroundings import Surroundings

Step = Callable[[Draft], Draft]

STEPS: tuple[Step, ...] = (
    choose_services,
    settle_events,
    settle_table_prefix,
    resolve_sources,
    settle_setup,
    assign_ports,
    make_programs,
    attach_debuggers,
    settle_dependencies,
    put_in_start_order,
    check_rules,
)

# mistakes in what the command line names, rather than in what is configured
MISUSE = frozenset(
    {"no-such-service", "asked-but-left-out", "no-such-source", "bad-external", "cannot-debug", "no-such-port"}
)


def compile_plan(config: Config, surroundings: Surroundings, selection: Selection) -> Plan:
    """The closed plan. Raises UserError with the problems of all steps, not of the first."""
    draft = _taken(Draft(config=config, surroundings=surroundings, selection=selection))
    if draft.problems:
        is_misuse = all(problem.code in MISUSE for problem in draft.problems)
        raise UserError(*draft.problems, exit_code=ExitCode.USAGE if is_misuse else ExitCode.CONFIGURATION)
    return draft.close()


def check(config: Config, surroundings: Surroundings) -> tuple[Problem, ...]:
    """Every problem of every profile with every cell, each once, the chosen pair's first.

    Changes that profiles and cells make to services are those of the chosen pair. That a cell which is not
    chosen has no address yet is no mistake.
    """
    settings = config.settings
    pairs = [(config.profile, config.cell)]
    pairs += [(profile, cell) for cell in settings.cells or (config.cell,) for profile in settings.profiles]
    found: dict[Problem, None] = {}
    for profile, cell in dict.fromkeys(pairs):
        chosen = replace(config, profile=profile, cell=cell)
        draft = _taken(Draft(config=chosen, surroundings=surroundings, selection=Selection()))
        is_chosen = cell == config.cell
        found |= dict.fromkeys(each for each in draft.problems if is_chosen or each.code != "cell-without-url")
    return tuple(found)


def _taken(draft: Draft) -> Draft:
    for step in STEPS:
        draft = step(draft)
    return draft
