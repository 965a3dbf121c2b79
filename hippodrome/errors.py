"""What is said to a person when something is wrong: places, problems, exit codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit status tells; documented in docs/cli.md."""

    OK = 0
    FAILED = 1  # what was asked for is not so: a service failed, a check did not pass
    USAGE = 2  # flags or names that do not exist
    CONFIGURATION = 3
    NOT_RUNNING = 4
    TIMED_OUT = 5
    SETUP_FAILED = 6
    CONFLICT = 7  # a port, lock or folder belongs to something else
    BUG = 70  # EX_SOFTWARE of sysexits.h
    INTERRUPTED = 130  # 128 + SIGINT, as shells count


@dataclass(frozen=True, order=True)
class Place:
    """Where a value stands. `line` and `column` count from 1; 0 means that the file has none (environment, flags)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `code` is kebab-case, stable, and an anchor in docs/errors.md."""

    code: str
    what: str
    hint: str
    place: Place | None = None

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.what} [{self.code}]" + (f"\n  hint: {self.hint}" if self.hint else "")


class UserError(Exception):
    """Problems that a person can mend; the command line prints them and exits with `exit_code`."""

    def __init__(self, *problems: Problem, exit_code: ExitCode = ExitCode.CONFIGURATION) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.place or Place("")))
        self.exit_code = exit_code
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint naming the known word closest to `name`, or all of them when none is close."""
    from difflib import get_close_matches  # 4 ms that only a mistake should cost

    words = sorted(known)
    if close := get_close_matches(name, words, n=1):
        return f"Did you mean `{close[0]}`?"
    return f"Known: {', '.join(f'`{word}`' for word in words)}." if words else ""
