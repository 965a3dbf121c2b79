"""Runs `hd` from a checkout, by path: its own root comes first on the import path, this folder never."""

import os
import sys

here = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 - pathlib takes 12 ms, a fifth of `hd --help`
root = os.path.dirname(os.path.dirname(here))  # noqa: PTH120
sys.path[:] = [root, *(folder for folder in sys.path if folder != here)]

from hippodrome.cli.main import entry  # noqa: E402  the path must be right first

entry()
