"""Whether a secret, whose value only applying a plan reads, points at a port of another instance of the box."""

import os
from collections.abc import Iterator, Mapping

from hippodrome.control.instances import all_users
from hippodrome.control.registry import Found
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.plan.model import Plan
from hippodrome.plan.pointing import own_names, pointers
from hippodrome.rundir import Instance
from hippodrome.secret import Secret

HINT = "Let it name this instance's own: `hd plan` shows its ports, `hd instances --all-users` those of the others."


def refuse_foreign_ports(instance: Instance, plan: Plan, secrets: Mapping[str, Mapping[str, Secret]]) -> None:
    """As the compiler does for all that it can see. Raises UserError, which repeats nothing of the values."""
    if not secrets:
        return
    own = set(plan.ports.values())
    foreign = {
        port: (label, found)
        for found in all_users(os.environ)
        if not (found.is_own and found.entry.id == instance.id) and not found.is_stale
        for label, port in found.entry.ports.items()
        if port not in own
    }
    if foreign and (problems := tuple(_problems(foreign, secrets))):
        raise UserError(*problems, exit_code=ExitCode.CONFIGURATION)


def _problems(
    foreign: Mapping[int, tuple[str, Found]], secrets: Mapping[str, Mapping[str, Secret]]
) -> Iterator[Problem]:
    names = own_names()
    for program, values in secrets.items():
        revealed = ((variable, value.reveal()) for variable, value in values.items())
        for variable, port, (label, found) in pointers(revealed, foreign, names):
            other = f"`{label}` of stack `{found.entry.label}` of user {found.owner}"
            what = f"`{variable}` of `{program}` points at port {port}, {other}"
            yield Problem("foreign-instance-port", what, HINT)
