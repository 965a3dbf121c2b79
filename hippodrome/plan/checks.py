"""Rules that a whole plan must keep; one function a rule."""

from collections.abc import Callable, Iterator
from itertools import combinations

from hippodrome.config.model import RUNNING
from hippodrome.errors import Problem
from hippodrome.plan.draft import Draft
from hippodrome.plan.model import Program
from hippodrome.plan.ports import MAIN

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
                place = draft.place(
                    f"services.{other}.port" if called == MAIN else f"services.{other}.ports.{called}"
                )
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


CHECKS: tuple[Check, ...] = (ports_differ, waits_can_end, remote_cell_has_url)
