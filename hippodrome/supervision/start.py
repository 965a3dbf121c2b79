"""Starts supervisord for an instance. Run by path with `python -I`, as the warden's child: `start.py RUN_DIR`.

It loads what supervisord needs and then waits for a line on standard input, so that this goes on while `hd`
compiles; the end of that input without a line means that nothing is to be started.
"""

import json
import os
import sys
from pathlib import Path

PACKAGE_ROOT = str(Path(__file__).resolve().parent.parent.parent)
if PACKAGE_ROOT not in sys.path:
    sys.path.insert(0, PACKAGE_ROOT)

from supervisor import supervisord  # noqa: E402  the path must be right first

import hippodrome.supervision.plugin  # noqa: E402, F401  loaded early, for this is when there is time
from hippodrome.plan.layout import STACK_ID  # noqa: E402


def main() -> None:
    run_dir = Path(sys.argv[1])
    if not sys.stdin.readline():
        return
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    record = json.loads((run_dir / "instance.json").read_text(encoding="utf-8"))
    os.environ.clear()
    os.environ.update(record["frozen"]["base"] | {STACK_ID: record["stack_id"]})
    supervisord.main(["-n", "-c", str(run_dir / "supervisord.conf")])


if __name__ == "__main__":
    main()
    os._exit(0)  # the interpreter's own end gives signals their deadly defaults back, and an alarm may still be set
