"""The targets, by name."""

from collections.abc import Mapping
from typing import Protocol

from hippodrome.files import File
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan
from hippodrome.targets import supervisord


class Target(Protocol):
    """What a module must have to be a target."""

    NAME: str

    def render(
        self, plan: Plan, *, layout: Layout, secrets: Mapping[str, Mapping[str, str]] | None = None
    ) -> list[File]:
        """The files, relative to the run directory. Equal for equal plans."""
        ...


TARGETS: Mapping[str, Target] = {module.NAME: module for module in (supervisord,)}
