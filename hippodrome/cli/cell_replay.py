"""`hd cell replay`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import columns, echo, print_json
from hippodrome.cli.running import cell_of_stack
from hippodrome.errors import ExitCode, Problem, UserError

if TYPE_CHECKING:
    from hippodrome.cell.recording import Recording
    from hippodrome.cell.replay import Outcome

KEY = "CELL_API_KEY"  # as services have it


@click.command("replay")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", metavar="URL", help="The cell to ask; else fake_cell of the running stack.")
@click.option("--api-key", "key_name", metavar="VARIABLE", help=f"Which variable has its key; else {KEY}, if set.")
@click.option("--allow-changes", is_flag=True, help="Send what writes or deletes to a cell elsewhere, too.")
@click.option("--reads-only", is_flag=True, help="Leave out what writes or deletes.")
@click.option(
    "--scores",
    "tolerance",
    type=click.FloatRange(min=0),
    metavar="PART",
    help="Compare scores too, such as 0.01 for one in a hundred.",
)
@click.option("--ignore", "ignored", multiple=True, metavar="PATH", help="Such as `hits[]._highlights`; repeatable.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="For each answer.",
)
@json_option
@root_option
def command(
    file: Path, to: str | None, key_name: str | None, as_json: bool, project_root: Path | None, **how: Any
) -> int:
    """Ask what FILE recorded again, in its order, and show where the answers differ in shape. Changes data.

    Status, kind of content, keys, types, lengths of lists and error codes are compared; scores, times and ids that a
    cell makes up are not. A request that writes or deletes goes to an address of another machine only with
    --allow-changes.

    Exits with 0 when nothing differs, 1 when something does, 3 when FILE has mistakes, 4 when the cell does not
    answer, 5 when an answer takes too long.
    """
    from hippodrome.cell import recording, safety
    from hippodrome.cell.replay import Replay
    from hippodrome.cell.shapes import Manner

    recorded, key = recording.read_some(file), _key(key_name)
    url = safety.check_url(to or cell_of_stack(project_root))
    if not (how["allow_changes"] or how["reads_only"]):
        safety.refuse_changes([exchange.asked for _, exchange in recorded.exchanges], url)
    manner = Manner(how["tolerance"], how["ignored"])
    replay = Replay(url, manner, key, how["timeout"], is_reading_only=how["reads_only"])
    outcomes = list["Outcome"]()
    for outcome in replay.run(recorded):
        outcomes.append(outcome)
        if not as_json:
            _tell(outcome)
    _tell_end(outcomes, recorded, replay.shown, as_json=as_json)
    return ExitCode.FAILED if any(each.differences for each in outcomes) else ExitCode.OK


def _key(name: str | None) -> str:
    """Raises UserError (USAGE) where the variable that was named is not set."""
    if name and not os.environ.get(name):
        problem = Problem("cell-key", f"{name} is not set, which --api-key names", f"`export {name}=…` first.")
        raise UserError(problem, exit_code=ExitCode.USAGE)
    return os.environ.get(name or KEY, "")


def _tell(outcome: "Outcome") -> None:
    """Nothing of one that is the same."""
    if outcome.differences:
        mark = click.style("✗", fg="red", bold=True)
        echo(f"{mark} line {outcome.line}: {outcome.asked.method} {outcome.asked.path}")
        rows = [(f"    {each.path}", f"{each.recorded} → {each.answered}") for each in outcome.differences]
        for line in columns(rows, wraps=True):
            echo(line)
    elif outcome.skipped:
        echo(f"- line {outcome.line}: {outcome.asked.method} {outcome.asked.path}: left out, {outcome.skipped}")


def _tell_end(outcomes: "list[Outcome]", recorded: "Recording", url: str, *, as_json: bool) -> None:
    differing = sum(bool(each.differences) for each in outcomes)
    skipped = sum(bool(each.skipped) for each in outcomes)
    same = len(outcomes) - differing - skipped
    if as_json:
        told = {"to": url, "same": same, "differing": differing, "skipped": skipped}
        torn = recorded.torn.line if recorded.torn else None
        print_json({**told, "torn": torn, "exchanges": [_as_json(each) for each in outcomes]})
        return
    left_out = f", {skipped} left out" if skipped else ""
    echo(f"{same} answers of {url} are as recorded, {differing} differ{left_out}.")
    if recorded.torn:
        echo(f"{recorded.torn}: this line was not written whole, as after a kill; it was left out.", err=True)


def _as_json(outcome: "Outcome") -> dict[str, Any]:
    found = [
        {"path": each.path, "recorded": each.recorded, "answered": each.answered} for each in outcome.differences
    ]
    about = {"line": outcome.line, "method": outcome.asked.method, "path": outcome.asked.path}
    return {**about, "skipped": outcome.skipped or None, "differences": found}
