"""Starts the dashboard, also by path and from a checkout that is not installed."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)

from hippodrome.dashboard.run import main  # noqa: E402 - can be found only now

if __name__ == "__main__":
    main()
