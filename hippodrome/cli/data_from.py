"""`hd up --data-from`: a stack that begins with the data of another."""

import os
from collections.abc import Callable

from hippodrome.cli.project import Compiled
from hippodrome.control import data
from hippodrome.control.instances import named
from hippodrome.errors import UserError
from hippodrome.rundir import Instance


def check_data_from(instance: Instance, said: str) -> None:
    """Before anything is done. Raises UserError: no such stack or snapshot, or there is data already."""
    source, snapshot = _meant(said)
    if snapshot:
        data.find(source.layout, snapshot)
    data.check_empty(instance)


def copy_data(instance: Instance, found: Compiled, said: str, say: Callable[[str], None]) -> None:
    """For the plan that was found. Raises UserError, also where its services are not those that wrote the data."""
    source, snapshot = _meant(said)
    data.check_fits(found.plan, found.config.settings.services, source, snapshot)
    services = data.take(instance, source, snapshot, say)
    say(f"Data of {', '.join(services)} copied from {said}.")


def _meant(said: str) -> tuple[Instance, str]:
    """The stack, and the snapshot of it. A stack is called as its folder is, which may hold an `@` itself."""
    try:
        return named(os.environ, said), ""
    except UserError:
        if "@" not in said:
            raise
    name, _, snapshot = said.rpartition("@")
    return named(os.environ, name), snapshot
