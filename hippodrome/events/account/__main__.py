"""Starts the program, also by path and from a checkout that is not installed."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# This folder's own modules are to be found as parts of the package alone, never as `names` or `status`.
sys.path[:] = [str(HERE.parents[2]), *(entry for entry in sys.path if Path(entry).resolve() != HERE)]

from hippodrome.events.account.run import main  # noqa: E402 - can be found only now

if __name__ == "__main__":
    main()
