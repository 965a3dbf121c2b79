"""A group whose commands are found by name, so that its `--help` imports none of them."""

from importlib import import_module
from typing import Any, NamedTuple

import click

from hippodrome.errors import nearest


class Entry(NamedTuple):
    """A line of the table: what the command does to the world, and its summary."""

    effect: str
    summary: str


class LazyGroup(click.Group):
    """`table`: commands by name; `NAME` is `command` of the module `hippodrome.cli.{prefix}NAME`."""

    def __init__(self, *args: Any, table: dict[str, Entry], prefix: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        self.table, self._prefix = table, prefix

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.table:
            return None
        command: click.Command = import_module(f"hippodrome.cli.{self._prefix}{name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.table and not args[0].startswith("-"):
            ctx.fail(f"No such command `{args[0]}`. {nearest(args[0], self.table)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for effect in dict.fromkeys(entry.effect for entry in self.table.values()):
            with formatter.section(effect):
                formatter.write_dl([(name, e.summary) for name, e in self.table.items() if e.effect == effect])
