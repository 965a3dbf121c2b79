"""Which folder is the project root, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hippodrome.errors import ExitCode, Problem, UserError

FILE = "hippodrome.yaml"
VARIABLE = "HIPPODROME_PROJECT_ROOT"


@dataclass(frozen=True)
class ProjectRoot:
    """`why` says how it was found, for a person."""

    path: Path
    why: str


def find_project_root(start: Path, explicit: Path | None, environ: Mapping[str, str]) -> ProjectRoot:
    """The folder named, else the nearest upwards with a hippodrome.yaml, else with .git, else `start`.

    Raises UserError when a folder that was named is not there.
    """
    if explicit is not None:
        return _named(start / explicit, "--project-root")
    if named := environ.get(VARIABLE):
        return _named(start / Path(named).expanduser(), VARIABLE)
    folders = (start.resolve(), *start.resolve().parents)
    for mark, why in ((FILE, f"has {FILE}"), (".git", "the git checkout")):
        if found := next((folder for folder in folders if (folder / mark).exists()), None):
            return ProjectRoot(found, why)
    return ProjectRoot(folders[0], "the current folder")


def _named(folder: Path, by: str) -> ProjectRoot:
    if not folder.is_dir():
        problem = Problem("no-project-root", f"{folder} is not a folder", f"It was named by {by}.")
        raise UserError(problem, exit_code=ExitCode.USAGE)
    return ProjectRoot(folder.resolve(), f"named by {by}")
