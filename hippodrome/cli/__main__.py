"""Runs `hd` from a checkout, by path: its own root comes first on the import path, the caller's folder never."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)

from hippodrome.cli.main import entry  # noqa: E402  the path must be right first

entry()
