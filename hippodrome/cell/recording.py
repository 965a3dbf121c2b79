"""A recording on disk: whole lines appended by one process, read back with what a kill has torn off told."""

import fcntl
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from hippodrome.cell.exchange import Exchange, exchange_of, line_of
from hippodrome.errors import ExitCode, Place, Problem, UserError

START = b'{"version":'
MOST = 10  # mistakes that are told of one file
HINT = "`hd cell record FILE` writes such files; docs/cell-record.md describes them."


@dataclass(frozen=True)
class Recording:
    """`exchanges` with the line that each stands on; `torn` is the last line, where it was not written whole."""

    exchanges: tuple[tuple[int, Exchange], ...]
    torn: Place | None = None


class Writer:
    """Appends to a file that is this user's alone (0600). A line is one write, so a kill tears the last at most."""

    def __init__(self, path: Path) -> None:
        """Goes on with a recording that is there, a torn last line cut off. Raises UserError for any other file."""
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise _unusable(path, error) from error
        try:
            self._go_on(path)
        except BaseException:
            os.close(self._descriptor)
            raise
        self.count = 0

    def _go_on(self, path: Path) -> None:
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            raise UserError(Problem("cell-file", "it is no file to write to", "Name another.", Place(str(path))))
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            problem = Problem(
                "cell-file", "another `hd cell record` writes it", "Name another file.", Place(str(path))
            )
            raise UserError(problem, exit_code=ExitCode.CONFLICT) from error
        if os.fstat(self._descriptor).st_size:
            text, is_torn = path.read_bytes(), read(path).torn
            if is_torn:
                os.ftruncate(self._descriptor, text.rfind(b"\n") + 1)
            elif not text.endswith(b"\n"):
                os.write(self._descriptor, b"\n")
        os.fchmod(self._descriptor, 0o600)

    def write(self, exchange: Exchange) -> None:
        """In the file when this returns: it outlives the process."""
        line = memoryview(line_of(exchange).encode())
        while line:
            line = line[os.write(self._descriptor, line) :]
        self.count += 1

    def close(self) -> None:
        os.close(self._descriptor)


def read(path: Path) -> Recording:
    """All of it. Raises UserError with every line that is wrong; a torn last one is none."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise _unusable(path, error) from error
    found, problems, torn = list[tuple[int, Exchange]](), list[Problem](), None
    for number, line in enumerate(lines, 1):
        place, told = Place(str(path), number), _read(line) if line.strip() else None
        if isinstance(told, Exchange):
            found.append((number, told))
        elif told and number == len(lines) and _is_cut(line):
            torn = place
        elif told:
            problems.append(Problem("cell-file", told, HINT, place))
    if problems:
        raise UserError(*problems[:MOST])
    return Recording(tuple(found), torn)


def read_some(path: Path) -> Recording:
    """The same, of one that has something to ask again: else UserError too."""
    found = read(path)
    if not found.exchanges:
        raise UserError(Problem("cell-file", "there is no whole exchange in it", HINT, Place(str(path))))
    return found


def _read(line: bytes) -> Exchange | str:
    try:
        return exchange_of(json.loads(line))
    except UnicodeDecodeError:
        return "this is not UTF-8"
    except RecursionError:
        return "this is nested too deep"
    except ValueError as error:
        return f"this is not JSON: {error}"


def _is_cut(line: bytes) -> bool:
    """Whether it is the beginning of a line as they are written."""
    try:
        json.loads(line)
    except ValueError:
        return START.startswith(line[: len(START)])
    return False


def _unusable(path: Path, error: OSError) -> UserError:
    return UserError(Problem("cell-file", f"it cannot be used: {error.strerror}", HINT, Place(str(path))))
