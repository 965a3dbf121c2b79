"""`hd top`."""

import sys
from pathlib import Path

import click

from hippodrome.cli.open import link_once
from hippodrome.cli.options import root_option
from hippodrome.cli.running import open_running
from hippodrome.errors import ExitCode, Problem, UserError


@click.command("top")
@root_option
def command(project_root: Path | None) -> int:
    """State, use and logs of all services, live, in the terminal. Changes what keys ask for: start, stop, restart.

    Arrows choose a service; s starts, x stops, r restarts it; o opens it in the browser; f filters services, /
    searches the log, a shows the logs of all, Escape clears both; q quits. It goes on when the stack ends, and shows
    it again when it is back.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):  # on which Textual draws
        problem = Problem("no-terminal", "`hd top` needs a terminal", "`hd ps` and `hd logs` print the same.")
        raise UserError(problem, exit_code=ExitCode.USAGE)
    running = open_running(project_root)
    from hippodrome.top.app import Top  # Textual takes 0.3 s, which no other command should pay

    plan = running.plan
    title = f"{Path(plan.project_root).name} · {plan.profile} · {plan.cell}"
    app = Top(running.instance.layout, title, lambda: link_once(running, project_root))
    app.run()
    return app.return_code or 0
