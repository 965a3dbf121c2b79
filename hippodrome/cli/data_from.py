"""`hd up --data-from`: a stack that begins with the data of another."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from hippodrome.cli.project import Compiled
from hippodrome.control import data
from hippodrome.control.instances import named
from hippodrome.errors import UserError
from hippodrome.rundir import Instance


@dataclass(frozen=True)
class Origin:
    """A stack of this user's, and a snapshot of it, or empty for its data as it is. `said`: as a person calls it."""

    said: str
    source: Instance
    snapshot: str


def origin_of(instance: Instance, said: str) -> Origin:
    """Before anything is done. Raises UserError: no such stack or snapshot, or there is data already."""
    found = _meant(said)
    if found.snapshot:
        data.find(found.source.layout, found.snapshot)
    data.check_empty(instance)
    return found


def copy_data(instance: Instance, found: Compiled, origin: Origin, say: Callable[[str], None]) -> None:
    """For the plan that was found. Raises UserError, also where its services are not those that wrote the data."""
    data.check_fits(found.plan, found.config.settings.services, origin.source, origin.snapshot)
    services = data.take(instance, origin.source, origin.snapshot, say)
    say(f"Data of {', '.join(services)} copied from {origin.said}.")


def _meant(said: str) -> Origin:
    """A stack is called as its folder is, which may hold an `@` itself."""
    try:
        return Origin(said, named(os.environ, said), "")
    except UserError:
        if "@" not in said:
            raise
    name, _, snapshot = said.rpartition("@")
    return Origin(said, named(os.environ, name), snapshot)
