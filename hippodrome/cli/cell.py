"""`hd cell`: a group of its own, its commands in `cell_NAME`."""

import click

from hippodrome.cli.lazy import Entry, LazyGroup

RECORDS, ASKS = "Writes a recording", "Asks a cell"
CELL: dict[str, Entry] = {
    "record": Entry(RECORDS, "Stand before a cell and write down what it is asked and answers."),
    "replay": Entry(ASKS, "Ask a recording again and show where the answers differ."),
}


@click.command("cell", cls=LazyGroup, table=CELL, prefix="cell_")
def command() -> None:
    """Record what a data plane answers, and hold another one against it. Changes data of the cell that is asked.

    Where a team has a real cell, this finds where fake_cell differs from it: docs/cell-record.md.
    """
