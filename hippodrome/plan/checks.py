"""Rules that a whole plan must keep; one function a rule."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import combinations

from hippodrome.config.model import RUNNING
from hippodrome.errors import Place, Problem
from hippodrome.plan.draft import Draft
from hippodrome.plan.model import Program, label_of
from hippodrome.plan.pointing import pointers
from hippodrome.plan.ports import path_of
from hippodrome.plan.withheld import said

Check = Callable[[Draft], Iterator[Problem]]

EVERYWHERE = frozenset({"0.0.0.0", "::", ""})
LOOPBACK = {"localhost": "127.0.0.1"}


def check_rules(draft: Draft) -> Draft:
    """Every rule has been asked."""
    return draft.reported(problem for check in CHECKS for problem in check(draft))


def ports_differ(draft: Draft) -> Iterator[Problem]:
    held: dict[int, list[tuple[str, str]]] = {}
    for name, address in draft.addresses.items():
        for called, port in address.ports.items():
            held.setdefault(port, []).append((name, called))
    for port, holders in held.items():
        for (one, _), (other, called) in combinations(holders, 2):
            if _clash(draft, one, other):
                place = draft.place(path_of(other, called))
                what = (
                    f"`{other}` wants port {port}, which `{one}` has"
                    if one != other
                    else (f"`{other}` has port {port} twice")
                )
                yield Problem("port-taken-twice", what, f"Give `{other}` a port of its own.", place)


def _clash(draft: Draft, one: str, other: str) -> bool:
    hosts = {LOOPBACK.get(host, host) for host in (draft.addresses[one].host, draft.addresses[other].host)}
    return len(hosts) == 1 or not hosts.isdisjoint(EVERYWHERE)


def waits_can_end(draft: Draft) -> Iterator[Problem]:
    for program in draft.programs.values():
        for needed in program.depends_on:
            if reason := _never(draft.programs[needed.program], needed.condition):
                what = f"`{program.name}` waits for `{needed.program}` to {reason[0]}"
                path = f"services.{program.name}.depends_on.{needed.program}"
                yield Problem("endless-wait", what, reason[1], draft.place(path))


def _never(needed: Program, condition: str) -> tuple[str, str] | None:
    if condition == "healthy" and needed.probe.kind == "none" and not needed.is_task:
        hint = f"Give `{needed.name}` a `healthcheck` or a `port`, or wait for `service_started`."
        return "be healthy, and it has neither health check nor port", hint
    if condition == "completed" and needed.restart.mode == "always":
        hint = f"Give `{needed.name}` `restart: no` or `on-failure`."
        return "complete, and it is always started again", hint
    return None


def remote_cell_has_url(draft: Draft) -> Iterator[Problem]:
    cell, name = draft.cell, draft.config.cell
    if cell is not None and cell.service is None and not cell.url:
        hint = f"Write `cells: {{{name}: {{url: https://…}}}}` into hippodrome.yaml or hippodrome.local.yaml."
        if draft.place("cell") == RUNNING:
            hint += " The running stack uses it and no other was named: `--cell local` takes the local one."
        place = draft.place(f"cells.{name}")
        yield Problem("cell-without-url", f"cell `{name}` has no address", hint, place)


def ports_are_no_neighbours(draft: Draft) -> Iterator[Problem]:
    """Of another instance that runs; one that does not run finds out itself when it starts."""
    for neighbour in (each for each in draft.surroundings.neighbours if each.is_running):
        for name, address in draft.addresses.items():
            is_external = name in draft.selection.external  # another instance's service may be just what is meant
            for called, port in () if is_external else address.ports.items():
                if port in neighbour.ports:
                    label = label_of(name, called)
                    what = f"`{label}` wants port {port}, which {neighbour} has for `{neighbour.ports[port]}`"
                    hint = f"`--port {label}=N`, or `--port-offset N` for all; `hd instances --all-users` shows all."
                    yield Problem("port-of-other-instance", what, hint, draft.place(path_of(name, called)))


def values_stay_in_the_instance(draft: Draft) -> Iterator[Problem]:
    """Else two stacks share a database, and nobody notices."""
    own = {port for address in draft.addresses.values() for port in address.ports.values()}
    foreign = {port: each for each in draft.surroundings.neighbours for port in each.ports if port not in own}
    for program in draft.programs.values() if foreign else ():
        found = pointers(_values(draft, program), foreign, draft.surroundings.host_names)
        for variable, port, other in found:
            what = f"`{variable}` of `{program.name}` points at port {port}, `{other.ports[port]}` of {other}"
            hint = "Name the service, as in `${services.moto.url}`, which follows this instance's own ports."
            yield Problem("foreign-instance-port", what, hint, _place_of(draft, program.name, variable))


def _values(draft: Draft, program: Program) -> Iterator[tuple[str, str]]:
    """Those of its variables, and of the secrets for which no command must be run."""
    yield from program.environment.items()
    here = draft.surroundings
    for variable, argv in program.secrets.items():
        with suppress(LookupError):  # it is told when the secrets are read
            if (value := said(argv, here.environ, here.env_files.get)) is not None:
                yield variable, value


def _place_of(draft: Draft, name: str, variable: str) -> Place | None:
    """Of the variable where a service or its source declares it, else of the files that it may come from."""
    paths = (f"{at}.environment.{variable}" for at in (draft.sourced[name].at, f"services.{name}"))
    declared = (path for path in paths if path in draft.config.origins)
    return draft.place(next(declared, f"services.{name}.env_file"))


CHECKS: tuple[Check, ...] = (
    ports_differ,
    ports_are_no_neighbours,
    waits_can_end,
    remote_cell_has_url,
    values_stay_in_the_instance,
)
