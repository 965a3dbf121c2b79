"""How a line of a log is printed."""

from collections.abc import Sequence
from dataclasses import asdict

import click

from hippodrome.cli.output import echo, print_event, service_style
from hippodrome.logs.read import Line


class LinePrinter:
    """Prints lines with the service's name before each, in its colour and aligned; as JSON when asked."""

    def __init__(self, names: Sequence[str], *, as_json: bool = False) -> None:
        self._width = max((len(name) for name in names), default=0)
        self._as_json = as_json

    def print(self, line: Line) -> None:
        """One line, at once."""
        if self._as_json:
            print_event(asdict(line))
            return
        echo(
            f"{service_style(line.program, line.program.ljust(self._width))} {click.style('│', dim=True)} {line.text}"
        )
