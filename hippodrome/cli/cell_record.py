"""`hd cell record`."""

import asyncio
import os
from pathlib import Path

import click

from hippodrome.cli.gathering import gathered
from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import echo, print_event
from hippodrome.cli.project import open_project
from hippodrome.cli.running import cell_of_stack
from hippodrome.cli.signals import interruptible
from hippodrome.diagnose.known_secrets import masker_of
from hippodrome.diagnose.masking import Masker
from hippodrome.errors import ExitCode


@click.command("record")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", metavar="URL", help="The cell to stand before; else fake_cell of the running stack.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="To listen at; else one that is free."
)
@json_option
@root_option
def command(file: Path, to: str | None, port: int, as_json: bool, project_root: Path | None) -> int:
    """Stand before a cell, hand on all that is asked, and append each exchange to FILE. Until Ctrl+C.

    Requests and answers pass unchanged. Before anything is written, secrets are masked: keys, authorization,
    cookies, the secrets of the stack, and what well-known names have in bodies and addresses. FILE is yours alone
    (0600); one that is there is gone on with.
    """
    from hippodrome.cell.cleaning import Cleaner  # httpx and uvicorn take 0.2 s, which `--help` should not pay
    from hippodrome.cell.proxy import Proxy, listen, serve
    from hippodrome.cell.recording import Writer
    from hippodrome.cell.safety import check_url

    cell = check_url(to or cell_of_stack(project_root))
    listening, writer = listen(port), Writer(file)
    proxy = Proxy(cell, writer, Cleaner(_masker(project_root)))
    here = f"http://localhost:{listening.getsockname()[1]}"
    _tell_start(here, proxy.shown, file, as_json=as_json)
    try:
        with interruptible():
            asyncio.run(serve(proxy, listening))
    except KeyboardInterrupt:  # how it ends
        pass
    finally:
        writer.close()
    counts = proxy.counts
    if as_json:
        print_event({"file": str(file), **vars(counts)})
    else:
        echo(f"\n{counts.recorded} exchanges were added to {file}, {counts.changing} of them change data.")
        if counts.broken:
            echo(f"{counts.broken} were not answered whole, and are not in it.")
    return ExitCode.OK


def _tell_start(here: str, cell: str, file: Path, *, as_json: bool) -> None:
    if as_json:
        print_event({"url": here, "to": cell, "file": str(file)})
    else:
        echo(f"Ask {here} in place of {cell}; {file} has what comes by. Ctrl+C ends it.")


def _masker(project_root: Path | None) -> Masker:
    """Of all secrets of the stack that can be found out."""
    found = gathered(open_project(project_root))
    return masker_of(found.plans, found.snapshot, found.layout, os.environ)
