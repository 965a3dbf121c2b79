"""Text that is drawn again in place while something goes on."""

import sys
from collections.abc import Sequence

import click

from hippodrome.cli.output import cut, width

UP_AND_CLEAR = "\x1b[{}F\x1b[J"
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


class Live:
    """A block of lines at the end of a terminal. `draw` replaces it, `say` prints above it."""

    def __init__(self) -> None:
        self._drawn: list[str] = []

    def open(self) -> None:
        """The cursor would jump about; it is hidden until `close`."""
        self._write(HIDE_CURSOR)

    def close(self) -> None:
        """Leaves the block where it is and shows the cursor."""
        self._write(SHOW_CURSOR)
        self.leave()

    def draw(self, lines: Sequence[str]) -> None:
        """Shows `lines` in place of the block."""
        lines = [cut(line, width()) for line in lines]
        if lines != self._drawn:
            self._write(self._erase() + "".join(f"{line}\n" for line in lines))
            self._drawn = lines

    def say(self, text: str) -> None:
        """Prints `text` above the block, to stay."""
        self._write(self._erase() + f"{text}\n" + "".join(f"{line}\n" for line in self._drawn))

    def leave(self) -> None:
        """The block stays as it is; what comes next is printed below."""
        self._drawn = []

    def _erase(self) -> str:
        return UP_AND_CLEAR.format(len(self._drawn)) if self._drawn else ""

    def _write(self, text: str) -> None:
        click.echo(text, nl=False)
        sys.stdout.flush()
