"""Runs `hd` from a checkout, by path: its own root comes first on the import path, this folder never."""

import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path[:] = [str(here.parent.parent), *(folder for folder in sys.path if folder != str(here))]

from hippodrome.cli.main import entry  # noqa: E402  the path must be right first

entry()
