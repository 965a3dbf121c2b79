#!/usr/bin/env python3
"""A door to `hd events validate`: `python3 scripts/validate_eventbridge.py --table-prefix P [--verbose]`."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    hd = str(Path(__file__).resolve().parent.parent / "hd")
    os.execv(hd, [hd, "events", "validate", *sys.argv[1:]])
