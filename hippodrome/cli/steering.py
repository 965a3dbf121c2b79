"""What `hd start`, `stop` and `restart` share: tell supervisord, wait for the effect, say how it went."""

from collections.abc import Iterable
from pathlib import Path

from hippodrome.cli.output import echo
from hippodrome.cli.running import Running
from hippodrome.cli.table import table
from hippodrome.errors import ExitCode
from hippodrome.plan.conditions import Snapshot

WAIT_S = 120.0


def wait_ready(running: Running, names: Iterable[str]) -> int:
    """Waits until the programs are ready or never will be, prints their table. Returns the exit status."""
    names = tuple(names)
    snapshot = running.supervisor.wait(names, "healthy", WAIT_S)
    show(running, snapshot, names)
    return ExitCode.OK if all(snapshot.status(name).is_ready for name in names) else ExitCode.FAILED


def show(running: Running, snapshot: Snapshot, names: Iterable[str]) -> None:
    """Prints the table of these programs."""
    for line in table(running.plan, snapshot.only(names)):
        echo(line)


def path_of(project_root: Path | None) -> str:
    """As it is typed: ` --project-root PATH`, or nothing."""
    return f" --project-root {project_root}" if project_root else ""
