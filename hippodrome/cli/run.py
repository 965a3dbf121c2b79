"""`hd run`."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from hippodrome.cli import names
from hippodrome.cli.by_hand import in_foreground, lent
from hippodrome.cli.options import choice_options
from hippodrome.cli.output import echo
from hippodrome.cli.own_process import marked, own_process, refuse_external, resolved


@click.command("run", context_settings={"allow_interspersed_args": False})
@click.argument("service", shell_complete=names.services)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[[--] COMMAND...]")
@choice_options
def command(service: str, words: tuple[str, ...], project_root: Path | None, **flags: Any) -> int:
    """Run SERVICE by hand in this terminal, so that `breakpoint()` works. Changes what runs.

    The stack lets go of it: same environment, secrets included, same folder and port. Its health is looked at as
    before, and those that depend on it go on. When it ends, however, the stack starts it again. COMMAND is run in
    place of its own. Options of `hd` stand before SERVICE; where no stack runs, they say of what it is.

    Exits as the command does.
    """
    words = words[1:] if words[:1] == ("--",) else words
    refuse_external(project_root, service)
    own = own_process(project_root, service, words, flags)
    file = resolved(own.process)
    if own.running is None:
        echo("No stack runs here; it is run alone.", err=True)
    with lent(own.running, own.program) if own.running else nullcontext() as lock:
        return in_foreground(marked(own), file, lock)
